package gateway

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/tidwall/gjson"
)

// meter reads in an answer what it used, while it passes. Of an answer that is
// not streamed, which is here already, it makes sure that it is JSON.
type meter struct{ next Doer }

var errNoJSON = errors.New("the answer is no JSON")

func (d meter) Do(ctx context.Context, c *Call) (*Reply, error) {
	rep, err := d.next.Do(ctx, c)
	if err != nil || rep.Refused != "" || rep.Reading != nil { // refused, or read already
		return rep, err
	}
	r := &Reading{}
	rep.Reading = r
	if !rep.ok() {
		r.Complete = true
		return rep, nil
	}
	if !c.Stream {
		b, err := io.ReadAll(rep.Body)
		_ = rep.Body.Close()
		if err != nil {
			return nil, err
		}
		if !gjson.ValidBytes(b) || !gjson.ParseBytes(b).IsObject() {
			return nil, errNoJSON
		}
		if !c.Counting {
			r.take(c.Protocol, b, false)
		}
		r.Complete, r.Bytes = true, int64(len(b))
		rep.Body = io.NopCloser(bytes.NewReader(b))
		return rep, nil
	}
	inner := rep.Body
	var e events
	rep.Body = counted(inner, r, func(p []byte) {
		e.feed(p, func(data []byte) {
			r.Events++
			r.take(c.Protocol, data, true)
		})
	})
	return rep, nil
}

// counted passes a stream on and shows each piece.
func counted(inner io.ReadCloser, r *Reading, show func([]byte)) io.ReadCloser {
	return body{func(p []byte) (int, error) {
		n, err := inner.Read(p)
		r.Bytes += int64(n)
		show(p[:n])
		if err == io.EOF && r.Failed != "" {
			err = errors.New(r.Failed)
		}
		return n, err
	}, inner.Close}
}
