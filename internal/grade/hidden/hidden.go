// Package hidden holds the graders that question the candidate's code through
// the oracle: Tests (hidden tests, and the judges of function-level data sets)
// and Speed (processor time measured by the same hidden tests).
//
//	hidden tests ──> judge's box <──oracle's relay──> subject's box <── workspace + patch
package hidden

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"metr/internal/grade"
	"metr/internal/grade/mbxp"
	"metr/internal/grade/oracle"
	"metr/internal/stats"
	"metr/internal/task"
)

// Oracle runs hidden tests. Make one with New; the caller closes it.
type Oracle struct {
	python    *oracle.Python
	functions *oracle.Functions
}

// New returns an Oracle whose Python judges open boxes with the backend. The
// graders of all attempts share it.
func New(p *oracle.Python, f *oracle.Functions) *Oracle { return &Oracle{python: p, functions: f} }

// result runs the hidden tests of the case, once an attempt; round tells
// repeated runs apart.
func (o *Oracle) result(ctx context.Context, lab *grade.Lab, c grade.Case, round int) (oracle.Result, error) {
	return grade.Once(lab, fmt.Sprint("hidden ", round), func() (oracle.Result, error) {
		var r oracle.Result
		var err error
		switch c.Task.Language {
		case task.Python:
			r, err = o.pythonTests(ctx, lab, c)
			lab.Backend.Add(r.CPU)
		case task.Go:
			r, err = o.goTests(ctx, lab, c)
		case task.Rust, task.Java, task.C, task.Cpp:
			r, err = programTests(ctx, lab, c)
		default:
			r, err = o.jsTests(ctx, lab, c)
		}
		return r, err
	})
}

func (o *Oracle) pythonTests(ctx context.Context, lab *grade.Lab, c grade.Case) (oracle.Result, error) {
	tool, err := lab.Host.For(ctx, c.Task.Language)
	if err != nil {
		return oracle.Result{}, err
	}
	f := oracle.Folder{Tests: c.Task.Tests, Before: c.Task.Workspace, After: c.Tree, Limits: c.Task.Limits, Layers: tool.Layers}
	return o.python.Folder(ctx, f, limits(c.Task))
}

// limits are the oracle's for a task: a call may use what the task may.
func limits(t *task.Task) oracle.Limits {
	return oracle.Limits{Call: t.Limits.CPU}
}

// Tests is the grader of hidden tests.
type Tests struct{ *Oracle }

// Grade runs the hidden tests, or the data set's judge for a function-level task.
func (g Tests) Grade(ctx context.Context, lab *grade.Lab, c grade.Case) (task.Verdict, error) {
	if mbxp.Judges(c.Task) {
		return mbxp.Grade(ctx, lab, c)
	}
	if c.Task.Function != nil && c.Task.Language == task.TypeScript {
		return typescriptFunction(ctx, lab, c)
	}
	if c.Task.Function != nil {
		v, cpu, err := g.functions.GradeFunction(ctx, c.Task, c.Patch)
		lab.Backend.Add(cpu)
		v.Grader, v.Required = c.Spec.Name, c.Spec.Required
		return v, err
	}
	v := c.Verdict(task.Semantics, task.OutOfProcess)
	r, err := g.result(ctx, lab, c, 0)
	if err != nil {
		return v, err
	}
	v.Tests = r.Tests
	v.Status, v.Reason = fold(r)
	return v, nil
}

// fold is the status of a run of hidden tests and the reason if it is a failure.
func fold(r oracle.Result) (task.Status, string) {
	failed := 0
	reason := ""
	for _, t := range r.Tests {
		if t.Status == task.Pass {
			continue
		}
		if failed++; failed == 1 {
			reason = fmt.Sprintf("%s: %s", t.Name, grade.First(t.Message, 200))
		}
	}
	switch {
	case r.Late != "":
		return task.Fail, r.Late
	case len(r.Tests) == 0 && r.Gone != "":
		return task.Fail, "no test ran: " + r.Gone
	case len(r.Tests) == 0:
		return task.Fail, "no test ran"
	case failed > 0:
		return task.Fail, fmt.Sprintf("%d of %d failed: %s", failed, len(r.Tests), reason)
	}
	return task.Pass, ""
}

// Speed is the grader of a stated speed-up: the median ratio of processor time
// between the code before and after the patch, as package stats judges it.
type Speed struct{ *Oracle }

// rounds is how often the measurement is repeated before an unclear result is
// taken as it is.
const rounds = 3

// Grade measures. A control that does not hold (the same code against itself)
// is an error: nothing can be said then.
func (g Speed) Grade(ctx context.Context, lab *grade.Lab, c grade.Case) (task.Verdict, error) {
	v := c.Verdict(task.Constraint, task.OutOfProcess)
	rows := map[string][]stats.Timing{}
	var s stats.Speedup
	for round := range rounds {
		r, err := g.result(ctx, lab, c, round)
		if err != nil {
			return v, err
		}
		if len(r.Pairs) == 0 {
			v.Status, v.Reason = task.Fail, "nothing was measured: "+why(r)
			return v, nil
		}
		for _, p := range r.Pairs {
			for _, row := range p.Rows {
				rows[p.Name] = append(rows[p.Name], stats.Timing{N: int(row[0]), BaseNS: float64(row[1]), Base2NS: float64(row[2]), CandNS: float64(row[3])})
			}
		}
		if s, err = slowest(rows, c.Spec.Factor); err != nil {
			return v, err
		}
		if s.Decision != stats.Unclear {
			break
		}
	}
	if !s.AAOK {
		return v, fmt.Errorf("the control failed: the same code differs from itself by %.2f; run again on a quieter machine", s.AARatio)
	}
	var err error
	if v.Figures, err = json.Marshal(s); err != nil {
		return v, err
	}
	if s.Decision == stats.Missed || s.Decision == stats.Unclear && s.Ratio < c.Spec.Factor {
		v.Status = task.Fail
		v.Reason = fmt.Sprintf("%.2f times as fast [%.2f, %.2f], asked for %g", s.Ratio, s.Low, s.High, c.Spec.Factor)
	}
	return v, nil
}

// slowest judges each measurement and returns the one with the least speed-up.
func slowest(rows map[string][]stats.Timing, factor float64) (stats.Speedup, error) {
	var all []stats.Speedup
	for name, ts := range rows {
		s, err := stats.Speed(ts, factor, 0.95, 1)
		if err != nil {
			return s, fmt.Errorf("measurement %q: %w", name, err)
		}
		all = append(all, s)
	}
	return slices.MinFunc(all, func(a, b stats.Speedup) int {
		if a.Ratio < b.Ratio {
			return -1
		}
		return 1
	}), nil
}

func why(r oracle.Result) string {
	for _, t := range r.Tests {
		if t.Status != task.Pass {
			return t.Name + ": " + grade.First(t.Message, 200)
		}
	}
	if r.Gone != "" {
		return r.Gone
	}
	return "the hidden tests measured nothing"
}

// judgeLimits bound a judge's own process.
var judgeLimits = task.Limits{CPU: 5 * time.Minute, Wall: 15 * time.Minute, Memory: 1 << 30}
