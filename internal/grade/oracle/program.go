package oracle

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"metr/internal/grade/oracle/js"
	"metr/internal/sandbox"
	"metr/internal/task"
)

// Program is one side of a judging in a language whose judge is a process of
// its own for each judging.
type Program struct {
	Files  map[string]task.Tree // by the absolute folder in the box that they go to
	Layers []sandbox.Layer
	Limits task.Limits // of the box
	Cmd    sandbox.Cmd
}

func (p Program) start(ctx context.Context, b sandbox.Backend) (*Peer, error) {
	box, err := b.Open(ctx, sandbox.Spec{Limits: p.Limits, Layers: p.Layers})
	if err != nil {
		return nil, err
	}
	for _, dir := range slices.Sorted(maps.Keys(p.Files)) {
		if err := box.Put(ctx, dir, p.Files[dir]); err != nil {
			box.Close()
			return nil, err
		}
	}
	c := p.Cmd
	c.Args = slices.Clone(c.Args)
	if at, ok := box.(interface{ Path(string) string }); ok { // a box that is only a folder
		for i, a := range c.Args {
			for dir := range p.Files {
				if strings.HasPrefix(a, dir+"/") {
					c.Args[i] = at.Path(a)
				}
			}
		}
	}
	return Start(ctx, box, c)
}

// Judge starts the judge and lets it question the subjects, which subject
// describes by number. The judge is ended before Judge returns.
func Judge(ctx context.Context, b sandbox.Backend, judge Program, subject func(n int) (Program, error), lim Limits) (Result, error) {
	j, err := judge.start(ctx, b)
	if err != nil {
		return Result{}, fmt.Errorf("oracle: starting the judge: %w", err)
	}
	res, err := Run(ctx, j, func(ctx context.Context, n int) (*Peer, error) {
		p, err := subject(n)
		if err != nil {
			return nil, err
		}
		return p.start(ctx, b)
	}, lim)
	if cerr := j.Close(); err == nil {
		err = cerr
	}
	return res, err
}

// JavaScript returns the judge of function-level tasks in JavaScript (MBXP).
// layers, where not nil, are what node needs in a box.
func JavaScript(b sandbox.Backend, layers func(context.Context) ([]sandbox.Layer, error)) FunctionJudge {
	const dir = sandbox.Home + "/oracle"
	return func(ctx context.Context, t *task.Task, program string) (Result, error) {
		l := functionLimits(t)
		var need []sandbox.Layer
		if layers != nil {
			var err error
			if need, err = layers(ctx); err != nil {
				return Result{}, err
			}
		}
		side := func(s js.Step, err error) (Program, error) {
			return Program{Files: map[string]task.Tree{s.Dir: s.Files}, Layers: need, Limits: l, Cmd: s.Cmd}, err
		}
		judge, err := side(js.JudgeFunction(dir, js.Case{Src: program, File: t.Function.File, Entry: t.Function.EntryPoint, Test: t.Function.Test}))
		if err != nil {
			return Result{}, err
		}
		return Judge(ctx, b, judge, func(int) (Program, error) {
			return side(js.Subject(dir, sandbox.Work, ""))
		}, Limits{Call: l.CPU, Wall: l.Wall})
	}
}
