// Package grade judges what an agent did. A grader looks at one side of a patch
// and returns a verdict with its evidence; Judge runs the graders that a task
// names, gates first, and task.Decide makes the outcome of their verdicts.
//
//	patch ──> Judge ──> grader ──> fresh box: workspace + patch (+ what is hidden) ──> evidence ──> verdict
//
// Each grader opens boxes of its own, so that nothing one of them ran can reach
// the next. Graders live in packages beside this one: source (reads the code),
// diff (reads the patch), existing (the workspace's own tests, and tests that
// the agent wrote), hidden (hidden tests and speed, through the oracle).
package grade

import (
	"context"
	"fmt"
	"sync"
	"time"

	"metr/internal/environment"
	"metr/internal/sandbox"
	"metr/internal/task"
)

// Grader looks at one side of an attempt. It is safe for concurrent use.
type Grader interface {
	// Grade returns what was found. Whatever the candidate did is in the verdict;
	// an error means that the grader could not do its work.
	Grade(ctx context.Context, lab *Lab, c Case) (task.Verdict, error)
}

// Gate is implemented by graders whose failure leaves the later ones nothing to
// look at: what does not build has no behaviour.
type Gate interface{ Gate() }

// Case is what a grader looks at.
type Case struct {
	Task  *task.Task
	Spec  task.Grader // the task's settings for this grader
	Patch task.Patch
	Tree  task.Tree // the workspace with the patch applied
}

// Verdict starts a verdict of the case's grader.
func (c Case) Verdict(axis task.Axis, oracle task.Oracle) task.Verdict {
	return task.Verdict{Grader: c.Spec.Name, Axis: axis, Required: c.Spec.Required, Status: task.Pass, Oracle: oracle}
}

// Lab is where the graders of one attempt work: a backend for boxes, which
// counts their processor time, and the tool chains for them.
type Lab struct {
	Backend *sandbox.Meter
	Host    *environment.Host

	mu   sync.Mutex
	memo map[string]func() (any, error)
}

// NewLab returns a lab for one attempt.
func NewLab(b sandbox.Backend, h *environment.Host) *Lab {
	return &Lab{Backend: &sandbox.Meter{Backend: b}, Host: h, memo: map[string]func() (any, error){}}
}

// Once returns what f returned the first time that the attempt's graders asked
// for key: one run of the hidden tests serves the graders that read it.
func Once[T any](l *Lab, key string, f func() (T, error)) (T, error) {
	l.mu.Lock()
	got, ok := l.memo[key]
	if !ok {
		got = sync.OnceValues(func() (any, error) { return f() })
		l.memo[key] = got
	}
	l.mu.Unlock()
	v, err := got()
	return v.(T), err
}

// Open opens a box with the tool chain and the dependencies of t, lays tree at
// sandbox.Work, and returns the environment that commands in it need.
func (l *Lab) Open(ctx context.Context, t *task.Task, tree task.Tree, extra ...sandbox.Layer) (sandbox.Box, environment.Toolchain, error) {
	tool, err := l.Host.For(ctx, t.Language)
	if err != nil {
		return nil, tool, err
	}
	layers, env, err := l.Host.Deps(t)
	if err != nil {
		return nil, tool, err
	}
	tool.Env = append(append([]string(nil), tool.Env...), env...)
	layers = append(append(layers, tool.Layers...), extra...)
	box, err := l.Backend.Open(ctx, sandbox.Spec{Layers: layers, Limits: t.Limits})
	if err != nil {
		return nil, tool, err
	}
	if err := box.Put(ctx, sandbox.Work, tree); err != nil {
		box.Close()
		return nil, tool, fmt.Errorf("lay the workspace: %w", err)
	}
	return box, tool, nil
}

// Judge runs graders.
type Judge struct {
	Backend sandbox.Backend
	Host    *environment.Host
	Graders map[string]Grader // by the name that tasks use
}

// Check reports the first grader that tasks of s name and the judge lacks.
func (j *Judge) Check(s *task.Suite) error {
	for _, t := range s.Tasks {
		for _, g := range t.Graders {
			if j.Graders[g.Name] == nil {
				return fmt.Errorf("task %s: grader %q is not known", t.ID, g.Name)
			}
		}
	}
	return nil
}

// Judge looks at the patch with all graders of the task, in the task's order.
// A patch that cannot be applied fails every one of them. A grader's error
// becomes a Broken verdict, so that the attempt is Invalid and never scored;
// Judge itself fails only when ctx is done. cpu is the processor time of all
// that ran in boxes.
func (j *Judge) Judge(ctx context.Context, t *task.Task, p task.Patch) (vs []task.Verdict, cpu time.Duration, err error) {
	lab := NewLab(j.Backend, j.Host)
	vs, err = j.judge(ctx, lab, t, p)
	return vs, lab.Backend.CPU(), err
}

func (j *Judge) judge(ctx context.Context, lab *Lab, t *task.Task, p task.Patch) ([]task.Verdict, error) {
	tree, refused := t.Workspace.Apply(p)
	gate := ""
	if refused != nil {
		gate = refused.Error()
	}
	var out []task.Verdict
	for _, spec := range t.Graders {
		c := Case{Task: t, Spec: spec, Patch: p, Tree: tree}
		if gate != "" {
			v := task.Verdict{Grader: spec.Name, Axis: Axis(spec.Name), Required: spec.Required, Status: task.Skipped, Reason: gate}
			if refused != nil {
				v.Status = task.Fail
			}
			out = append(out, v)
			continue
		}
		g := j.Graders[spec.Name]
		v, err := look(ctx, g, lab, c)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err != nil {
			v = task.Verdict{Grader: spec.Name, Axis: Axis(spec.Name), Required: spec.Required, Status: task.Broken, Reason: err.Error()}
		}
		out = append(out, v)
		if _, isGate := g.(Gate); isGate && v.Status != task.Pass {
			gate = "not looked at: " + spec.Name + " failed"
		}
	}
	return out, nil
}

// look runs one grader. A panic is a fault of ours that one patch found; the run
// goes on without that attempt.
func look(ctx context.Context, g Grader, lab *Lab, c Case) (v task.Verdict, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return g.Grade(ctx, lab, c)
}

// Axis is the axis that the grader of that name counts for.
func Axis(grader string) task.Axis {
	switch grader {
	case "build", "format", "names":
		return task.Syntax
	case "existing", "scope", "api", "manifest":
		return task.Context
	case "speed":
		return task.Constraint
	}
	return task.Semantics
}

// First cuts s to its first n runes, for reasons and messages.
func First(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n]) + " …"
}
