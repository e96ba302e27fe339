package fetch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"example.com/backoff"
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

// Fetch reads the package of that name, again if that may help: Attempts times at
// most, with growing pauses or the ones that the server asks for.
func (f *Fetcher) Fetch(ctx context.Context, name string) ([]byte, error) {
	policy := backoff.Policy{
		Attempts: f.Attempts,
		Base:     100 * time.Millisecond,
		Factor:   2,
		Cap:      time.Second,
		Sleep:    f.Sleep,
	}
	var data []byte
	reads := 0
	err := policy.Do(ctx, func(ctx context.Context) error {
		reads++
		var err error
		data, err = f.Source.Read(ctx, name)
		return f.mark(err)
	})

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

// mark tells backoff what err means: useless to go on, or when to come again.
func (f *Fetcher) mark(err error) error {
	if errors.Is(err, ErrNotFound) {
		return backoff.Stop(err)
	}
	var busy *Busy
	if !errors.As(err, &busy) || busy.RetryAfter <= 0 {
		return err
	}
	wait := busy.RetryAfter
	if f.MaxWait > 0 {
		wait = min(wait, f.MaxWait)
	}
	return backoff.After(err, wait)
}
