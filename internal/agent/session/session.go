// Package session is the workplace of one attempt: a fresh box with the task's
// tool chain and workspace in it, and the way to the attempt's model.
//
//	Open ──> box: workspace (one commit, no remotes), agent's files, gateway at 127.0.0.1:Port
//	Run  ──> commands of the agent, as many as it wants, within its limits
//	Finish ──> what the workspace is now against what it was: the patch, and what was used
//	Close ──> all of it is gone
//
// No key and nothing of metr's own environment is in the box: a command finds
// the gateway at URL and the attempt's own token, which is worth something there
// alone and until Finish. The limits are the agent's; the grader's are its own.
//
// It does not judge, and it knows no agent: those are in the packages beside it.
package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"metr/internal/environment"
	"metr/internal/gateway"
	"metr/internal/sandbox"
	"metr/internal/task"
)

// Port is where commands in the box find the gateway. It is the same in every
// attempt, so that recordings and trajectories are, and lies outside of the
// range from which systems hand out ports.
const Port = 61617

// Address is the gateway's address there, without a version and without a slash
// at the end.
const Address = "http://127.0.0.1:61617"

// Defaults fill the zero fields of Config.Limits.
var Defaults = task.Limits{
	CPU: time.Hour, Wall: 30 * time.Minute,
	Memory: 4 << 30, Disk: 2 << 30, Procs: 512,
	Output: 1 << 20, FileSize: 1 << 30,
}

// MaxWorkspace is how many bytes the workspace may come to when the agent is
// done.
const MaxWorkspace = 256 << 20

// Config says how to furnish a workplace.
type Config struct {
	Backend sandbox.Backend
	Host    *environment.Host // finds the task's tool chain; nil: the box has the system's programs alone

	// Attempt is the way to the model, as agent.Line opens it; nil: there is none.
	// The session closes it.
	Attempt *gateway.Attempt

	Layers  []sandbox.Layer // the agent's own programs
	Files   task.Tree       // laid at sandbox.Home before the agent starts
	Env     []string        // of every command, after the tool chain's
	Git     bool            // the workspace is a git repository, where the box has git
	Scratch []string        // files and folders of the workspace that are the agent's own, not its work
	Limits  task.Limits     // of the whole box and of each command; zero fields take Defaults
}

// Session is an open workplace. One command runs at a time.
type Session struct {
	cfg    Config
	task   *task.Task
	box    sandbox.Box
	env    []string
	git    bool
	server *http.Server
	url    string

	mu     sync.Mutex
	cpu    time.Duration
	result *Result
}

// Open furnishes a workplace for t. The error is ours: nothing may be scored.
// The caller closes the session. cfg.Attempt is closed where there is an error.
func Open(ctx context.Context, cfg Config, t *task.Task) (_ *Session, err error) {
	cfg.Limits = merge(cfg.Limits, Defaults)
	s := &Session{cfg: cfg, task: t}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	layers := slices.Clone(cfg.Layers)
	if cfg.Host != nil {
		var tool environment.Toolchain
		if tool, err = cfg.Host.For(ctx, t.Language); err != nil {
			return nil, err
		}
		var deps []sandbox.Layer
		var env []string
		if deps, env, err = cfg.Host.Deps(t); err != nil {
			return nil, err
		}
		layers = slices.Concat(deps, tool.Layers, layers)
		s.env = slices.Concat(tool.Env, env)
	}
	s.env = append(s.env, cfg.Env...)
	if s.box, err = cfg.Backend.Open(ctx, sandbox.Spec{Layers: layers, Limits: cfg.Limits}); err != nil {
		return nil, err
	}
	if cfg.Attempt != nil {
		if err = s.serve(ctx); err != nil {
			return nil, err
		}
	}
	if err = s.box.Put(ctx, sandbox.Home, cfg.Files); err != nil {
		return nil, fmt.Errorf("lay the agent's files: %w", err)
	}
	if err = s.box.Put(ctx, sandbox.Work, t.Workspace); err != nil {
		return nil, fmt.Errorf("lay the workspace: %w", err)
	}
	if cfg.Git {
		if err = s.repository(ctx); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Box is the session's box, for what Run does not do.
func (s *Session) Box() sandbox.Box { return s.box }

// Env is the environment of the task's tool chain and of Config, beside
// sandbox.Env.
func (s *Session) Env() []string { return slices.Clone(s.env) }

// HasGit says whether the workspace is a git repository.
func (s *Session) HasGit() bool { return s.git }

// Run runs a command of the agent in the workspace, unless c.Dir says another
// place, with the session's environment under that of c. Zero limits are those
// of Config. What the command did is in the Result; an error is ours.
func (s *Session) Run(ctx context.Context, c sandbox.Cmd) (sandbox.Result, error) {
	c.Dir = cmp.Or(c.Dir, s.box.Path(sandbox.Work))
	c.Env = slices.Concat(s.env, c.Env)
	c.Limits = merge(c.Limits, s.cfg.Limits)
	r, err := sandbox.Exec(ctx, s.box, c)
	s.mu.Lock()
	s.cpu += r.CPU
	s.mu.Unlock()
	return r, err
}

// Close removes the box and ends the attempt's token. It is safe to call twice.
func (s *Session) Close() error {
	var errs []error
	if s.cfg.Attempt != nil {
		errs = append(errs, s.cfg.Attempt.Close())
	}
	if s.server != nil {
		errs = append(errs, s.server.Close())
	}
	if s.box != nil {
		errs = append(errs, s.box.Close())
	}
	return errors.Join(errs...)
}

// merge fills the zero fields of l.
func merge(l, from task.Limits) task.Limits {
	return task.Limits{
		CPU: cmp.Or(l.CPU, from.CPU), Wall: cmp.Or(l.Wall, from.Wall), Memory: cmp.Or(l.Memory, from.Memory), Disk: cmp.Or(l.Disk, from.Disk),
		Procs: cmp.Or(l.Procs, from.Procs), Output: cmp.Or(l.Output, from.Output), FileSize: cmp.Or(l.FileSize, from.FileSize),
	}
}
