package check

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"metr/internal/grade"
	"metr/internal/task"
)

// judge is a grader that opens no box: it reads a's text as what to say.
type judge struct{ asked atomic.Int64 }

func (j *judge) Grade(_ context.Context, _ *grade.Lab, c grade.Case) (task.Verdict, error) {
	v := c.Verdict(task.Semantics, task.OutOfProcess)
	text := string(c.Tree["a"].Data)
	n := j.asked.Add(1)
	typical := task.Test{Name: "t", Label: task.Typical, Status: task.Pass}
	edge := task.Test{Name: "e", Label: task.Edge, Status: task.Pass}
	switch {
	case text == "broken":
		return v, errors.New("no disk")
	case text == "right", text == "flaky" && n%2 == 1:
	case text == "edge":
		edge.Status, v.Status, v.Reason = task.Fail, task.Fail, "edge"
	default:
		typical.Status, v.Status, v.Reason = task.Fail, task.Fail, "typical"
	}
	v.Tests = []task.Test{typical, edge}
	return v, nil
}

// strict is a second grader, which only the text "edge" and "right" satisfy.
type strict struct{}

func (strict) Grade(_ context.Context, _ *grade.Lab, c grade.Case) (task.Verdict, error) {
	v := c.Verdict(task.Context, task.Static)
	if text := string(c.Tree["a"].Data); text == "both" {
		v.Status, v.Reason = task.Fail, "not strict"
	}
	return v, nil
}

func answer(text string) task.Patch {
	return task.Patch{Changes: []task.Change{{Path: "a", Data: []byte(text)}}}
}

func TestCheck(t *testing.T) {
	wrong := func(name, text, grader string, label task.Label) task.Variant {
		return task.Variant{Name: name, Grader: grader, Label: label, Patch: answer(text)}
	}
	two := []task.Variant{wrong("w1", "edge", "tests", task.Edge), wrong("w2", "typical", "tests", task.Typical)}
	tests := []struct {
		name     string
		gold     string
		start    string
		wrong    []task.Variant
		right    []task.Variant
		findings []string
	}{
		{"fair", "right", "x", two, []task.Variant{{Name: "v", Patch: answer("right")}}, nil},
		{"the reference fails now and then", "flaky", "x", two, nil, []string{"gold: run 2 of 3: unsolved"}},
		{"the judge breaks", "broken", "x", two, nil, []string{"gold: run 1 of 3: invalid: tests: no disk", "run 2", "run 3"}},
		{"nothing done passes", "right", "right", two, nil, []string{"nop: nothing done is solved"}},
		{"a wrong one passes", "right", "x", []task.Variant{two[0], wrong("w2", "right", "tests", task.Typical)}, nil, []string{"wrong:w2: is solved"}},
		{"another label catches it", "right", "x", []task.Variant{two[0], wrong("w2", "typical", "tests", task.Edge)}, nil, []string{"wrong:w2: no test labelled edge failed"}},
		{"another grader catches it", "right", "x", []task.Variant{two[0], wrong("w2", "edge", "strict", "")}, nil, []string{"wrong:w2: grader tests failed too"}},
		{"two graders catch it", "right", "x", []task.Variant{two[0], wrong("w2", "both", "tests", task.Typical)}, nil, []string{"wrong:w2: grader strict failed too"}},
		{"an alternative fails", "right", "x", two, []task.Variant{{Name: "v", Patch: answer("edge")}}, []string{"alternative:v: unsolved"}},
		{"one wrong solution only", "right", "x", two[:1], nil, []string{"task: 1 wrong solutions"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := &Checker{Runs: 3, Jobs: 2, Judge: &grade.Judge{Graders: map[string]grade.Grader{"tests": &judge{}, "strict": strict{}}}}
			tk := &task.Task{
				ID: "t", Workspace: task.Tree{"a": {Data: []byte(tt.start)}}, Solution: answer(tt.gold), Wrong: tt.wrong, Alternative: tt.right,
				Graders: []task.Grader{{Name: "tests", Required: true}, {Name: "strict", Required: true}},
			}
			told := 0
			out, err := c.Check(t.Context(), &task.Suite{Tasks: []*task.Task{tk}}, func(Result) { told++ })
			if err != nil || len(out) != 1 || told != 1 {
				t.Fatalf("%v, %d results, %d told", err, len(out), told)
			}
			var got []string
			for _, f := range out[0].Findings {
				got = append(got, f.Answer+": "+f.What)
			}
			if len(got) != len(tt.findings) || out[0].OK() != (len(tt.findings) == 0) {
				t.Fatalf("findings %q, want %q", got, tt.findings)
			}
			for i, want := range tt.findings {
				if !strings.Contains(got[i], want) {
					t.Errorf("%q, want %q", got[i], want)
				}
			}
		})
	}
}
