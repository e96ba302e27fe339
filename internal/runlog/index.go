package runlog

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"metr/internal/task"
)

// position is where a record stands: which of an index's segments, which line.
type position struct{ segment, line int32 }

func (p position) compare(q position) int {
	return cmp.Or(cmp.Compare(p.segment, q.segment), cmp.Compare(p.line, q.line))
}

type entry struct {
	position
	outcome task.Outcome
}

// index is the first pass over a log: which record counts for each key.
type index struct {
	segments []segment // those that were read, in order
	keys     map[task.Key]entry
	warnings []Warning
}

// errMoved says that a segment went away between listing and reading, as one
// does when another process merges.
var errMoved = errors.New("a segment went away while the log was read")

// retries is how often a reading starts again because the log moved under it.
const retries = 5

// index reads and verifies the whole log.
func (l *Log) index(ctx context.Context) (*index, error) {
	var err error
	for range retries {
		x := &index{keys: make(map[task.Key]entry)}
		if err = l.fill(ctx, x); err == nil {
			l.mu.Lock()
			l.warnings = x.warnings
			l.mu.Unlock()
			return x, nil
		}
		// A listing beside a living writer can miss one file and show a later
		// one, so a hole is looked at again too.
		var hole *holeError
		if !errors.Is(err, errMoved) && !errors.As(err, &hole) {
			return nil, err
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	var hole *holeError
	if errors.As(err, &hole) {
		return nil, &CorruptError{Place: l.place.name, Object: hole.missing.key(), Why: "the segment is missing, though later ones of its writer are there"}
	}
	return nil, fmt.Errorf("run log %s: %w", l.place.name, err)
}

type holeError struct{ missing segment }

func (e *holeError) Error() string { return e.missing.key() + " is missing" }

// segments lists the log's segments by writer; within a writer by what they
// begin with, merged ones before their parts.
func (l *Log) segments(ctx context.Context, prefix string) (out []segment, foreign []string, err error) {
	objects, err := l.place.list(ctx, segmentDir+prefix)
	if err != nil {
		return nil, nil, err
	}
	for _, o := range objects {
		if s, ok := parseSegment(o); ok {
			out = append(out, s)
		} else {
			foreign = append(foreign, o.key)
		}
	}
	slices.SortFunc(out, func(a, b segment) int {
		return cmp.Or(strings.Compare(a.writer, b.writer), cmp.Compare(a.first, b.first), cmp.Compare(b.last, a.last))
	})
	return out, foreign, nil
}

func (l *Log) fill(ctx context.Context, x *index) error {
	all, foreign, err := l.segments(ctx, "")
	if err != nil {
		return err
	}
	for _, name := range foreign {
		x.warnings = append(x.warnings, Warning{Object: name, Message: "not a segment's name; the file is ignored"})
	}
	names := make(map[string]string) // tasks and agents recur: one string each
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].writer == all[0].writer {
			n++
		}
		if err := l.fillWriter(ctx, x, all[:n], names); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

// fillWriter reads the segments of one writer. Whole segments must follow one
// another without a hole; what a whole one covers is not read again; and only
// the last may break off.
func (l *Log) fillWriter(ctx context.Context, x *index, group []segment, names map[string]string) error {
	end := 0 // whole up to here, exclusive
	last := slices.MaxFunc(group, func(a, b segment) int { return cmp.Compare(a.last, b.last) }).last
	var torn *Warning // the writer's last segment, should its parts not be there
	var broken error  // a merge that must have its parts beside it
	for _, s := range group {
		if s.last < end {
			continue
		}
		if s.first > end && torn == nil {
			if broken != nil {
				return broken
			}
			return &holeError{segment{writer: s.writer, first: end, last: end}}
		}
		n := int32(len(x.segments))
		x.segments = append(x.segments, s)
		err := l.scan(ctx, s, func(line int, body []byte) error {
			return x.add(position{n, int32(line)}, body, names)
		})
		var bad *badLine
		switch {
		case err == nil:
			end = max(end, s.last+1)
		case errors.As(err, &bad) && bad.torn && s.last == last:
			torn = &Warning{s.key(), bad.line, bad.why + "; what followed is not in the log, --resume makes up for it"}
		case errors.As(err, &bad) && bad.torn && s.first < s.last:
			broken = &CorruptError{l.place.name, s.key(), bad.line, bad.why}
		case errors.As(err, &bad):
			return &CorruptError{l.place.name, s.key(), bad.line, bad.why}
		default:
			return err
		}
	}
	if torn != nil && end <= last {
		x.warnings = append(x.warnings, *torn)
	}
	return nil
}

// scan calls f for each record of s. Damage is a *badLine.
func (l *Log) scan(ctx context.Context, s segment, f func(line int, body []byte) error) error {
	r, err := l.place.bucket.NewReader(ctx, s.key(), nil)
	if isNotFound(err) {
		return errMoved
	}
	if err != nil {
		return fmt.Errorf("run log %s: %s: %w", l.place.name, s.key(), err)
	}
	defer r.Close()
	sr := newSegmentReader(r, s)
	for {
		body, err := sr.next()
		if err == io.EOF {
			return nil
		}
		var bad *badLine
		if errors.As(err, &bad) {
			return err
		}
		if err != nil {
			return fmt.Errorf("run log %s: %s: %w", l.place.name, s.key(), err)
		}
		if err := f(sr.line, body); err != nil {
			return err
		}
	}
}

// add notes the record at p if it counts for its key by now.
func (x *index) add(p position, body []byte, names map[string]string) error {
	var r struct {
		Task    string
		Epoch   int
		Agent   string
		Model   string
		Outcome task.Outcome
	}
	if err := json.Unmarshal(body, &r); err != nil {
		return &badLine{int(p.line), false, err.Error()}
	}
	k := task.Key{Agent: intern(names, r.Agent), Model: intern(names, r.Model), Task: intern(names, r.Task), Epoch: r.Epoch}
	old, ok := x.keys[k]
	if !ok || r.Outcome != task.Invalid || old.outcome == task.Invalid {
		x.keys[k] = entry{p, r.Outcome}
	}
	return nil
}

func intern(names map[string]string, s string) string {
	if t, ok := names[s]; ok {
		return t
	}
	names[s] = s
	return s
}
