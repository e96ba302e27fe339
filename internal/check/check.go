// Package check asks whether tasks are fair judges: the reference solution must
// pass every time, doing nothing must fail, every wrong solution must fail for
// the reason that it names and for no other, and every alternative must pass. A
// task that fails here is out of the score until it is mended.
//
// It is a workflow over package grade; it looks at judges, not at agents.
package check

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"metr/internal/grade"
	"metr/internal/task"
)

// Finding is what is wrong with a task as a judge.
type Finding struct {
	Answer string `json:"answer"` // gold, nop, wrong:NAME, alternative:NAME, task
	What   string `json:"what"`
}

// Result is what was found of one task.
type Result struct {
	Task         string    `json:"task"`
	Gold         int       `json:"gold_passed"`
	GoldRuns     int       `json:"gold_runs"`
	Wrong        int       `json:"wrong_caught"` // for the reason that they name
	Wrongs       int       `json:"wrong"`
	Alternative  int       `json:"alternative_passed"`
	Alternatives int       `json:"alternatives"`
	Findings     []Finding `json:"findings"`
}

// OK reports whether the task is a fair judge as far as was looked.
func (r Result) OK() bool { return len(r.Findings) == 0 }

// Checker checks tasks.
type Checker struct {
	Judge *grade.Judge
	Runs  int // of the reference solution, from 1
	Jobs  int // tasks at once
}

// Check checks each task of the suite and tells event of it in the order of
// finishing. The results are in the suite's order. An instrument's failure is a
// finding too: a judge that does not work is not fair.
func (c *Checker) Check(ctx context.Context, s *task.Suite, event func(Result)) ([]Result, error) {
	out := make([]Result, len(s.Tasks))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(c.Jobs, 1))
	events := make(chan Result)
	told := make(chan struct{})
	go func() {
		defer close(told)
		for r := range events {
			event(r)
		}
	}()
	for i, t := range s.Tasks {
		g.Go(func() error {
			var err error
			if out[i], err = c.task(ctx, t); err != nil {
				return err
			}
			events <- out[i]
			return nil
		})
	}
	err := g.Wait()
	close(events)
	<-told
	return out, err
}

func (c *Checker) task(ctx context.Context, t *task.Task) (Result, error) {
	r := Result{Task: t.ID, GoldRuns: c.Runs, Wrongs: len(t.Wrong), Alternatives: len(t.Alternative), Findings: []Finding{}}
	find := func(answer, format string, args ...any) {
		r.Findings = append(r.Findings, Finding{answer, fmt.Sprintf(format, args...)})
	}
	for i := range c.Runs {
		vs, o, why, err := c.judge(ctx, t, t.Solution)
		if err != nil {
			return r, err
		}
		if o != task.Solved {
			find("gold", "run %d of %d: %v: %s", i+1, c.Runs, o, why)
			continue
		}
		r.Gold++
		if i == 0 {
			for _, v := range vs {
				if v.Status != task.Pass {
					find("gold", "reported grader %s: %s", v.Grader, v.Reason)
				}
			}
			c.labels(t, vs, find)
		}
	}
	if _, o, why, err := c.judge(ctx, t, task.Patch{}); err != nil {
		return r, err
	} else if o != task.Unsolved {
		find("nop", "nothing done is %v %s", o, why)
	}
	for _, w := range t.Wrong {
		vs, o, why, err := c.judge(ctx, t, w.Patch)
		if err != nil {
			return r, err
		}
		if what := caught(w, vs, o, why); what != "" {
			find("wrong:"+w.Name, "%s", what)
			continue
		}
		r.Wrong++
	}
	for _, a := range t.Alternative {
		_, o, why, err := c.judge(ctx, t, a.Patch)
		if err != nil {
			return r, err
		}
		if o != task.Solved {
			find("alternative:"+a.Name, "%v: %s", o, why)
			continue
		}
		r.Alternative++
	}
	if t.Function == nil && len(t.Wrong) < 2 {
		find("task", "%d wrong solutions, two or more are needed to know that the judge sees anything", len(t.Wrong))
	}
	return r, nil
}

func (c *Checker) judge(ctx context.Context, t *task.Task, p task.Patch) ([]task.Verdict, task.Outcome, string, error) {
	vs, _, err := c.Judge.Judge(ctx, t, p)
	o, why := task.Decide(vs)
	return vs, o, why, err
}

// labels wants the hidden tests of a folder task to look from more than one side.
func (c *Checker) labels(t *task.Task, vs []task.Verdict, find func(string, string, ...any)) {
	if t.Function != nil {
		return
	}
	for _, v := range vs {
		if v.Grader != "tests" {
			continue
		}
		var have []string
		for _, test := range v.Tests {
			if l := string(test.Label); !slices.Contains(have, l) {
				have = append(have, l)
			}
		}
		if len(have) < 2 {
			find("task", "hidden tests of one label only: %s", strings.Join(have, ", "))
		}
	}
}

// caught says what is amiss with how a wrong solution was judged, or "".
func caught(w task.Variant, vs []task.Verdict, o task.Outcome, why string) string {
	if o != task.Unsolved {
		return fmt.Sprintf("is %v %s", o, why)
	}
	named := false
	for _, v := range vs {
		switch {
		case v.Grader == w.Grader && v.Status != task.Fail:
			return fmt.Sprintf("grader %s did not catch it (%s); %s", w.Grader, v.Status, why)
		case v.Grader == w.Grader:
			named = true
			if w.Label != "" && !slices.ContainsFunc(v.Tests, func(t task.Test) bool { return t.Label == w.Label && t.Status != task.Pass }) {
				return fmt.Sprintf("no test labelled %s failed: %s", w.Label, v.Reason)
			}
		case v.Required && v.Status == task.Fail:
			return fmt.Sprintf("grader %s failed too: %s", v.Grader, v.Reason)
		}
	}
	if !named {
		return fmt.Sprintf("grader %s was never asked", w.Grader)
	}
	return ""
}
