package fetch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
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

// Fetch reads the package of that name until it succeeds or cannot.
func (f *Fetcher) Fetch(ctx context.Context, name string) ([]byte, error) {
	var p backoff.Policy
	p.Attempts = f.Attempts
	p.Base = time.Second / 10
	p.Cap = time.Second
	p.Sleep = f.Sleep

	r := reader{source: f.Source, name: name, maxWait: f.MaxWait}
	err := p.Do(ctx, r.read)
	f.count(int(r.reads.Load()), err == nil)
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", name, last(err))
	}
	return r.data, nil
}

// last takes off the library's own layer.
func last(err error) error {
	var g *backoff.GaveUp
	if errors.As(err, &g) {
		return g.Last
	}
	return err
}

func (f *Fetcher) count(reads int, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if reads > 1 {
		f.stats.Retries += reads - 1
	}
	if ok {
		f.stats.Fetched++
	} else {
		f.stats.Failed++
	}
}

// reader reads one package and keeps what it got.
type reader struct {
	source  Source
	name    string
	maxWait time.Duration
	reads   atomic.Int32
	data    []byte
}

func (r *reader) read(ctx context.Context) (err error) {
	r.reads.Add(1)
	r.data, err = r.source.Read(ctx, r.name)
	busy := new(Busy)
	switch {
	case errors.Is(err, ErrNotFound):
		return backoff.Stop(err)
	case errors.As(err, &busy) && busy.RetryAfter > 0:
		if r.maxWait > 0 && busy.RetryAfter > r.maxWait {
			return backoff.Stop(err)
		}
		return backoff.After(err, busy.RetryAfter)
	}
	return err
}
