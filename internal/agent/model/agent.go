// Package model is the agent that asks its model once, without tools: a prompt
// by kind and language, one answer, and what extract takes out of it.
//
//	task ──ask──> prompt ──gateway──> answer ──extract──> patch
//
// Function-level tasks can be asked in completion mode, for base models without
// a chat template: the prompt is the beginning of the program. Refusals, filters,
// a prompt that is too long and an answer that was cut are endings. It does not
// look at what a test said and does not ask twice.
package model

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"metr/internal/agent"
	"metr/internal/agent/extract"
	"metr/internal/agent/trajectory"
	"metr/internal/gateway"
	llm "metr/internal/model"
	"metr/internal/task"
)

// Agent asks once. It is safe for concurrent use.
type Agent struct {
	Line       agent.Line
	Completion bool          // ask in completion mode: for base models
	Time       time.Duration // for an attempt; 0: the gateway's own limits alone
}

// Name is "model".
func (a *Agent) Name() string { return "model" }

// Model is the model asked for.
func (a *Agent) Model(*task.Task, int) string { return a.Line.Model.String() }

// The limits on output where the user sets none: compatible servers may go on
// for ever, and the legacy protocol ends after 16 tokens.
const (
	openMax       = 4096
	completionMax = 1024
)

// Solve asks the model.
func (a *Agent) Solve(ctx context.Context, t *task.Task, epoch int) (agent.Work, error) {
	at, err := a.Line.Open(a.Name(), t, epoch)
	if err != nil {
		return agent.Work{}, err
	}
	defer at.Close()
	if a.Time > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, a.Time)
		defer cancel()
	}
	completion := a.Completion
	msgs, err := ask(t, completion)
	if err != nil {
		return agent.Work{}, err
	}
	res, err := a.call(ctx, at, msgs, completion)
	if err != nil && !completion && noTemplate(err) {
		if completion = true; !canComplete(t, a.Line.Provider) {
			err = fmt.Errorf("%s has no chat template, and task %s is no beginning of a program to go on with: use a model that chats", a.Line.Model, t.ID)
		} else if msgs, err = ask(t, true); err == nil {
			res, err = a.call(ctx, at, msgs, true)
		}
	}
	_ = at.Close()
	w := agent.Work{Sent: agent.Sent(res.Sent)}
	a.Line.Note(&w, at.Summary())
	if err != nil {
		w.Trajectory = told(a.Line.Model.String(), t, epoch, msgs, nil)
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			w.Ending, w.Failed = task.OutOfTime, fmt.Sprintf("no answer within %v", a.Time)
			return w, nil
		}
		return w, err
	}
	return w, a.take(&w, t, epoch, msgs, res, completion)
}

func (a *Agent) call(ctx context.Context, at *gateway.Attempt, msgs []llm.Message, completion bool) (llm.Response, error) {
	req := a.Line.Request(msgs...)
	protocol := llm.Protocol("")
	switch {
	case completion:
		protocol = llm.Completions
		req.MaxTokens = cmp.Or(req.MaxTokens, completionMax)
		req.Stop = []string{"\ndef ", "\nclass ", "\nif __name__", "\n```"}
	case a.Line.Provider.Open:
		req.MaxTokens = cmp.Or(req.MaxTokens, openMax)
	}
	return at.Client(protocol).Call(ctx, req)
}

// Prompt is what a task is asked with, all of it in one text.
func (a *Agent) Prompt(t *task.Task) (string, error) {
	msgs, err := ask(t, a.Completion)
	var out []string
	for _, m := range msgs {
		out = append(out, m.Text)
	}
	return strings.Join(out, "\n\n"), err
}

// take turns the answer into work.
func (a *Agent) take(w *agent.Work, t *task.Task, epoch int, msgs []llm.Message, res llm.Response, completion bool) error {
	w.Ending, _ = agent.EndingOf(res.Finish)
	w.Detail = res.Detail
	w.Trajectory = told(a.Line.Model.String(), t, epoch, msgs, &res)
	rec := record{Mode: w.Sent.Mode, Finish: res.Finish, Detail: res.Detail, ID: res.ID, Raw: res.Text, Reasoning: res.Reasoning}
	switch w.Ending {
	case task.OverSpent:
		if agent.RunBudget(res.Detail) {
			return errors.New(res.Detail + "; a larger --budget and --resume go on")
		}
		w.Failed = "the budget ended before the answer: " + res.Detail
	case task.Refused:
		w.Failed = "the model refused: " + first(cmp.Or(res.Detail, res.Text))
	case task.Filtered:
		w.Failed = "the provider filtered the answer: " + first(res.Detail)
	case task.Overflow:
		w.Failed = "the task does not fit into the model: " + first(res.Detail)
	default:
		if completion {
			rec.Taken = extract.Continuation(t, res.Text)
		} else {
			rec.Taken = extract.Answer(t, res.Text)
		}
		if w.Patch = rec.Patch; rec.Why != "" {
			w.Failed = rec.Why
			if w.Ending == task.Truncated {
				w.Failed = "cut by the limit on tokens: " + rec.Why
			}
		}
	}
	var err error
	w.Extraction, err = json.Marshal(rec)
	return err
}

// record is what is kept of the extraction.
type record struct {
	extract.Taken
	Mode      string     `json:"mode"`
	Finish    llm.Finish `json:"finish"`
	Detail    string     `json:"detail,omitempty"`
	ID        string     `json:"id,omitempty"` // the provider's, of the answer
	Raw       string     `json:"raw"`
	Reasoning string     `json:"reasoning,omitempty"`
}

// told is the attempt as a trajectory; res is nil where no answer was had.
func told(name string, t *task.Task, epoch int, msgs []llm.Message, res *llm.Response) []byte {
	b := trajectory.New(trajectory.Agent{Name: "model", ModelName: name}, agent.Scope("model", t, epoch))
	for _, m := range msgs {
		from := trajectory.FromUser
		if m.Role == llm.System {
			from = trajectory.FromSystem
		}
		b.Say(from, m.Text)
	}
	if res != nil {
		turn := trajectory.Turn{Model: res.Model, Text: res.Text, Reasoning: res.Reasoning}
		if res.Metered {
			turn.Metrics = &trajectory.Metrics{PromptTokens: res.Usage.Input, CompletionTokens: res.Usage.Output, CachedTokens: res.Usage.Cached}
		}
		b.Turn(turn)
		b.Extra("finish", res.Finish)
	}
	out, err := b.Finish(nil).Encode()
	if err != nil {
		return nil
	}
	return out
}

// first is the first line of what a provider said.
func first(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200]) + " …"
	}
	return cmp.Or(s, "no reason given")
}

// noTemplate recognises how servers say that a model does not chat.
func noTemplate(err error) bool {
	var e *llm.Error
	return errors.As(err, &e) && strings.Contains(strings.ToLower(e.Message), "chat template")
}

func canComplete(t *task.Task, p llm.Provider) bool {
	sure, _ := p.Speaks(llm.Completions)
	return sure && t.Function != nil && t.Function.Prompt != ""
}
