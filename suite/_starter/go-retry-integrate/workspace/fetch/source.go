// Package fetch reads packages from a server that is often busy.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrNotFound is wrapped by a Source's error for a package that does not exist.
var ErrNotFound = errors.New("no such package")

// Busy is returned, as a pointer, by a Source that has no time.
type Busy struct {
	RetryAfter time.Duration // when to come again; 0: the server did not say
}

func (b *Busy) Error() string {
	if b.RetryAfter == 0 {
		return "server is busy"
	}
	return fmt.Sprintf("server is busy, come again in %v", b.RetryAfter)
}

// Source reads one package. Errors other than ErrNotFound may go away.
type Source interface {
	Read(ctx context.Context, name string) ([]byte, error)
}
