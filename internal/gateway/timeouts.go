package gateway

import (
	"context"
	"errors"
	"io"
	"time"
)

var (
	errFirst = errors.New("the answer did not begin in time")
	errIdle  = errors.New("the stream stood still for too long")
	errTotal = errors.New("the call took too long")
)

// timeouts bounds the wait for an answer's beginning, and between the pieces of
// a stream.
type timeouts struct {
	next Doer
	t    Timeouts
}

func (d timeouts) Do(ctx context.Context, c *Call) (*Reply, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	first := time.AfterFunc(d.t.FirstByte, func() { cancel(errFirst) })
	rep, err := d.next.Do(ctx, c)
	first.Stop()
	if err != nil {
		err = cause(ctx, err)
		cancel(nil)
		return nil, err
	}
	inner := rep.Body
	idle := time.AfterFunc(d.t.Idle, func() { cancel(errIdle) })
	rep.Body = body{func(p []byte) (int, error) {
		idle.Reset(d.t.Idle)
		n, err := inner.Read(p)
		if err != nil && err != io.EOF {
			err = cause(ctx, err)
		}
		return n, err
	}, func() error {
		idle.Stop()
		err := inner.Close()
		cancel(nil)
		return err
	}}
	return rep, nil
}

// cause is why ctx ended, where that is what err is about.
func cause(ctx context.Context, err error) error {
	if why := context.Cause(ctx); why != nil {
		return why
	}
	return err
}
