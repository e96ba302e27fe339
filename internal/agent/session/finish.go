package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"metr/internal/gateway"
	"metr/internal/sandbox"
	"metr/internal/task"
)

// Result is what an attempt came to.
type Result struct {
	Patch  task.Patch
	Failed string // why there is no patch to judge; "" otherwise
	Usage  gateway.Summary
	CPU    time.Duration // of all commands
}

// Tokens is the usage in the terms of the run log.
func (r Result) Tokens() task.Tokens {
	u := r.Usage.Usage
	return task.Tokens{In: u.Input, Cached: u.Cached, Reasoning: u.Reasoning, Out: u.Output}
}

// Finish ends the attempt: its token is worth nothing from now on, and what the
// workspace is now, against what it was, is the patch. No command may run. A
// second call returns what the first one did.
func (s *Session) Finish(ctx context.Context) (Result, error) {
	if s.result != nil {
		return *s.result, nil
	}
	var r Result
	if s.cfg.Attempt != nil {
		if err := s.cfg.Attempt.Close(); err != nil {
			return r, err
		}
	}
	var err error
	if r.Patch, err = s.patch(ctx); errors.Is(err, sandbox.ErrTooLarge) {
		r.Failed = fmt.Sprintf("the agent left more than %d MiB in its workspace", MaxWorkspace>>20)
	} else if err != nil {
		return r, err
	}
	r.Usage = s.Summary()
	s.mu.Lock()
	r.CPU = s.cpu
	s.mu.Unlock()
	s.result = &r
	return r, nil
}

// patch reads the workspace. What the agent had in it for itself goes first, so
// that it is not read at all; a program of the system removes it, in the box.
func (s *Session) patch(ctx context.Context) (task.Patch, error) {
	sv := newSieve(s.task.Workspace, s.cfg.Scratch)
	away := []string{"rm", "-rf", "--"}
	for _, p := range append([]string{".git"}, s.cfg.Scratch...) {
		if !sv.was[p] {
			away = append(away, "./"+p)
		}
	}
	if len(away) > 3 {
		// What it cannot remove is left out below.
		if _, err := sandbox.Exec(ctx, s.box, sandbox.Cmd{Args: away, Dir: s.box.Path(sandbox.Work)}); err != nil {
			return task.Patch{}, err
		}
	}
	now, err := s.box.Get(ctx, sandbox.Work, MaxWorkspace)
	if err != nil {
		return task.Patch{}, err
	}
	return task.Diff(s.task.Workspace, sv.work(now)), nil
}
