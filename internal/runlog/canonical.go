package runlog

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"metr/internal/task"
)

// Canonical renders what the log says without what differs between two runs
// that did the same: times, measured figures, and how the records are spread
// over segments. The first line is the plan, then comes one attempt a line,
// sorted by agent, model, task and epoch. Every patch that a record names must be
// there. It holds the whole rendering in memory.
func (l *Log) Canonical(ctx context.Context) ([]byte, error) {
	type row struct {
		key  task.Key
		line []byte
	}
	var rows []row
	for a, err := range l.Attempts(ctx) {
		if err != nil {
			return nil, err
		}
		if a.Patch != "" {
			if _, err := l.Get(ctx, a.Patch); err != nil {
				return nil, err
			}
		}
		line, err := json.Marshal(steady(a))
		if err != nil {
			return nil, fmt.Errorf("run log %s: %w", l.place.name, err)
		}
		rows = append(rows, row{a.Key(), line})
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.key.Agent, b.key.Agent), cmp.Compare(a.key.Model, b.key.Model), cmp.Compare(a.key.Task, b.key.Task), cmp.Compare(a.key.Epoch, b.key.Epoch))
	})
	m := l.manifest
	m.Created, m.Config = time.Time{}, nil // the configuration names the place
	plan, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("run log %s: %w", l.place.name, err)
	}
	out := bytes.NewBuffer(append(plan, '\n'))
	for _, r := range rows {
		out.Write(r.line)
		out.WriteByte('\n')
	}
	return out.Bytes(), nil
}

// steady is a without what was measured.
func steady(a task.Attempt) task.Attempt {
	a.Started, a.WallS, a.CPUS = time.Time{}, 0, 0
	a.Verdicts = slices.Clone(a.Verdicts)
	for i := range a.Verdicts {
		a.Verdicts[i].Figures = nil
	}
	return a
}
