package runlog

import (
	"context"
	"errors"
	"fmt"
	"io"
)

const (
	// mergeEvery is after how many segments a writer merges while it runs, so
	// that a listing stays short.
	mergeEvery = 256
	// small is up to what size in bytes a segment is worth merging.
	small = 8 << 20
)

// Compact merges the small segments of every writer and removes those that an
// earlier merge, cut off, left behind. It changes nothing of what the log says,
// may be cut off anywhere and run again, and does no harm beside writers and
// readers at work.
func (l *Log) Compact(ctx context.Context) error {
	all, _, err := l.segments(ctx, "")
	if err != nil {
		return err
	}
	for i, s := range all {
		if i == 0 || all[i-1].writer != s.writer {
			if err := l.compactWriter(ctx, s.writer); err != nil {
				return err
			}
		}
	}
	return nil
}

// compactWriter merges runs of small segments of one writer. The merged segment
// is durable before the first of its parts goes.
func (l *Log) compactWriter(ctx context.Context, writer string) error {
	all, _, err := l.segments(ctx, writer+"-")
	if err != nil {
		return err
	}
	for len(all) > 0 {
		run := []segment{all[0]}
		last := all[0].last
		for _, s := range all[1:] {
			// What a merged segment covers goes with it, whatever the sizes.
			covered := s.last <= last
			if !covered && (s.first > last+1 || s.size > small || all[0].size > small) {
				break
			}
			run = append(run, s)
			last = max(last, s.last)
		}
		all = all[len(run):]
		if len(run) == 1 {
			continue
		}
		err := l.merge(ctx, segment{writer: writer, first: run[0].first, last: last}, run)
		if errors.Is(err, errMoved) {
			return nil // another process merges these
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// merge writes to from the records of parts and removes the parts. Parts that
// are covered by another one are not read. A part that breaks off stays, and
// so does what follows it.
func (l *Log) merge(ctx context.Context, to segment, parts []segment) error {
	if whole := parts[0]; whole.first == to.first && whole.last == to.last {
		err := l.scan(ctx, whole, func(int, []byte) error { return nil })
		if err == nil {
			return l.remove(ctx, parts[1:])
		}
		var bad *badLine
		if !errors.As(err, &bad) {
			return err
		}
		if !bad.torn {
			return &CorruptError{l.place.name, whole.key(), bad.line, bad.why}
		}
		return nil // a broken merge: its parts are read in its stead
	}
	var torn *segment
	err := l.place.write(ctx, to.key(), false, func(w io.Writer) error {
		sw, err := newSegmentWriter(w, to)
		if err != nil {
			return err
		}
		end := to.first
		for _, s := range parts {
			if s.last < end {
				continue
			}
			err := l.scan(ctx, s, func(_ int, body []byte) error { return sw.record(encodeRecord(body)) })
			var bad *badLine
			if errors.As(err, &bad) && bad.torn {
				torn = &s
				return err
			}
			if bad != nil {
				return &CorruptError{l.place.name, s.key(), bad.line, bad.why}
			}
			if err != nil {
				return err
			}
			end = s.last + 1
		}
		return sw.seal()
	})
	if torn != nil {
		return nil
	}
	if err != nil {
		return err
	}
	return l.remove(ctx, parts)
}

func (l *Log) remove(ctx context.Context, parts []segment) error {
	for _, s := range parts {
		if err := l.place.bucket.Delete(ctx, s.key()); err != nil && !isNotFound(err) {
			return fmt.Errorf("run log %s: remove %s: %w", l.place.name, s.key(), err)
		}
	}
	return nil
}
