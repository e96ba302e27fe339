package hidden

import (
	"context"
	"fmt"

	"metr/internal/grade"
	"metr/internal/grade/oracle"
	"metr/internal/grade/oracle/js"
	"metr/internal/grade/source"
	"metr/internal/sandbox"
	"metr/internal/task"
)

// jsTests runs the judge under node and a subject under another.
func (o *Oracle) jsTests(ctx context.Context, lab *grade.Lab, c grade.Case) (oracle.Result, error) {
	spec, _ := c.Task.Grader("tests")
	open := func(ctx context.Context, n int) (*oracle.Peer, error) {
		tree := c.Tree
		if n > 0 {
			tree = c.Task.Workspace
		}
		box, _, err := lab.Open(ctx, c.Task, tree)
		if err != nil {
			return nil, err
		}
		bundles := ""
		if c.Task.Language == task.TypeScript {
			bundles = box.Path("/tmp/bundles")
			// What does not bundle is missing there, and loading it fails.
			bundled, _, err := source.Bundle(ctx, lab, c.Task, tree, spec.Subject)
			if err == nil {
				err = box.Put(ctx, "/tmp/bundles", bundled)
			}
			if err != nil {
				box.Close()
				return nil, err
			}
		}
		step, err := js.Subject("/metr/subject", box.Path(sandbox.Work), bundles)
		if err != nil {
			box.Close()
			return nil, err
		}
		return jsPeer(ctx, box, step, c.Task.Limits)
	}
	step, err := js.Judge("/metr/judge", c.Task.Tests)
	if err != nil {
		return oracle.Result{}, fmt.Errorf("task %s: %w", c.Task.ID, err)
	}
	return jsJudge(ctx, lab, c.Task, step, open)
}

// jsJudge runs a judge's step with subjects opened by open.
func jsJudge(ctx context.Context, lab *grade.Lab, t *task.Task, step js.Step, open oracle.Opener) (oracle.Result, error) {
	box, _, err := lab.Open(ctx, t, nil)
	if err != nil {
		return oracle.Result{}, err
	}
	peer, err := jsPeer(ctx, box, step, judgeLimits)
	if err != nil {
		return oracle.Result{}, err
	}
	res, err := oracle.Run(ctx, peer, open, limits(t))
	if cerr := peer.Close(); err == nil {
		err = cerr
	}
	return res, err
}

func jsPeer(ctx context.Context, box sandbox.Box, s js.Step, l task.Limits) (*oracle.Peer, error) {
	if err := box.Put(ctx, s.Dir, s.Files); err != nil {
		box.Close()
		return nil, err
	}
	s.Cmd.Limits = l
	return oracle.Start(ctx, box, s.Cmd)
}

// typescriptFunction judges an answer to a function-level problem in TypeScript
// by JavaScript's judge: answer and test become JavaScript first, types unchecked.
func typescriptFunction(ctx context.Context, lab *grade.Lab, c grade.Case) (task.Verdict, error) {
	v := c.Verdict(task.Semantics, task.OutOfProcess)
	v.Status = task.Fail
	f, ok := c.Tree[c.Task.Function.File]
	if !ok || f.Link != "" {
		v.Oracle, v.Reason = task.Static, "the answer has no file "+c.Task.Function.File
		return v, nil
	}
	out, why, err := source.Transpile(ctx, lab, c.Task, string(f.Data), c.Task.Function.Test)
	if err != nil {
		return v, err
	}
	if why != "" {
		v.Oracle, v.Reason = task.Static, "does not parse: "+why
		return v, nil
	}
	fn := *c.Task.Function
	fn.Test = out[1]
	t := *c.Task
	t.Function = &fn
	judge := oracle.JavaScript(lab.Backend, func(ctx context.Context) ([]sandbox.Layer, error) {
		tool, err := lab.Host.For(ctx, task.JavaScript)
		return tool.Layers, err
	})
	r, err := judge(ctx, &t, out[0])
	if err != nil {
		return v, err
	}
	v.Tests = r.Tests
	v.Status, v.Reason = fold(r)
	return v, nil
}
