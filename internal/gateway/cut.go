package gateway

import (
	"context"
	"errors"
)

// cut ends streams that would not end by themselves: by bytes and by events, in
// proportion to the tokens that were asked for. Time is the time-outs' matter.
type cut struct {
	next   Doer
	limits Limits
}

var errEndless = errors.New("the stream was cut: it is longer than what was asked for can be")

func (d cut) Do(ctx context.Context, c *Call) (*Reply, error) {
	rep, err := d.next.Do(ctx, c)
	if err != nil || !c.Stream || rep.Refused != "" || !rep.ok() {
		return rep, err
	}
	tokens := c.control.max
	if tokens == 0 {
		tokens = c.Attempt.spec.MaxOutput * 8
	}
	tokens *= c.control.choices
	// An event is a token or more, but for those that frame them and say that
	// the server still lives.
	maxEvents, maxBytes := 4*tokens+10_000, min(tokens*d.limits.MaxBytes+1<<20, d.limits.Answer)
	inner, r := rep.Body, rep.Reading
	done := false
	rep.Body = body{func(p []byte) (int, error) {
		if done {
			return 0, errEndless
		}
		n, err := inner.Read(p)
		if r.Bytes > maxBytes || r.Events > maxEvents {
			done = true
			c.note(Cut, errEndless.Error())
			return n, errEndless
		}
		return n, err
	}, inner.Close}
	return rep, nil
}
