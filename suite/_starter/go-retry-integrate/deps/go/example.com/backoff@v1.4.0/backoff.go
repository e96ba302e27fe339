// Package backoff tries an operation again, with growing pauses, until it
// succeeds, says that trying is useless, or has been tried often enough.
package backoff

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Policy says how often and how fast to try. Attempts and Base must be set.
type Policy struct {
	Attempts int           // tries in all, the first included; below 1 counts as 1
	Base     time.Duration // pause after the first failed try
	Factor   float64       // each pause is the last one times Factor; 0 counts as 2
	Cap      time.Duration // longest pause of the growing kind; 0: no cap

	// Sleep pauses for d, or less if ctx ends, and then returns ctx's error.
	// nil means a real pause.
	Sleep func(ctx context.Context, d time.Duration) error
}

// GaveUp is returned by Do, as a pointer, when the last attempt failed too.
// It unwraps to the last error.
type GaveUp struct {
	Attempts int
	Last     error
}

func (g *GaveUp) Error() string {
	return fmt.Sprintf("gave up after %d attempts: %v", g.Attempts, g.Last)
}

// Unwrap returns the error of the last attempt.
func (g *GaveUp) Unwrap() error { return g.Last }

type stop struct{ err error }

func (s *stop) Error() string { return s.err.Error() }
func (s *stop) Unwrap() error { return s.err }

// Stop marks err so that Do tries no further and returns err itself. It is nil
// if err is.
func Stop(err error) error {
	if err == nil {
		return nil
	}
	return &stop{err}
}

type after struct {
	err   error
	pause time.Duration
}

func (a *after) Error() string { return a.err.Error() }
func (a *after) Unwrap() error { return a.err }

// After marks err so that the next pause is exactly pause, whatever Base, Factor
// and Cap say. The pauses after that one go on as if it had not been. GaveUp
// holds err without the mark. It is nil if err is.
func After(err error, pause time.Duration) error {
	if err == nil {
		return nil
	}
	return &after{err, pause}
}

// Do calls op until it returns nil, an error marked by Stop, or has been called
// p.Attempts times. If ctx ends, Do returns ctx's error without another try.
func (p Policy) Do(ctx context.Context, op func(context.Context) error) error {
	sleep := p.Sleep
	if sleep == nil {
		sleep = pause
	}
	factor := p.Factor
	if factor == 0 {
		factor = 2
	}
	grown := p.Base
	for n := 1; ; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := op(ctx)
		if err == nil {
			return nil
		}
		if s := (*stop)(nil); errors.As(err, &s) {
			return s.err
		}
		wait := grown
		if a := (*after)(nil); errors.As(err, &a) {
			err, wait = a.err, a.pause
		} else {
			if p.Cap > 0 {
				wait = min(wait, p.Cap)
			}
			grown = time.Duration(float64(grown) * factor)
		}
		if n >= p.Attempts {
			return &GaveUp{n, err}
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
