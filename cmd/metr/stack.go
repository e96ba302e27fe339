package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"

	"metr/internal/environment"
	"metr/internal/grade"
	"metr/internal/grade/diff"
	"metr/internal/grade/existing"
	"metr/internal/grade/hidden"
	"metr/internal/grade/oracle"
	"metr/internal/grade/source"
	"metr/internal/runlog"
	"metr/internal/sandbox"
	"metr/internal/task"
)

// stack is everything that judging needs, put together.
type stack struct {
	backend sandbox.Backend
	chosen  string // what the sandbox is made of and why it was taken
	host    *environment.Host
	judge   *grade.Judge
	hub     *hub // the way to models; nil where none is asked
	closers []io.Closer
}

// Close gives everything up, last first.
func (s *stack) Close() {
	for _, c := range slices.Backward(s.closers) {
		_ = c.Close()
	}
}

// newStack picks the sandbox by name (see sandbox.go) and stacks the graders on
// it.
func (a *app) newStack(sandboxName string) (*stack, error) {
	s := &stack{}
	if err := a.pickSandbox(s, sandboxName); err != nil {
		return nil, err
	}
	cache, err := environment.CacheDir()
	if err != nil {
		s.Close()
		return nil, err
	}
	notice := func(text string) {
		if !a.quiet {
			fmt.Fprintln(a.stderr, "metr:", text)
		}
	}
	s.host = environment.New(cache, s.backend, notice)
	python := oracle.NewPython(s.backend)
	s.closers = append(s.closers, python)
	functions := &oracle.Functions{Python: python, Others: map[task.Language]oracle.FunctionJudge{
		task.JavaScript: oracle.JavaScript(s.backend, func(ctx context.Context) ([]sandbox.Layer, error) {
			tool, err := s.host.For(ctx, task.JavaScript)
			return tool.Layers, err
		}),
	}}
	reader := source.Reader{Python: python}
	tests := hidden.New(python, functions)
	s.judge = &grade.Judge{Backend: s.backend, Host: s.host, Graders: map[string]grade.Grader{
		"build": source.Build{Reader: reader}, "format": source.Format{Reader: reader}, "names": source.Names{Reader: reader}, "api": source.API{Reader: reader},
		"scope": diff.Scope{}, "manifest": diff.Manifest{},
		"existing": existing.New(), "mutants": existing.Mutants{},
		"tests": hidden.Tests{Oracle: tests}, "speed": hidden.Speed{Oracle: tests},
	}}
	return s, nil
}

// prepare makes ready what the tasks need before the first of them is timed,
// and returns the versions of their tool chains.
func (s *stack) prepare(ctx context.Context, tasks []*task.Task) (map[string]string, error) {
	need := map[task.Language]string{}
	for _, t := range tasks {
		if need[t.Language] == "" {
			need[t.Language] = t.ID
		}
	}
	out := map[string]string{}
	for _, l := range slices.Sorted(maps.Keys(need)) {
		tool, err := s.host.For(ctx, l)
		if err != nil {
			return nil, fmt.Errorf("task %s: %w", need[l], err)
		}
		out[string(l)] = tool.Version
	}
	return out, nil
}

// manifest starts a run's manifest.
func (s *stack) manifest(tools map[string]string, suites ...*task.Suite) runlog.Manifest {
	m := runlog.Manifest{
		Metr: version(), Toolchains: tools,
		Sandbox: runlog.Sandbox{
			Backend: s.backend.Name(), Weakened: s.backend.Name() == "none", Detail: s.chosen,
			CPUs: min(sandbox.CPUs, runtime.NumCPU()), Env: strings.Join(sandbox.Env(), " "),
		},
		Platform: runlog.Platform{OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU()},
	}
	for _, x := range suites {
		m.Suites = append(m.Suites, runlog.SuiteOf(x))
	}
	return m
}
