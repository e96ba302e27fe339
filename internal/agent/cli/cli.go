// Package cli has other people's programs solve tasks: coding agents that are
// driven from the command line (codex, claude, copilot, opencode, gemini, qwen),
// and any program at all (exec:CMD).
//
//	install, once a machine ──> a folder of the cache, read-only in every box
//	task ──> session: box, workspace, gateway ──> command ──> its output, line by line ──> trajectory
//	                                                └──> workspace as it is then ──> patch
//
// Each agent is one small file: where it comes from, its configuration, its
// command, and how its output is read. None is part of METR: they are installed
// from their own packages on the user's machine. In the box an agent holds no
// key, reaches nothing but the gateway, and asks for the attempt's model alone.
//
// What the agent says of itself goes into the trajectory and, where nothing else
// is known, into how its work ended. Tokens and cost are the gateway's count.
// Whatever it left in the workspace is graded, however it ended.
package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"metr/internal/agent"
	"metr/internal/agent/session"
	"metr/internal/agent/trajectory"
	"metr/internal/environment"
	"metr/internal/sandbox"
	"metr/internal/task"
)

// Config is what agents need.
type Config struct {
	Backend sandbox.Backend   // opens the boxes; must be able to lead to the gateway where Line is set
	Host    *environment.Host // finds tool chains, node among them
	Line    *agent.Line       // the way to the model; nil: there is none, which exec alone can do with
	Limits  task.Limits       // of the agent; zero fields take session.Defaults
	Cache   string            // folder in which agents are installed
	Notice  func(string)      // told what takes long; may be nil
	// Ask is the instruction that the agent gets; nil: the task's own.
	Ask func(*task.Task) string
}

// Agent is a program as an agent. It is safe for concurrent use.
type Agent struct {
	cfg  Config
	prog program

	mu    sync.Mutex
	ready *installed
}

// installed is a program on this machine.
type installed struct {
	layers []sandbox.Layer
	node   string // the program that runs JavaScript, as a box spells it
}

// New returns the agent of that name: one of Names. The error says what is wrong
// with the name or the model. Nothing is installed yet; see Prepare.
func New(name string, cfg Config) (*Agent, error) {
	for _, p := range programs() {
		if p.name != name {
			continue
		}
		if cfg.Line == nil {
			return nil, fmt.Errorf("agent %s needs a model: name one with --model PROVIDER/NAME", name)
		}
		if _, maybe := cfg.Line.Provider.Speaks(p.protocol); !maybe {
			return nil, fmt.Errorf("agent %s speaks %s, and provider %s does not: choose another agent or another provider", name, p.protocol, cfg.Line.Provider.Name)
		}
		return &Agent{cfg: cfg, prog: p}, nil
	}
	return nil, fmt.Errorf("agent %q is not known: expected one of %s, or exec:CMD", name, strings.Join(Names(), ", "))
}

// Names lists the agents that New knows.
func Names() []string {
	var out []string
	for _, p := range programs() {
		out = append(out, p.name)
	}
	return out
}

// Name is what the log records.
func (a *Agent) Name() string { return a.prog.name }

// Version is the agent's own, "" where it is not known.
func (a *Agent) Version() string { return a.prog.version() }

// Model is the model that attempts are kept by; "" where there is none.
func (a *Agent) Model(*task.Task, int) string {
	if a.cfg.Line == nil {
		return ""
	}
	return a.cfg.Line.Model.String()
}

// Prepare installs the agent where it is not yet. Solve does it too; a run that
// calls it beforehand does not count it as the first attempt's time.
func (a *Agent) Prepare(ctx context.Context) error {
	_, err := a.prepare(ctx)
	return err
}

func (a *Agent) prepare(ctx context.Context) (*installed, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ready != nil {
		return a.ready, nil
	}
	var in installed
	if a.prog.lock != nil {
		dir, err := Install(ctx, a.cfg.Cache, a.prog.name, a.cfg.Notice)
		if err != nil {
			return nil, err
		}
		in.layers = append(in.layers, sandbox.Layer{Host: dir, Box: Folder})
	}
	if a.prog.node {
		tool, err := a.cfg.Host.For(ctx, task.JavaScript)
		if err != nil {
			return nil, fmt.Errorf("agent %s is written in JavaScript: %w", a.prog.name, err)
		}
		in.node, in.layers = tool.Program, append(in.layers, tool.Layers...)
	}
	in.layers = append(in.layers, a.prog.layers...)
	a.ready = &in
	return a.ready, nil
}

// Solve has the agent work on the task in a box of its own.
func (a *Agent) Solve(ctx context.Context, t *task.Task, epoch int) (agent.Work, error) {
	w := agent.Work{Model: a.Model(t, epoch)}
	in, err := a.prepare(ctx)
	if err != nil {
		return w, err
	}
	scope := agent.Scope(a.Name(), t, epoch)
	cfg := session.Config{
		Backend: a.cfg.Backend, Host: a.cfg.Host, Layers: in.fresh(ctx, a.cfg.Host, t), Git: true, Scratch: a.prog.scratch, Limits: a.cfg.Limits,
	}
	at := place{Node: in.node, Ask: t.Instruction}
	if a.cfg.Ask != nil {
		at.Ask = a.cfg.Ask(t)
	}
	var seen watch
	if a.cfg.Line != nil {
		line := *a.cfg.Line
		seen.also, line.Recorder = line.Recorder, &seen
		if cfg.Attempt, err = line.Open(a.Name(), t, epoch); err != nil {
			return w, err
		}
		at.Model, at.Effort = line.Model.Model, line.Model.Effort
		at.URL, at.Token = session.Address, cfg.Attempt.Token()
	}
	cfg.Files = task.Tree{}
	if a.prog.files != nil {
		cfg.Files = a.prog.files(at)
	}
	if len(at.Ask) > maxArgument {
		cfg.Files[taskFile] = file(at.Ask)
	}
	s, err := session.Open(ctx, cfg, t)
	if err != nil {
		return w, err
	}
	defer s.Close()

	b := trajectory.New(trajectory.Agent{Name: a.Name(), Version: a.prog.version(), ModelName: w.Model}, scope)
	b.Say(trajectory.FromUser, at.Ask)
	out, errs := a.output(b), &tail{limit: 16 << 10}
	c := a.prog.command(at)
	c.Stdout, c.Stderr = out, errs
	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	seen.onVain(stop)
	r, err := s.Run(running, c)
	if err != nil {
		return w, errors.Join(err, a.note(&w, s))
	}
	said := out.end(r)
	if r.End == sandbox.NotStarted {
		return w, fmt.Errorf("agent %s cannot be started in the box: there is no program %s, or it is not executable", a.Name(), c.Args[0])
	}
	res, err := s.Finish(ctx)
	if a.cfg.Line != nil {
		a.cfg.Line.Note(&w, s.Summary())
	} else {
		w.Cost = new(float64)
	}
	if err != nil {
		return w, err
	}
	w.Patch, w.Failed = res.Patch, res.Failed
	f := facts{run: r, usage: res.Usage, calls: &seen, said: said, stderr: errs.String(), model: a.cfg.Line != nil}
	f.words, f.same = b.Last()
	w.Ending, w.Detail = f.ending()
	b.Extra("ending", w.Ending)
	if w.Detail != "" {
		b.Note("%s", w.Detail)
	}
	var trouble error
	if w.Trajectory, trouble = b.Finish(total(res)).Encode(); trouble != nil {
		return w, trouble
	}
	return w, f.trouble()
}

// output reads what an agent prints into a trajectory.
type output interface {
	Write([]byte) (int, error)
	// end is called when the agent has ended, with how.
	end(sandbox.Result) said
}

func (a *Agent) output(b *trajectory.Builder) output {
	if a.prog.reader == nil {
		return &text{b: b, buf: sandbox.Capture{Limit: trajectory.MaxText}}
	}
	return &lines{b: b, read: a.prog.reader()}
}

// note writes what was used into w when the attempt failed for our own reasons.
func (a *Agent) note(w *agent.Work, s *session.Session) error {
	if a.cfg.Line == nil {
		return nil
	}
	err := s.Close()
	a.cfg.Line.Note(w, s.Summary())
	return err
}

// fresh are the layers without those that the task's own tool chain brings.
func (in *installed) fresh(ctx context.Context, h *environment.Host, t *task.Task) []sandbox.Layer {
	if h == nil {
		return in.layers
	}
	has := map[string]bool{}
	if tool, err := h.For(ctx, t.Language); err == nil { // Open says what is wrong with it
		for _, l := range tool.Layers {
			has[l.Box] = true
		}
	}
	var out []sandbox.Layer
	for _, l := range in.layers {
		if !has[l.Box] {
			out = append(out, l)
		}
	}
	return out
}

// total is what the whole used, as the gateway counted it.
func total(r session.Result) *trajectory.FinalMetrics {
	u := r.Usage
	f := &trajectory.FinalMetrics{PromptTokens: u.Usage.Input, CompletionTokens: u.Usage.Output, CachedTokens: u.Usage.Cached, CostUSD: u.Cost}
	f.Extra = map[string]any{"calls": u.Calls}
	if u.Usage.Reasoning > 0 {
		f.Extra["reasoning_tokens"] = u.Usage.Reasoning
	}
	return f
}
