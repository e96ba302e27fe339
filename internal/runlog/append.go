package runlog

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"metr/internal/task"
)

// group is the records that become durable together.
type group struct {
	lines [][]byte
	done  chan struct{}
	err   error // valid once done is closed
}

// Append adds one record and returns once it is durable. Appends that run at
// the same time share one object. After an error the record may or may not be
// in the log, and appending it again does no harm; a cancelled ctx ends the
// wait, not the write.
func (l *Log) Append(ctx context.Context, a task.Attempt) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if a.Task == "" || a.Agent == "" || a.Epoch < 1 {
		return fmt.Errorf("run log %s: attempt %+v: a record needs task, agent and an epoch from 1", l.place.name, a.Key())
	}
	body, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("run log %s: attempt %+v: %w", l.place.name, a.Key(), err)
	}
	if len(body) > maxLine-64 {
		return fmt.Errorf("run log %s: attempt %+v: the record has %d bytes, at most %d are allowed; keep the rest in a blob", l.place.name, a.Key(), len(body), maxLine-64)
	}
	line := encodeRecord(body)

	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return ErrClosed
	}
	if l.pending == nil {
		l.pending = &group{done: make(chan struct{})}
	}
	g := l.pending
	g.lines = append(g.lines, line)
	if !l.committing {
		l.committing = true
		go l.commit(context.WithoutCancel(ctx))
	}
	l.mu.Unlock()

	select {
	case <-g.done:
		return g.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// gather is how long a group that follows another waits for more records.
const gather = 25 * time.Millisecond

// commit writes group after group until none is waiting.
func (l *Log) commit(ctx context.Context) {
	for n := 0; ; n++ {
		l.mu.Lock()
		more := l.pending != nil && n > 0 && !l.closed
		l.mu.Unlock()
		if more {
			time.Sleep(gather)
		}
		l.mu.Lock()
		g := l.pending
		l.pending = nil
		if g == nil {
			l.committing = false
			l.idle.Broadcast()
			l.mu.Unlock()
			return
		}
		l.mu.Unlock()

		g.err = l.writeGroup(ctx, g.lines)
		close(g.done)
		if l.writer.next > 0 && l.writer.next%mergeEvery == 0 {
			// A failure shows again, and is reported, at Close.
			_ = l.compactWriter(ctx, l.writer.id)
		}
	}
}

// writer is the identity under which a Log writes segments.
type writer struct {
	id   string // "" until the first write and after a failed one
	next int    // sequence number of the next segment
	used []string
}

// writeGroup writes lines as the writer's next segment. A write that failed may
// still have happened, and its number must not be used for something else: the
// next group goes on under a new identity.
func (l *Log) writeGroup(ctx context.Context, lines [][]byte) error {
	if l.writer.id == "" {
		id, err := l.newWriter(ctx)
		if err != nil {
			return err
		}
		l.writer.id, l.writer.next = id, 0
		l.writer.used = append(l.writer.used, id)
	}
	s := segment{writer: l.writer.id, first: l.writer.next, last: l.writer.next}
	err := l.place.write(ctx, s.key(), true, func(w io.Writer) error {
		sw, err := newSegmentWriter(w, s)
		if err != nil {
			return err
		}
		for _, line := range lines {
			if err := sw.record(line); err != nil {
				return err
			}
		}
		return sw.seal()
	})
	if err != nil {
		l.writer.id, l.writer.next = "", 0
		return err
	}
	l.writer.next++
	return nil
}

// newWriter makes up a name that nobody else has and that sorts after all
// writers already in the log, whatever the clock says: the order of writers
// decides which of two records is the later.
func (l *Log) newWriter(ctx context.Context) (string, error) {
	now := l.now()
	if err := l.place.clean(now); err != nil {
		return "", err
	}
	stamp, err := strconv.ParseUint(now.UTC().Format("20060102150405")+fmt.Sprintf("%03d", now.Nanosecond()/int(time.Millisecond)), 10, 64)
	if err != nil {
		return "", fmt.Errorf("run log %s: the clock says %v: %w", l.place.name, now, err)
	}
	objects, err := l.place.list(ctx, segmentDir)
	if err != nil {
		return "", err
	}
	for _, o := range objects {
		if s, ok := parseSegment(o); ok {
			old, err := strconv.ParseUint(s.writer[:17], 10, 64)
			if err == nil && old >= stamp {
				stamp = old + 1
			}
		}
	}
	var random [4]byte
	rand.Read(random[:])
	return fmt.Sprintf("%017d-%x", stamp, random), nil
}
