// Package backoff tries an operation again, with growing pauses.
package backoff

import (
	"context"
	"errors"
	"time"
)

type permanent struct{ err error }

func (p *permanent) Error() string { return "permanent: " + p.err.Error() }
func (p *permanent) Unwrap() error { return p.err }

// Permanent marks err so that Retry tries no further.
func Permanent(err error) error { return &permanent{err} }

// Retry calls op, and up to retries times more as long as it fails. The first
// pause is base; each further one is twice the last.
func Retry(ctx context.Context, retries int, base time.Duration, op func() error) error {
	for n := 0; ; n++ {
		err := op()
		if err == nil {
			return nil
		}
		if p := (*permanent)(nil); errors.As(err, &p) || n >= retries {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(base << n):
		}
	}
}
