package runlog

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"metr/internal/task"
)

// Done gives the outcome of each attempt that needs no further try: what a
// resume skips. Invalid attempts are not among them.
func (l *Log) Done(ctx context.Context) (map[task.Key]task.Outcome, error) {
	x, err := l.index(ctx)
	if err != nil {
		return nil, err
	}
	out := make(map[task.Key]task.Outcome, len(x.keys))
	for k, e := range x.keys {
		if e.outcome != task.Invalid {
			out[k] = e.outcome
		}
	}
	return out, nil
}

// Attempts gives the record that counts for each key, in the order of the log.
// The whole log is verified before the first one comes. An error is the last
// thing that comes, and then what came before must not be taken for the run.
// What is appended meanwhile may or may not be among them.
func (l *Log) Attempts(ctx context.Context) iter.Seq2[task.Attempt, error] {
	return func(yield func(task.Attempt, error) bool) {
		given := make(map[task.Key]bool) // before the log moved, if it did
		for range retries {
			x, err := l.index(ctx)
			if err != nil {
				yield(task.Attempt{}, err)
				return
			}
			at, err := l.second(ctx, x, given, yield)
			if err == nil {
				return
			}
			if !errors.Is(err, errMoved) {
				yield(task.Attempt{}, err)
				return
			}
			for k, e := range x.keys {
				if e.compare(at) <= 0 {
					given[k] = true
				}
			}
		}
		yield(task.Attempt{}, fmt.Errorf("run log %s: %w", l.place.name, errMoved))
	}
}

// errStop says that the consumer had enough.
var errStop = errors.New("stop")

// second is the second pass: it decodes and yields the records that x counts.
// Where it ends early, at is the last position that was given out.
func (l *Log) second(ctx context.Context, x *index, given map[task.Key]bool, yield func(task.Attempt, error) bool) (at position, err error) {
	todo := make([]position, 0, len(x.keys))
	for _, e := range x.keys {
		todo = append(todo, e.position)
	}
	slices.SortFunc(todo, position.compare)
	at = position{-1, 0}
	for len(todo) > 0 {
		n := todo[0].segment
		s := x.segments[n]
		err := l.scan(ctx, s, func(line int, body []byte) error {
			if len(todo) == 0 || todo[0] != (position{n, int32(line)}) {
				return nil
			}
			var a task.Attempt
			if err := strict(body, &a); err != nil {
				return &badLine{line, false, err.Error()}
			}
			if !given[a.Key()] && !yield(a, nil) {
				return errStop
			}
			at, todo = todo[0], todo[1:]
			return nil
		})
		var bad *badLine
		switch {
		case err == errStop:
			return at, nil
		case errors.As(err, &bad) && !bad.torn:
			return at, &CorruptError{l.place.name, s.key(), bad.line, bad.why}
		case err != nil && bad == nil:
			return at, err
		}
		if len(todo) > 0 && todo[0].segment == n {
			return at, &CorruptError{l.place.name, s.key(), 0, "the segment changed while it was read"}
		}
	}
	return at, nil
}
