package runlog

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Log is a run log, open for reading and appending. Its methods are safe for
// concurrent use. Whoever opened it closes it.
type Log struct {
	place    *place
	manifest Manifest
	now      func() time.Time
	zstd     codec

	mu         sync.Mutex
	closed     bool
	pending    *group // records that wait to be written; nil if none
	committing bool
	idle       *sync.Cond // committing became false
	warnings   []Warning  // of the last reading
	blobs      map[string]bool

	writer writer // used by the committing goroutine alone, and by Close after it
}

// Create starts a log at place: a folder's path, file:///path, or the URL of a
// bucket whose driver is linked in. A place that holds anything is refused with
// ErrExists; two processes that create at the same moment in one folder may
// both be let in, so one of them must be the one to create. Schema and, where it
// is zero, Created are filled in.
func Create(ctx context.Context, place string, m Manifest) (*Log, error) {
	p, err := openPlace(ctx, place, true)
	if err != nil {
		return nil, err
	}
	l, err := create(ctx, p, m)
	if err != nil {
		p.bucket.Close()
	}
	return l, err
}

// Open opens the log at place, for reading or for going on with it. Nothing is
// written before the first Append or Put. A log of a newer version is refused
// with a *NewerError, a place without a log with ErrNoLog.
func Open(ctx context.Context, place string) (*Log, error) {
	p, err := openPlace(ctx, place, false)
	if err != nil {
		return nil, err
	}
	l, err := open(ctx, p)
	if err != nil {
		p.bucket.Close()
	}
	return l, err
}

func create(ctx context.Context, p *place, m Manifest) (*Log, error) {
	objects, err := p.list(ctx, "")
	if err != nil {
		return nil, err
	}
	if len(objects) > 0 {
		return nil, fmt.Errorf("run log %s: %s: %w", p.name, objects[0].key, ErrExists)
	}
	m.Schema = Schema
	if m.Created.IsZero() {
		m.Created = time.Now().UTC().Truncate(time.Second)
	}
	data, err := encodeManifest(m)
	if err != nil {
		return nil, err
	}
	// What the caller gets is what a reader will get.
	if m, err = decodeManifest(p.name, data); err != nil {
		return nil, err
	}
	if err := p.writeBytes(ctx, manifestKey, true, data); err != nil {
		return nil, err
	}
	return newLog(p, m), nil
}

func open(ctx context.Context, p *place) (*Log, error) {
	data, err := p.bucket.ReadAll(ctx, manifestKey)
	if isNotFound(err) {
		return nil, fmt.Errorf("run log %s: %w", p.name, ErrNoLog)
	}
	if err != nil {
		return nil, fmt.Errorf("run log %s: %w", p.name, err)
	}
	m, err := decodeManifest(p.name, data)
	if err != nil {
		return nil, err
	}
	return newLog(p, m), nil
}

func newLog(p *place, m Manifest) *Log {
	l := &Log{place: p, manifest: m, now: time.Now, blobs: make(map[string]bool)}
	l.idle = sync.NewCond(&l.mu)
	return l
}

// Manifest is the plan that the log was created with. It must not be changed.
func (l *Log) Manifest() Manifest { return l.manifest }

// Place is where the log lives, as it was given to Create or Open.
func (l *Log) Place() string { return l.place.name }

// Warnings are those of the last reading (Done, Attempts, Canonical): what was
// tolerated and should be shown.
func (l *Log) Warnings() []Warning {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.warnings
}

// Close waits for the Appends under way, merges the small segments that this
// Log wrote and lets go of the place. An error of the merge loses nothing: the
// records stand where they stood. A second Close does nothing.
func (l *Log) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	for l.committing {
		l.idle.Wait()
	}
	l.mu.Unlock()

	var err error
	for _, id := range l.writer.used {
		if e := l.compactWriter(context.Background(), id); e != nil && err == nil {
			err = e
		}
	}
	if e := l.place.bucket.Close(); e != nil && err == nil {
		err = fmt.Errorf("run log %s: close: %w", l.place.name, e)
	}
	return err
}
