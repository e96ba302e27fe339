// Package backoff tries an operation again, with growing pauses. Version 2
// builds a Retrier from options.
package backoff

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Retrier tries operations again.
type Retrier struct {
	retries int
	base    time.Duration
	limit   time.Duration
	sleep   func(context.Context, time.Duration) error
}

// Option changes a Retrier.
type Option func(*Retrier)

// WithRetries sets the number of tries after the first.
func WithRetries(n int) Option { return func(r *Retrier) { r.retries = n } }

// WithDelay sets the first pause and the longest one.
func WithDelay(first, longest time.Duration) Option {
	return func(r *Retrier) { r.base, r.limit = first, longest }
}

// WithSleep replaces the real pause.
func WithSleep(f func(context.Context, time.Duration) error) Option {
	return func(r *Retrier) { r.sleep = f }
}

// New returns a Retrier.
func New(opts ...Option) *Retrier {
	r := &Retrier{retries: 3, base: 100 * time.Millisecond, limit: time.Minute, sleep: pause}
	for _, o := range opts {
		o(r)
	}
	return r
}

// Verdict is what an operation thinks of trying again.
type Verdict struct {
	Err   error
	Again bool
	In    time.Duration // pause asked for; 0: the Retrier's
}

// ErrExhausted is wrapped when there are no tries left.
var ErrExhausted = errors.New("no tries left")

// Run calls op until it is content.
func (r *Retrier) Run(ctx context.Context, op func(context.Context) Verdict) error {
	grown := r.base
	for n := 0; ; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		v := op(ctx)
		if v.Err == nil || !v.Again {
			return v.Err
		}
		if n >= r.retries {
			return fmt.Errorf("%w: %w", ErrExhausted, v.Err)
		}
		wait := v.In
		if wait == 0 {
			wait = min(grown, r.limit)
			grown *= 2
		}
		if err := r.sleep(ctx, wait); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
