package fetch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Fetcher reads packages. Set its fields before the first Fetch. It is safe for
// use by several goroutines.
type Fetcher struct {
	Source   Source
	Attempts int           // tries for one package, the first included; below 1 counts as 1
	MaxWait  time.Duration // longest pause that a busy server may ask for; 0: any

	// Sleep pauses between tries; nil means a real pause.
	Sleep func(ctx context.Context, d time.Duration) error

	mu    sync.Mutex
	stats Stats
}

// Stats counts what a Fetcher did since it was made.
type Stats struct {
	Fetched int // packages that were read
	Failed  int // packages that were not
	Retries int // reads of a source after the first one for a package
}

// Stats returns the counts so far.
func (f *Fetcher) Stats() Stats {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stats
}

// Fetch reads the package of that name, again if that may help.
func (f *Fetcher) Fetch(ctx context.Context, name string) ([]byte, error) {
	data, reads, err := f.read(ctx, name)

	f.mu.Lock()
	defer f.mu.Unlock()
	f.stats.Retries += max(reads-1, 0)
	if err != nil {
		f.stats.Failed++
		return nil, fmt.Errorf("fetch %s: %w", name, err)
	}
	f.stats.Fetched++
	return data, nil
}

func (f *Fetcher) read(ctx context.Context, name string) (data []byte, reads int, err error) {
	sleep := f.Sleep
	if sleep == nil {
		sleep = pause
	}
	grown := 100 * time.Millisecond
	for {
		if err := ctx.Err(); err != nil {
			return nil, reads, err
		}
		data, err = f.Source.Read(ctx, name)
		reads++
		if err == nil || errors.Is(err, ErrNotFound) {
			return data, reads, err
		}
		wait := grown
		var busy *Busy
		if errors.As(err, &busy) && busy.RetryAfter > 0 {
			if wait = busy.RetryAfter; f.MaxWait > 0 && wait > f.MaxWait {
				return nil, reads, err
			}
		} else {
			grown = min(2*grown, time.Second)
		}
		if reads >= f.Attempts {
			return nil, reads, err
		}
		if err := sleep(ctx, wait); err != nil {
			return nil, reads, err
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
