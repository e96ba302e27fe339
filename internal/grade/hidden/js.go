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
