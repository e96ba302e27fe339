package existing

import (
	"context"
	"fmt"
	"sync"

	"github.com/bmatcuk/doublestar/v4"

	"metr/internal/grade"
	"metr/internal/task"
)

// Existing asks whether the tests that passed before the patch still pass. Test
// files of the globs in Keep are put back as they were first. Make one with New:
// it remembers what passed before, once a task.
type Existing struct {
	mu     sync.Mutex
	before map[string]*baseline // by task id and version
}

type baseline struct {
	once   sync.Once
	passed map[string]bool
	err    error
}

// New returns the grader.
func New() *Existing { return &Existing{before: map[string]*baseline{}} }

// Grade runs the tests of the workspace with the patch applied.
func (e *Existing) Grade(ctx context.Context, lab *grade.Lab, c grade.Case) (task.Verdict, error) {
	v := c.Verdict(task.Context, task.InProcess)
	before, err := e.baseline(ctx, lab, c.Task)
	if err != nil {
		return v, err
	}
	tree, err := restore(c)
	if err != nil {
		return v, err
	}
	r, err := run(ctx, lab, c.Task, tree)
	if err != nil {
		return v, err
	}
	now := map[string]task.Test{}
	for _, t := range r.tests {
		now[t.Name] = t
	}
	broken := 0
	for name := range before {
		t, ran := now[name]
		if t.Status == task.Pass {
			continue
		}
		if !ran {
			t = task.Test{Name: name, Message: "did not run"}
		}
		t.Status = task.Fail
		broken++
		v.Tests = append(v.Tests, t)
	}
	switch {
	case broken > 0:
		sortTests(v.Tests)
		v.Status = task.Fail
		v.Reason = fmt.Sprintf("%d of %d tests that passed before do not pass: %s: %s", broken, len(before), v.Tests[0].Name, grade.First(v.Tests[0].Message, 200))
	case !r.whole:
		v.Status, v.Reason = task.Fail, r.why()
	}
	return v, nil
}

// restore puts test files of the Keep globs back as they were.
func restore(c grade.Case) (task.Tree, error) {
	tree := c.Tree.Clone()
	for p, f := range c.Task.Workspace {
		for _, g := range c.Spec.Keep {
			ok, err := doublestar.Match(g, p)
			if err != nil {
				return nil, fmt.Errorf("glob %q: %w", g, err)
			}
			if ok {
				tree[p] = f
			}
		}
	}
	return tree, nil
}

// baseline is what passes in the workspace as it is given.
func (e *Existing) baseline(ctx context.Context, lab *grade.Lab, t *task.Task) (map[string]bool, error) {
	key := fmt.Sprintf("%s@%d", t.ID, t.Version)
	e.mu.Lock()
	b := e.before[key]
	if b == nil {
		b = &baseline{}
		e.before[key] = b
	}
	e.mu.Unlock()
	b.once.Do(func() {
		var r report
		if r, b.err = run(ctx, lab, t, t.Workspace); b.err != nil {
			return
		}
		b.passed = map[string]bool{}
		for _, test := range r.tests {
			if test.Status == task.Pass {
				b.passed[test.Name] = true
			}
		}
		if len(b.passed) == 0 {
			b.err = fmt.Errorf("no test passes in the workspace before the patch: %s", r.why())
		}
	})
	if b.err != nil {
		e.mu.Lock()
		delete(e.before, key) // a passing fault is not remembered
		e.mu.Unlock()
	}
	return b.passed, b.err
}
