package grade

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"metr/internal/task"
)

// say is a grader that opens no box.
type say struct {
	status task.Status
	err    error
}

func (s say) Grade(_ context.Context, _ *Lab, c Case) (task.Verdict, error) {
	v := c.Verdict(task.Semantics, task.Static)
	v.Status, v.Reason = s.status, string(s.status)
	return v, s.err
}

// gate is one that gates.
type gate struct{ say }

func (gate) Gate() {}

func TestJudge(t *testing.T) {
	broken := errors.New("no disk")
	graders := func(build, tests Grader) map[string]Grader { return map[string]Grader{"build": build, "tests": tests} }
	tests := []struct {
		name    string
		graders map[string]Grader
		path    string
		want    string // status of build and of tests
		outcome task.Outcome
		reason  string
	}{
		{"both pass", graders(gate{say{task.Pass, nil}}, say{task.Pass, nil}), "a", "pass pass", task.Solved, ""},
		{"the gate fails", graders(gate{say{task.Fail, nil}}, say{task.Pass, nil}), "a", "fail skipped", task.Unsolved, "build: fail"},
		{"no gate fails", graders(say{task.Fail, nil}, say{task.Pass, nil}), "a", "fail pass", task.Unsolved, "build: fail"},
		{"the gate breaks", graders(gate{say{task.Pass, broken}}, say{task.Pass, nil}), "a", "broken skipped", task.Invalid, "build: no disk"},
		{"a grader breaks", graders(gate{say{task.Pass, nil}}, say{task.Pass, broken}), "a", "pass broken", task.Invalid, "tests: no disk"},
		{"the patch leaves the workspace", graders(gate{say{task.Pass, nil}}, say{task.Pass, nil}), "../a", "fail fail", task.Unsolved, `build: patch: "../a" is not a path inside the workspace`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			j := &Judge{Graders: tt.graders}
			tk := &task.Task{ID: "t", Graders: []task.Grader{{Name: "build", Required: true}, {Name: "tests", Required: true}}}
			vs, _, err := j.Judge(t.Context(), tk, task.Patch{Changes: []task.Change{{Path: tt.path}}})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, v := range vs {
				got = append(got, string(v.Status))
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("%v, want %s", got, tt.want)
			}
			if o, why := task.Decide(vs); o != tt.outcome || why != tt.reason {
				t.Errorf("%v %q, want %v %q", o, why, tt.outcome, tt.reason)
			}
		})
	}
}

func TestJudgeInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	j := &Judge{Graders: map[string]Grader{"tests": say{task.Pass, nil}}}
	if vs, _, err := j.Judge(ctx, &task.Task{Graders: []task.Grader{{Name: "tests", Required: true}}}, task.Patch{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v %v", vs, err)
	}
}

func TestCheckKnowsTheGraders(t *testing.T) {
	j := &Judge{Graders: map[string]Grader{"tests": say{}}}
	s := &task.Suite{Tasks: []*task.Task{{ID: "t", Graders: []task.Grader{{Name: "tests"}, {Name: "taste"}}}}}
	if err := j.Check(s); err == nil || err.Error() != `task t: grader "taste" is not known` {
		t.Errorf("%v", err)
	}
}

func TestOnce(t *testing.T) {
	l := NewLab(nil, nil)
	ran := 0
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			v, err := Once(l, "k", func() (int, error) { ran++; return 7, nil })
			if v != 7 || err != nil {
				t.Errorf("%d %v", v, err)
			}
		})
	}
	wg.Wait()
	if v, _ := Once(l, "other", func() (int, error) { return 8, nil }); ran != 1 || v != 8 {
		t.Errorf("ran %d times; another key gives %d", ran, v)
	}
}

func TestFirst(t *testing.T) {
	for _, tt := range []struct {
		s    string
		n    int
		want string
	}{{"abc", 3, "abc"}, {"abcd", 3, "abc …"}, {"äöü", 2, "äö …"}, {"", 0, ""}} {
		if got := First(tt.s, tt.n); got != tt.want {
			t.Errorf("First(%q, %d) = %q", tt.s, tt.n, got)
		}
	}
}
