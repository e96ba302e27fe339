// Package agent is who solves tasks: the reference solution (Gold), nobody
// (Nop), a task's own wrong and alternative solutions (Variant), the attempts of
// an earlier run (Replay), and answers that were made elsewhere (Fixed). Agents
// that call models fit the same interface and live in packages beside this one;
// Line is how they reach their model.
//
//	model    one call, no tools; extract takes the code out of the answer
//	loop     the built-in agent with tools, in a session's box
//	session  a box with the workspace and the gateway in it
//	cli      other people's agents, and any program
//
// An agent is asked for a patch and nothing else; it never judges.
package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"metr/internal/task"
)

// Agent turns a task into a patch. It is safe for concurrent use.
type Agent interface {
	// Name is what the log records: gold, nop, replay, ...
	Name() string
	// Solve works on the task. What the agent could not do is in Work; an error
	// means that our own instrument failed, a provider that could not be reached
	// included. What was used until then is in Work all the same.
	Solve(ctx context.Context, t *task.Task, epoch int) (Work, error)
}

// Modeler is implemented by agents whose attempts are kept by the model that was
// asked for.
type Modeler interface {
	// Model is the model of an attempt, PROVIDER/NAME[@EFFORT]; "" for none.
	Model(t *task.Task, epoch int) string
}

// Work is what an agent did.
type Work struct {
	Patch  task.Patch
	Model  string // as asked for, or as an answers file names it
	Failed string // why there is no patch to judge, e.g. a diff that does not apply; "" otherwise
	Tokens task.Tokens
	Cost   *float64 // US dollars; nil: unknown

	Ending     task.Ending // "" where no model was called
	Detail     string      // more about the ending, e.g. what the provider said
	Calls      int         // of a model, that were answered
	Sent       *task.Sent
	Served     *task.Served
	Trajectory []byte // ATIF 1.7, kept as a blob; nil: none
	Extraction []byte // JSON, kept as a blob; nil: none
}

// free is the cost of agents that call no model.
func free() *float64 { return new(float64) }

// Gold answers with the reference solution.
type Gold struct{}

// Name is "gold".
func (Gold) Name() string { return "gold" }

// Solve returns the reference solution.
func (Gold) Solve(_ context.Context, t *task.Task, _ int) (Work, error) {
	if t.Solution.Empty() {
		return Work{}, fmt.Errorf("task %s has no reference solution", t.ID)
	}
	return Work{Patch: t.Solution, Cost: free()}, nil
}

// Nop changes nothing: what it solves needs no solving.
type Nop struct{}

// Name is "nop".
func (Nop) Name() string { return "nop" }

// Solve returns an empty patch.
func (Nop) Solve(context.Context, *task.Task, int) (Work, error) { return Work{Cost: free()}, nil }

// Variant answers with one of a task's own known answers.
type Variant struct {
	Kind string // "wrong" or "alternative"
	V    task.Variant
}

// Name is KIND:NAME.
func (v Variant) Name() string { return v.Kind + ":" + v.V.Name }

// Solve returns the known answer.
func (v Variant) Solve(context.Context, *task.Task, int) (Work, error) {
	return Work{Patch: v.V.Patch, Cost: free()}, nil
}

// Fixed answers with work that was done before.
type Fixed struct {
	Label string
	Work  Work
}

// Name is the label.
func (f Fixed) Name() string { return f.Label }

// Model is the work's own.
func (f Fixed) Model(*task.Task, int) string { return f.Work.Model }

// Solve returns the work.
func (f Fixed) Solve(context.Context, *task.Task, int) (Work, error) { return f.Work, nil }

// Earlier reads the patches of an earlier run.
type Earlier interface {
	// Patch returns what was recorded for the task and epoch; ok is false where
	// there is none.
	Patch(ctx context.Context, taskID string, epoch int) (w Work, ok bool, err error)
	// Model is the model that the attempt was recorded under, "" for none.
	Model(taskID string, epoch int) string
}

// Replay judges the attempts of an earlier run again.
type Replay struct{ From Earlier }

// Name is "replay".
func (Replay) Name() string { return "replay" }

// Model is the one that was recorded.
func (r Replay) Model(t *task.Task, epoch int) string { return r.From.Model(t.ID, epoch) }

// ErrNoAttempt means that the log to be replayed has no attempt at a task.
var ErrNoAttempt = errors.New("the log has no attempt at it")

// Solve returns the recorded patch.
func (r Replay) Solve(ctx context.Context, t *task.Task, epoch int) (Work, error) {
	w, ok, err := r.From.Patch(ctx, t.ID, epoch)
	if err == nil && !ok {
		err = fmt.Errorf("task %s, epoch %d: %w", t.ID, epoch, ErrNoAttempt)
	}
	return w, err
}

// EncodePatch and DecodePatch are the form in which logs keep patches.
func EncodePatch(p task.Patch) ([]byte, error) { return json.Marshal(p) }

// DecodePatch reads what EncodePatch wrote.
func DecodePatch(b []byte) (task.Patch, error) {
	var p task.Patch
	err := json.Unmarshal(b, &p)
	return p, err
}
