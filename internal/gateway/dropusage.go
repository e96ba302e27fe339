package gateway

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/tidwall/gjson"
)

// dropUsage gives agents that did not ask for the usage of a stream the stream
// that they asked for. It stands before the recorder, so that recordings have
// the usage.
type dropUsage struct{ next Doer }

func (d dropUsage) Do(ctx context.Context, c *Call) (*Reply, error) {
	rep, err := d.next.Do(ctx, c)
	if err == nil && c.control.dropUse && rep.ok() && rep.Refused == "" {
		rep.Body = &withoutUsage{from: rep.Body, read: make([]byte, 4<<10)}
	}
	return rep, err
}

// withoutUsage takes the last event of an OpenAI stream out, which holds the
// usage and no choice: it was asked for by the gateway, and clients that did
// not ask for it do not all bear it.
type withoutUsage struct {
	from io.ReadCloser
	read []byte
	part []byte // of an event that is not whole yet
	out  []byte // what may go on
	err  error
}

func (w *withoutUsage) Close() error { return w.from.Close() }

func (w *withoutUsage) Read(p []byte) (int, error) {
	for len(w.out) == 0 {
		if w.err != nil {
			return 0, w.err
		}
		n, err := w.from.Read(w.read)
		w.part = append(w.part, w.read[:n]...)
		w.err = err
		for {
			i, gap := blankLine(w.part)
			if i < 0 {
				break
			}
			w.event(w.part[:i+gap])
			w.part = append(w.part[:0], w.part[i+gap:]...)
		}
		if err != nil || len(w.part) > maxEvent {
			if len(w.part) > maxEvent && err == nil {
				w.err = errors.New("an event of the stream is too long")
			}
			w.out, w.part = append(w.out, w.part...), nil
		}
	}
	n := copy(p, w.out)
	w.out = append(w.out[:0], w.out[n:]...)
	return n, nil
}

func (w *withoutUsage) event(raw []byte) {
	if !bytes.Contains(raw, []byte(`usage`)) {
		w.out = append(w.out, raw...)
		return
	}
	drop := false
	var e events
	e.feed(raw, func(data []byte) {
		doc := gjson.ParseBytes(data)
		drop = doc.Get("usage").IsObject() && doc.Get("choices").IsArray() && len(doc.Get("choices").Array()) == 0
	})
	if !drop {
		w.out = append(w.out, raw...)
	}
}

// blankLine finds the end of an event.
func blankLine(p []byte) (at, length int) {
	lf, crlf := bytes.Index(p, []byte("\n\n")), bytes.Index(p, []byte("\r\n\r\n"))
	if crlf >= 0 && (lf < 0 || crlf < lf) {
		return crlf, 4
	}
	return lf, 2
}
