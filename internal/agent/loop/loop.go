// Package loop is METR's own agent with tools: it shows the model a task and
// four tools (shell, read, edit, submit), does in the session's box what the
// model asks for, and goes on until the model submits or a limit is reached.
//
//	prompt ──> answer ──> tool calls ──> results ──> answer ──> ... ──> submit
//
// It is small on purpose: a yardstick that can be read in one sitting, not the
// best agent there is. The model is asked from outside of the box, so the box
// has no way to the model. Whatever ends the work, what the workspace is then is
// the patch.
package loop

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"metr/internal/agent"
	"metr/internal/agent/session"
	"metr/internal/agent/trajectory"
	"metr/internal/environment"
	"metr/internal/model"
	"metr/internal/sandbox"
	"metr/internal/task"
)

// Limits end the work; all of them are looked at in one place, over.
type Limits struct {
	Steps  int           // answers of the model; default 50
	Time   time.Duration // of the attempt; default 30 min
	Tokens int64         // in and out together; 0: no limit
	Same   int           // the same calls with the same results in a row; default 4
	Shell  time.Duration // one command; default 2 min
}

func (l Limits) withDefaults() Limits {
	def := Limits{Steps: 50, Time: 30 * time.Minute, Same: 4, Shell: 2 * time.Minute}
	if l.Steps > 0 {
		def.Steps = l.Steps
	}
	if l.Time > 0 {
		def.Time = l.Time
	}
	if l.Same > 0 {
		def.Same = l.Same
	}
	if l.Shell > 0 {
		def.Shell = l.Shell
	}
	def.Tokens = l.Tokens
	return def
}

// Agent is the loop. It is safe for concurrent use.
type Agent struct {
	Line    agent.Line
	Backend sandbox.Backend
	Host    *environment.Host
	Limits  Limits
}

// Name is "loop".
func (a *Agent) Name() string { return "loop" }

// Model is the model asked for.
func (a *Agent) Model(*task.Task, int) string { return a.Line.Model.String() }

// Solve works until the model submits or a limit is reached.
func (a *Agent) Solve(ctx context.Context, t *task.Task, epoch int) (w agent.Work, err error) {
	at, err := a.Line.Open(a.Name(), t, epoch)
	if err != nil {
		return w, err
	}
	defer at.Close()
	limits := a.Limits.withDefaults()
	s, err := session.Open(ctx, session.Config{
		Backend: a.Backend, Host: a.Host, Git: true,
		Limits: task.Limits{Wall: limits.Time + time.Minute},
	}, t)
	if err != nil {
		return w, err
	}
	defer s.Close()
	r := &run{
		limits: limits, room: room{s, limits.Shell}, client: at.Client(""), line: a.Line,
		log: trajectory.New(trajectory.Agent{Name: "loop", Version: "1", ModelName: a.Line.Model.String(), ToolDefinitions: definitions()}, agent.Scope("loop", t, epoch)),
	}
	inner, cancel := context.WithTimeout(ctx, limits.Time)
	ending, err := r.loop(inner, t)
	cancel()
	_ = at.Close()
	a.Line.Note(&w, at.Summary())
	w.Sent, w.Ending, w.Detail = r.sent, ending, r.detail
	w.Trajectory = r.encode(w)
	switch {
	case ctx.Err() != nil:
		return w, context.Cause(ctx)
	case err != nil:
		return w, err
	case ending == task.OverSpent && agent.RunBudget(r.detail):
		return w, errors.New(r.detail + "; a larger --budget and --resume go on")
	}
	res, err := s.Finish(ctx)
	w.Patch, w.Failed = res.Patch, res.Failed
	if w.Failed == "" && w.Patch.Empty() && (ending == task.Refused || ending == task.Filtered || ending == task.Overflow) {
		w.Failed = fmt.Sprintf("%s before any work: %s", ending, r.detail)
	}
	return w, err
}

// run is one attempt.
type run struct {
	limits Limits
	room   room
	client model.Client
	line   agent.Line
	log    *trajectory.Builder
	msgs   []model.Message

	began  time.Time
	steps  int
	tokens int64
	last   string // the last calls and their results
	same   int    // how often they came in a row
	idle   int    // answers without a call in a row
	sent   *task.Sent
	detail string
}

// over is the one place where limits are looked at.
func (r *run) over(ctx context.Context) (task.Ending, bool) {
	switch {
	case ctx.Err() != nil:
		r.detail = fmt.Sprintf("%v passed", r.limits.Time)
		return task.OutOfTime, true
	case r.steps >= r.limits.Steps:
		r.detail = fmt.Sprintf("%d steps were made", r.steps)
		return task.OutOfStep, true
	case r.limits.Tokens > 0 && r.tokens >= r.limits.Tokens:
		r.detail = fmt.Sprintf("%d tokens were used", r.tokens)
		return task.OverSpent, true
	case r.same >= r.limits.Same:
		r.detail = fmt.Sprintf("the same calls with the same results %d times", r.same)
		return task.Looped, true
	case r.idle >= 3:
		r.detail = "it called no tool and did not submit"
		return task.Stopped, true
	}
	return "", false
}

// loop asks and does until the end. The error is ours: no answer was had, or the
// box failed.
func (r *run) loop(ctx context.Context, t *task.Task) (task.Ending, error) {
	r.began = time.Now()
	r.say(model.System, prompt)
	r.say(model.User, strings.TrimSpace(t.Instruction))
	for {
		if ending, over := r.over(ctx); over {
			return ending, nil
		}
		req := r.line.Request(r.msgs...)
		req.Tools = tools
		res, err := r.client.Call(ctx, req)
		if ctx.Err() != nil {
			continue // over says so
		}
		if err != nil {
			r.log.Note("no answer: %v", err)
			return "", err
		}
		r.steps++
		r.tokens += res.Usage.Input + res.Usage.Output
		r.sent = agent.Sent(res.Sent)
		r.record(res)
		if ending, over := agent.EndingOf(res.Finish); over {
			r.detail = res.Detail
			return ending, nil
		}
		r.msgs = append(r.msgs, res.Message())
		submitted, err := r.do(ctx, res.Calls)
		if submitted || err != nil && ctx.Err() == nil {
			return task.Completed, err
		}
	}
}

// do runs the calls of one answer.
func (r *run) do(ctx context.Context, calls []model.ToolCall) (submitted bool, err error) {
	if len(calls) == 0 {
		r.idle++
		r.say(model.User, "Go on with the tools. When the work is done, call submit.")
		return false, nil
	}
	r.idle = 0
	now := ""
	for _, c := range calls {
		text, failed, err := r.room.do(ctx, c)
		if err != nil {
			return false, err
		}
		r.log.Result(c.ID, text)
		r.msgs = append(r.msgs, model.Message{Role: model.Tool, CallID: c.ID, Name: c.Name, Text: text, Failed: failed})
		now += c.Name + "\x00" + c.Args + "\x00" + text + "\x00"
		submitted = submitted || c.Name == "submit"
	}
	if now != r.last {
		r.last, r.same = now, 0
	}
	r.same++
	return submitted, nil
}

// say adds a turn that is not the model's.
func (r *run) say(role model.Role, text string) {
	r.msgs = append(r.msgs, model.Message{Role: role, Text: text})
	r.log.Say(trajectory.Source(role), text)
}

// record keeps an answer as soon as it is there.
func (r *run) record(res model.Response) {
	turn := trajectory.Turn{Model: res.Model, Text: res.Text, Reasoning: res.Reasoning}
	for _, c := range res.Calls {
		turn.Calls = append(turn.Calls, trajectory.Call{ID: c.ID, Name: c.Name, Args: []byte(c.Args)})
	}
	if res.Metered {
		turn.Metrics = &trajectory.Metrics{PromptTokens: res.Usage.Input, CompletionTokens: res.Usage.Output, CachedTokens: res.Usage.Cached}
	}
	r.log.Turn(turn)
}

// encode is the trajectory so far; nil where it cannot be written.
func (r *run) encode(w agent.Work) []byte {
	r.log.Extra("ending", w.Ending)
	if r.detail != "" {
		r.log.Note("%s", r.detail)
	}
	b, err := r.log.Finish(&trajectory.FinalMetrics{PromptTokens: w.Tokens.In, CompletionTokens: w.Tokens.Out, CachedTokens: w.Tokens.Cached, CostUSD: w.Cost}).Encode()
	if err != nil {
		return nil
	}
	return b
}
