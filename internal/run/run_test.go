package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"metr/internal/agent"
	"metr/internal/grade"
	"metr/internal/task"
)

// memory is a Log that keeps attempts in memory and may fail.
type memory struct {
	mu       sync.Mutex
	attempts []task.Attempt
	fail     error // what Append returns from the second attempt on
}

func (m *memory) Append(_ context.Context, a task.Attempt) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil && len(m.attempts) > 0 {
		return m.fail
	}
	m.attempts = append(m.attempts, a)
	return nil
}

func (m *memory) Put(_ context.Context, b []byte) (string, error) { return fmt.Sprint(len(b)), nil }

// verdict is a grader that opens no box: a patch of "right" passes, one of
// "broken" is more than it can look at.
type verdict struct{}

func (verdict) Grade(ctx context.Context, _ *grade.Lab, c grade.Case) (task.Verdict, error) {
	v := c.Verdict(task.Semantics, task.Static)
	switch text := string(c.Tree["a"].Data); text {
	case "broken":
		return v, errors.New("no disk")
	case "waits":
		<-ctx.Done()
		return v, ctx.Err()
	case "right":
	default:
		v.Status, v.Reason = task.Fail, "it is "+text
	}
	return v, nil
}

func suite(texts ...string) *task.Suite {
	s := &task.Suite{Name: "s"}
	for i, text := range texts {
		t := &task.Task{ID: fmt.Sprintf("t%d", i), Workspace: task.Tree{"a": {Data: []byte("start")}}, Graders: []task.Grader{{Name: "tests", Required: true}}}
		t.Solution = task.Patch{Changes: []task.Change{{Path: "a", Data: []byte(text)}}}
		t.Wrong = []task.Variant{{Name: "w1", Patch: t.Solution}, {Name: "w2", Patch: t.Solution}}
		t.Alternative = []task.Variant{{Name: "v", Patch: t.Solution}}
		s.Tasks = append(s.Tasks, t)
	}
	return s
}

func runner(log *memory) *Runner {
	return &Runner{Log: log, Jobs: 2, Judge: &grade.Judge{Graders: map[string]grade.Grader{"tests": verdict{}}}}
}

func TestOutcomes(t *testing.T) {
	s := suite("right", "wrong", "broken")
	s.Tasks[2].Graders = append(s.Tasks[2].Graders, task.Grader{Name: "tests"})
	log := &memory{}
	r := runner(log)
	told := 0
	r.Event = func(task.Attempt) { told++ }
	clock := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	r.Now = func() time.Time { return clock }
	failed := agent.Fixed{Label: "answers", Work: agent.Work{Failed: "the diff does not apply", Model: "m"}}
	escape := agent.Fixed{Label: "escape", Work: agent.Work{Patch: task.Patch{Changes: []task.Change{{Path: "../x"}}}}}
	if err := r.Run(t.Context(), Each(s, []agent.Agent{agent.Gold{}, failed, escape, nobody{}}, 1)); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, a := range log.attempts {
		got[a.Agent+" "+a.Task] = a.Outcome.String() + " " + a.Reason
		if !a.Started.Equal(clock) || a.WallS != 0 {
			t.Errorf("%v took %v", a.Key(), a.WallS)
		}
	}
	for k, want := range map[string]string{
		"gold t0": "solved ", "gold t1": "unsolved tests: it is wrong", "gold t2": "invalid tests: no disk",
		"answers t0": "unsolved the diff does not apply", "nobody t1": "invalid agent: no line to the model",
		"escape t0": `unsolved tests: patch: "../x" is not a path inside the workspace`,
	} {
		if got[k] != want {
			t.Errorf("%s: %q, want %q", k, got[k], want)
		}
	}
	if told != 12 || len(log.attempts) != 12 {
		t.Errorf("%d told, %d kept, want 12", told, len(log.attempts))
	}
}

type nobody struct{}

func (nobody) Name() string { return "nobody" }
func (nobody) Solve(context.Context, *task.Task, int) (agent.Work, error) {
	return agent.Work{}, errors.New("no line to the model")
}

func TestDoneIsLeftOut(t *testing.T) {
	s := suite("right", "right", "right")
	log := &memory{}
	r := runner(log)
	r.Done = map[task.Key]bool{{Agent: "gold", Task: "t1", Epoch: 2}: true}
	if err := r.Run(t.Context(), Each(s, []agent.Agent{agent.Gold{}}, 2)); err != nil {
		t.Fatal(err)
	}
	if len(log.attempts) != 5 || slices.ContainsFunc(log.attempts, func(a task.Attempt) bool { return a.Task == "t1" && a.Epoch == 2 }) {
		t.Errorf("%+v", log.attempts)
	}
}

func TestErrorsEndTheRun(t *testing.T) {
	s := suite("right", "right", "right")
	full := errors.New("no space left")
	log := &memory{fail: full}
	if err := runner(log).Run(t.Context(), Each(s, []agent.Agent{agent.Gold{}}, 1)); !errors.Is(err, full) || !strings.HasPrefix(err.Error(), "run log: ") {
		t.Errorf("a log that fails: %v", err)
	}
	bad := errors.New("line 7")
	items := func(yield func(Item, error) bool) {
		_ = yield(Item{agent.Gold{}, s.Tasks[0], 1}, nil) && yield(Item{}, bad)
	}
	log = &memory{}
	if err := runner(log).Run(t.Context(), items); !errors.Is(err, bad) || len(log.attempts) != 1 {
		t.Errorf("items that fail: %v, %d kept", err, len(log.attempts))
	}
	ctx, stop := context.WithCancelCause(t.Context())
	reason := errors.New("interrupted")
	log = &memory{}
	r := runner(log)
	r.Event = func(task.Attempt) { stop(reason) }
	if err := r.Run(ctx, Each(suite("right", "waits", "waits"), []agent.Agent{agent.Gold{}}, 1)); !errors.Is(err, reason) || len(log.attempts) != 1 {
		t.Errorf("interrupted: %v, %d kept", err, len(log.attempts))
	}
}

func TestParseShard(t *testing.T) {
	for in, want := range map[string]Shard{"": {}, "1/1": {1, 1}, "2/8": {2, 8}} {
		if got, err := ParseShard(in); err != nil || got != want {
			t.Errorf("%q: %v %v", in, got, err)
		}
	}
	for _, in := range []string{"1", "0/2", "3/2", "-1/2", "1/0", "a/b", "1/2/3", " 1/2", "1/"} {
		if got, err := ParseShard(in); err == nil {
			t.Errorf("%q is %v", in, got)
		}
	}
}

// Every item is in one shard and in no other, whatever the number of shards.
func TestShardsAreAPartition(t *testing.T) {
	s := suite(strings.Split(strings.Repeat("x", 7), "")...)
	all := Chain(Each(s, []agent.Agent{agent.Gold{}, agent.Nop{}}, 2), Variants(s, true, true))
	want, _ := Count(all)
	if want != 7*2*2+7*3 {
		t.Fatalf("%d items", want)
	}
	for n := 1; n <= 12; n++ {
		seen := map[task.Key]int{}
		for i := 1; i <= n; i++ {
			for it, err := range (Shard{i, n}).Of(all) {
				if err != nil {
					t.Fatal(err)
				}
				seen[it.Key()]++
			}
		}
		for k, times := range seen {
			if times != 1 {
				t.Errorf("%d shards: %v is in %d", n, k, times)
			}
		}
		if len(seen) != want {
			t.Errorf("%d shards hold %d of %d", n, len(seen), want)
		}
	}
}

// asker is an agent whose work is made up by the test.
type asker struct {
	model string
	work  func(try int) (agent.Work, error)
	mu    sync.Mutex
	tries int
}

func (a *asker) Name() string                 { return "model" }
func (a *asker) Model(*task.Task, int) string { return a.model }
func (a *asker) Solve(context.Context, *task.Task, int) (agent.Work, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tries++
	return a.work(a.tries)
}

func TestEndingsAreKeptApart(t *testing.T) {
	right := task.Patch{Changes: []task.Change{{Path: "a", Data: []byte("right")}}}
	for name, tt := range map[string]struct {
		work     agent.Work
		err      error
		outcome  task.Outcome
		ending   task.Ending
		verdicts int
	}{
		"right":          {agent.Work{Patch: right, Ending: task.Completed}, nil, task.Solved, task.Completed, 1},
		"cut, but right": {agent.Work{Patch: right, Ending: task.Truncated}, nil, task.Solved, task.Truncated, 1},
		"no code":        {agent.Work{Failed: "the answer holds no code", Ending: task.Completed}, nil, task.Unsolved, task.Completed, 1},
		"refused":        {agent.Work{Failed: "the model refused", Ending: task.Refused}, nil, task.Unsolved, task.Refused, 0},
		"overflow":       {agent.Work{Failed: "too long", Ending: task.Overflow}, nil, task.Unsolved, task.Overflow, 0},
		"ours":           {agent.Work{}, errors.New("no line"), task.Invalid, "", 0},
	} {
		log := &memory{}
		tt.work.Calls, tt.work.Tokens, tt.work.Trajectory, tt.work.Extraction = 1, task.Tokens{In: 3}, []byte("tt"), []byte("eee")
		tt.work.Sent, tt.work.Served = &task.Sent{Mode: "chat"}, &task.Served{Provider: "p"}
		a := &asker{model: "p/m", work: func(int) (agent.Work, error) { return tt.work, tt.err }}
		if err := runner(log).Run(t.Context(), Each(suite("start"), []agent.Agent{a}, 1)); err != nil {
			t.Fatal(err)
		}
		got := log.attempts[0]
		if got.Outcome != tt.outcome || got.Ending != tt.ending || len(got.Verdicts) != tt.verdicts || got.Model != "p/m" || got.Key().Model != "p/m" ||
			got.Calls != 1 || got.Tokens.In != 3 || got.Trajectory != "2" || got.Extraction != "3" || got.Sent == nil || got.Served == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestModelsAreKeptApart(t *testing.T) {
	log := &memory{}
	r := runner(log)
	r.Done = map[task.Key]bool{{Agent: "model", Model: "p/a", Task: "t0", Epoch: 1}: true}
	free := 0.0
	work := func(int) (agent.Work, error) { return agent.Work{Cost: &free}, nil }
	if err := r.Run(t.Context(), Each(suite("x"), []agent.Agent{&asker{model: "p/a", work: work}, &asker{model: "p/b", work: work}}, 1)); err != nil {
		t.Fatal(err)
	}
	if len(log.attempts) != 1 || log.attempts[0].Model != "p/b" {
		t.Errorf("%+v", log.attempts)
	}
}

// What the instrument lost is made again, and what it used until then counts.
func TestRetry(t *testing.T) {
	cost := 0.5
	lost := func(try int) (agent.Work, error) {
		w := agent.Work{Cost: &cost, Tokens: task.Tokens{In: 10, Out: 1}, Calls: 1, Ending: task.Completed, Failed: "no code"}
		if try < 3 {
			return w, errors.New("reset")
		}
		return w, nil
	}
	for retry, want := range map[int]task.Outcome{1: task.Invalid, 2: task.Unsolved, 5: task.Unsolved} {
		log := &memory{}
		r := runner(log)
		r.Retry = retry
		a := &asker{model: "p/m", work: lost}
		if err := r.Run(t.Context(), Each(suite("x"), []agent.Agent{a}, 1)); err != nil {
			t.Fatal(err)
		}
		got, tries := log.attempts[0], min(retry+1, 3)
		if len(log.attempts) != 1 || got.Outcome != want || a.tries != tries || got.Tokens.In != int64(10*tries) || *got.CostUSD != 0.5*float64(tries) || got.Calls != tries {
			t.Errorf("retry %d: %d tries, %+v", retry, a.tries, got)
		}
	}
	log := &memory{}
	a := &asker{model: "p/m", work: func(int) (agent.Work, error) { panic("a fault of ours") }}
	if err := runner(log).Run(t.Context(), Each(suite("x"), []agent.Agent{a}, 1)); err != nil || log.attempts[0].Outcome != task.Invalid || log.attempts[0].Reason != "agent: panic: a fault of ours" {
		t.Errorf("%v %+v", err, log.attempts)
	}
}
