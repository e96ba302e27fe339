package environment

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"metr/internal/sandbox"
	"metr/internal/task"
)

// Missing says that a tool chain is not on this machine, and what adds it. It
// is For's error where nothing else is wrong.
type Missing struct {
	Language task.Language
	Program  string
	Fix      string
}

func (m *Missing) Error() string {
	return fmt.Sprintf("%s is needed and was not found: %s", m.Program, m.Fix)
}

// Ready splits tasks into those whose tool chain is on this machine and those
// that must be left out, with what each language of the latter lacks. Nothing is
// prepared. The error is of a tool chain that is there and does not work.
func Ready(ctx context.Context, tasks []*task.Task) (ready, out []*task.Task, lacks []*Missing, err error) {
	h := New("", nil, nil)
	found := map[task.Language]error{} // looking starts a process
	for _, t := range tasks {
		err, seen := found[t.Language]
		if !seen {
			_, err = h.look(ctx, t.Language)
			found[t.Language] = err
		}
		var m *Missing
		switch {
		case errors.As(err, &m):
			out = append(out, t)
			if !slices.ContainsFunc(lacks, func(l *Missing) bool { return l.Language == m.Language }) {
				lacks = append(lacks, m)
			}
		case err != nil:
			return nil, nil, nil, fmt.Errorf("task %s: %w", t.ID, err)
		default:
			ready = append(ready, t)
		}
	}
	return ready, out, lacks, nil
}

// look is For without preparing anything; it returns program and version.
func (h *Host) look(ctx context.Context, l task.Language) (string, error) {
	if l == task.Go {
		return GoVersion(ctx)
	}
	tool, err := h.For(ctx, l)
	return tool.Program + " " + tool.Version, err
}

// Probe looks for the tool chain of every language that tasks and data sets
// use, preparing none. None of them is needed by all users.
func Probe(ctx context.Context) []sandbox.Check {
	h := New("", nil, nil)
	var out []sandbox.Check
	for _, l := range append(append([]task.Language(nil), task.Languages...), task.DataLanguages...) {
		if l == task.TypeScript {
			continue // esbuild is part of METR, and node is JavaScript's
		}
		c := sandbox.Check{Name: string(l), OK: true}
		var err error
		if c.Detail, err = h.look(ctx, l); err != nil {
			c.OK, c.Detail, c.Fix = false, "missing", err.Error()
		}
		out = append(out, c)
	}
	return out
}
