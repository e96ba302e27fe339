// Command subject fetches from sources that answer as a script says.
package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"example.com/mirror/fetch"
)

func main() {
	serve(table{"NewRig": newRig, "Together": together})
}

// rig is a Fetcher on a scripted source, with pauses that are noted, not made.
type rig struct {
	f      *fetch.Fetcher
	script []string
	reads  int
	pauses []string
	cancel context.CancelFunc
}

// Outcome is what one Fetch came to.
type Outcome struct {
	Body     string
	Message  string
	NotFound bool
	Busy     bool
	Canceled bool
	Reads    int
	Pauses   string
}

func newRig(attempts int, maxWait string) *rig {
	r := &rig{f: &fetch.Fetcher{Attempts: attempts}}
	r.f.MaxWait, _ = time.ParseDuration(maxWait)
	r.f.Source = r
	r.f.Sleep = func(ctx context.Context, d time.Duration) error {
		r.pauses = append(r.pauses, d.String())
		return ctx.Err()
	}
	return r
}

// Fetch fetches name from a source that gives the answers of the script one by
// one: "ok BODY", "missing", "busy", "busy DURATION", "broken", "cancel" (ctx
// ends and the source fails), and "end" once the script is used up.
func (r *rig) Fetch(name, script string) Outcome {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r.cancel, r.reads, r.pauses = cancel, 0, nil
	r.script = strings.Split(script, ", ")
	if r.script[0] == "canceled before" {
		cancel()
	}
	data, err := r.f.Fetch(ctx, name)
	o := Outcome{Body: string(data), Reads: r.reads, Pauses: strings.Join(r.pauses, " ")}
	if err != nil {
		var busy *fetch.Busy
		o.Message = err.Error()
		o.NotFound = errors.Is(err, fetch.ErrNotFound)
		o.Busy = errors.As(err, &busy)
		o.Canceled = errors.Is(err, context.Canceled)
	}
	return o
}

func (r *rig) Read(_ context.Context, name string) ([]byte, error) {
	r.reads++
	step := "end"
	if len(r.script) > 0 {
		step, r.script = r.script[0], r.script[1:]
	}
	verb, rest, _ := strings.Cut(step, " ")
	switch verb {
	case "ok":
		return []byte(rest), nil
	case "missing":
		return nil, fmt.Errorf("%s: %w", name, fetch.ErrNotFound)
	case "busy":
		d, _ := time.ParseDuration(rest)
		return nil, fmt.Errorf("%s: %w", name, &fetch.Busy{RetryAfter: d})
	case "cancel":
		r.cancel()
	}
	return nil, errors.New("source: " + step)
}

func (r *rig) Stats() fetch.Stats { return r.f.Stats() }

// flaky fails the first read of every package.
type flaky struct {
	mu   sync.Mutex
	seen map[string]bool
}

func (s *flaky) Read(_ context.Context, name string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.seen[name] {
		s.seen[name] = true
		return nil, errors.New("first read")
	}
	return []byte("body of " + name), nil
}

// together fetches n packages at once and returns the right bodies and the stats.
func together(n int) (int, fetch.Stats) {
	f := &fetch.Fetcher{
		Source:   &flaky{seen: map[string]bool{}},
		Attempts: 3,
		Sleep:    func(context.Context, time.Duration) error { return nil },
	}
	ok := make([]bool, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			name := strconv.Itoa(i)
			data, err := f.Fetch(context.Background(), name)
			ok[i] = err == nil && string(data) == "body of "+name
		}()
	}
	wg.Wait()
	right := 0
	for _, b := range ok {
		if b {
			right++
		}
	}
	return right, f.Stats()
}
