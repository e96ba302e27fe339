package gateway

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
)

// recorder keeps what agents asked and what came back, so that a run can be
// replayed without network. What the gateway refused, what failed, and answers
// that were not read to their end are not kept.
type recorder struct {
	next  Doer
	tape  *Tape
	scrub *scrubber
}

// record puts a recorder before next, where there is a tape.
func record(next Doer, t *Tape, s *scrubber) Doer {
	if t == nil {
		return next
	}
	return recorder{next, t, s}
}

// tapeKey finds a call in recordings.
func (c *Call) tapeKey() (text []byte, key string, n int, err error) {
	if c.taped.key == "" {
		text, key, err := normal(c.Protocol, c.Method, c.Body)
		if err != nil {
			return nil, "", 0, err
		}
		c.taped.text, c.taped.key, c.taped.n = text, key, c.Attempt.again(key)
	}
	return c.taped.text, c.taped.key, c.taped.n, nil
}

func (d recorder) Do(ctx context.Context, c *Call) (*Reply, error) {
	text, key, n, err := c.tapeKey()
	if err != nil {
		return nil, err
	}
	rep, err := d.next.Do(ctx, c)
	if err != nil || rep.Refused != "" || !rep.ok() && rep.Status != http.StatusBadRequest {
		return rep, err
	}
	t := Taped{
		Scope: c.Attempt.spec.Scope, Key: key, N: n, Model: c.Attempt.spec.Model.String(), Protocol: string(c.Protocol), Stream: c.Stream,
		Request: d.scrub.bytes(text), Status: rep.Status, Type: rep.Header.Get("Content-Type"),
	}
	var kept bytes.Buffer
	ended := false
	limit := int(c.Attempt.gate.cfg.Limits.Answer)
	inner := rep.Body
	read := func(p []byte) (int, error) {
		n, err := inner.Read(p)
		if kept.Len()+n <= limit {
			kept.Write(p[:n])
		}
		ended = ended || err != nil
		return n, err
	}
	rep.Body = body{read, func() error {
		// A client may go once it has the last event, before the end of what
		// comes with it.
		for p := make([]byte, 512); !ended && rep.Reading.Complete; {
			_, _ = read(p)
		}
		if r := rep.Reading; r.Complete && r.Failed == "" && kept.Len() < limit {
			if err := d.tape.put(t, kept.Bytes(), d.scrub); err != nil {
				c.note(Leak, err.Error())
			}
		}
		return inner.Close()
	}}
	return rep, nil
}

// replay answers from a recording. What the recording does not hold is a clear
// error, or goes on to miss where there is one.
type replay struct {
	tape *Tape
	miss Doer
}

var errMiss = errors.New("the recording does not hold this call")

func (d replay) Do(ctx context.Context, c *Call) (*Reply, error) {
	_, key, n, err := c.tapeKey()
	if err != nil {
		return nil, err
	}
	t, ok := d.tape.get(c.Attempt.spec.Scope, key, n)
	switch {
	case ok:
		c.tries = 1
		h := http.Header{}
		if t.Type != "" {
			h.Set("Content-Type", t.Type)
		}
		return &Reply{Status: t.Status, Header: h, Body: io.NopCloser(bytes.NewReader(t.body())), Replayed: true}, nil
	case d.miss != nil:
		return d.miss.Do(ctx, c)
	}
	f := &refusal{http.StatusNotFound, RefusedReplay, errMiss.Error() + " (scope " + c.Attempt.spec.Scope + ", request " + key[:12] + "): the agent asked something else than when it was recorded; record it again, or run without the recording"}
	return f.reply(c.Protocol), nil
}
