package fetch

import (
	"context"
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

// Fetch reads the package of that name.
func (f *Fetcher) Fetch(ctx context.Context, name string) ([]byte, error) {
	data, err := f.Source.Read(ctx, name)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		f.stats.Failed++
		return nil, fmt.Errorf("fetch %s: %w", name, err)
	}
	f.stats.Fetched++
	return data, nil
}
