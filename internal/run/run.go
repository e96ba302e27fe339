// Package run is the workflow behind metr run and metr grade: it takes a list of
// attempts, has each one solved and judged, and writes it to the log before it
// counts. What is in the log already is not done again, so that going on after
// an interruption is the same as starting.
//
//	items ──> (not in the log yet) ──> agent ──> patch ──> judge ──> verdicts ──> log ──> event
package run

import (
	"context"
	"fmt"
	"iter"
	"time"

	"golang.org/x/sync/errgroup"

	"metr/internal/agent"
	"metr/internal/grade"
	"metr/internal/task"
)

// Item is one attempt to be made.
type Item struct {
	Agent agent.Agent
	Task  *task.Task
	Epoch int
}

// Key is the item's key in the log.
func (i Item) Key() task.Key {
	k := task.Key{Agent: i.Agent.Name(), Task: i.Task.ID, Epoch: i.Epoch}
	if m, ok := i.Agent.(agent.Modeler); ok {
		k.Model = m.Model(i.Task, i.Epoch)
	}
	return k
}

// Log is where attempts are kept; *runlog.Log is one.
type Log interface {
	Append(context.Context, task.Attempt) error
	Put(context.Context, []byte) (string, error)
}

// Runner makes attempts.
type Runner struct {
	Judge *grade.Judge
	Log   Log
	Done  map[task.Key]bool    // attempts to leave out: they are in the log
	Jobs  int                  // attempts at once, from 1
	Retry int                  // how often an attempt that came out invalid is made again at once
	Event func(a task.Attempt) // told of each attempt once it is in the log; called from one goroutine at a time
	Now   func() time.Time     // nil: time.Now
}

// maxKeeping is how many finished attempts may wait for the disk beside the ones
// that are being made.
const maxKeeping = 32

// Run makes the attempts that are not done yet. An instrument's failure makes
// the attempt Invalid and the run goes on; the error is of the items, of the log
// or of ctx, and what was finished before it is in the log.
func (r *Runner) Run(ctx context.Context, items iter.Seq2[Item, error]) error {
	if r.Now == nil {
		r.Now = time.Now
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(max(r.Jobs, 1))
	// Keeping attempts goes on beside the making of the next ones: records that
	// wait for the disk at the same time become durable together.
	keep, kctx := errgroup.WithContext(gctx)
	keep.SetLimit(max(r.Jobs, 1) + maxKeeping)
	events := make(chan task.Attempt)
	told := make(chan struct{})
	go func() {
		defer close(told)
		for a := range events {
			if r.Event != nil {
				r.Event(a)
			}
		}
	}()
	var bad error
	for it, err := range items {
		if err != nil {
			bad = err
			break
		}
		if r.Done[it.Key()] {
			continue
		}
		if kctx.Err() != nil {
			break
		}
		g.Go(func() error {
			a, err := r.attempt(kctx, it)
			if err != nil {
				return err
			}
			// An attempt that is finished is kept, also when the run is being
			// interrupted at this moment.
			keep.Go(func() error {
				if err := r.keep(context.WithoutCancel(gctx), &a); err != nil {
					return fmt.Errorf("run log: %w", err)
				}
				events <- a.Attempt
				return nil
			})
			return nil
		})
	}
	err := g.Wait()
	if kerr := keep.Wait(); kerr != nil { // why attempts were cut short, if they were
		err = kerr
	}
	close(events)
	<-told
	if err == nil {
		err = context.Cause(ctx)
	}
	if err == nil {
		err = bad
	}
	return err
}

// attempt makes one attempt, again where the instrument failed and Retry allows.
// The error means that the run cannot go on.
func (r *Runner) attempt(ctx context.Context, it Item) (made, error) {
	a, err := r.once(ctx, it)
	for n := 0; err == nil && a.Outcome == task.Invalid && n < r.Retry; n++ {
		var b made
		if b, err = r.once(ctx, it); err != nil {
			break
		}
		b.Use(a.Attempt)
		a = b
	}
	return a, err
}

// made is an attempt whose blobs are not in the log yet.
type made struct {
	task.Attempt
	patch, trajectory, extraction []byte // nil: there is none
}

// keep puts an attempt into the log, its blobs first.
func (r *Runner) keep(ctx context.Context, a *made) (err error) {
	for _, b := range []struct {
		data   []byte
		digest *string
	}{{a.patch, &a.Patch}, {a.trajectory, &a.Trajectory}, {a.extraction, &a.Extraction}} {
		if b.data == nil {
			continue
		}
		if *b.digest, err = r.Log.Put(ctx, b.data); err != nil {
			return err
		}
	}
	return r.Log.Append(ctx, a.Attempt)
}

// once makes one attempt.
func (r *Runner) once(ctx context.Context, it Item) (made, error) {
	began := r.Now()
	t, key := it.Task, it.Key()
	a := made{Attempt: task.Attempt{
		Task: t.ID, Epoch: it.Epoch, Agent: key.Agent, Model: key.Model,
		Kind: t.Kind, Language: t.Language, Started: began.UTC(),
	}}
	work, err := solve(ctx, it)
	if ctx.Err() != nil {
		return a, context.Cause(ctx)
	}
	a.Tokens, a.CostUSD, a.Calls, a.Sent, a.Served = work.Tokens, work.Cost, work.Calls, work.Sent, work.Served
	a.trajectory, a.extraction = work.Trajectory, work.Extraction
	switch {
	case err != nil:
		a.Reason = "agent: " + err.Error() // Outcome stays Invalid
	case work.Failed != "":
		a.Outcome, a.Reason, a.Ending = task.Unsolved, work.Failed, work.Ending
		if judged(work.Ending) {
			a.Verdicts = failed(t, work.Failed)
		}
	default:
		a.Ending = work.Ending
		if a.patch, err = agent.EncodePatch(work.Patch); err != nil {
			return a, err
		}
		var cpu time.Duration
		if a.Verdicts, cpu, err = r.Judge.Judge(ctx, t, work.Patch); err != nil {
			return a, err
		}
		a.Outcome, a.Reason = task.Decide(a.Verdicts)
		a.CPUS = cpu.Seconds()
	}
	a.WallS = r.Now().Sub(began).Seconds()
	return a, nil
}

// solve has the agent work. A panic is a fault of ours that one attempt found;
// the run goes on without it.
func solve(ctx context.Context, it Item) (w agent.Work, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return it.Agent.Solve(ctx, it.Task, it.Epoch)
}

// judged says whether work that left nothing to judge is a wrong answer. What
// the model or its provider would not do, or could not end, is none: such an
// attempt is unsolved and its axes were not looked at.
func judged(e task.Ending) bool { return e == "" || e == task.Completed }

// failed are the verdicts on an answer that left nothing to judge.
func failed(t *task.Task, why string) []task.Verdict {
	var out []task.Verdict
	for _, g := range t.Graders {
		out = append(out, task.Verdict{Grader: g.Name, Axis: grade.Axis(g.Name), Required: g.Required, Status: task.Fail, Reason: why})
	}
	return out
}
