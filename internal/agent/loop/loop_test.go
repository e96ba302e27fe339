package loop

import (
	"os"
	"strings"
	"testing"
	"time"

	"metr/internal/agent"
	"metr/internal/agent/trajectory"
	"metr/internal/gateway"
	"metr/internal/gateway/standin"
	"metr/internal/model"
	"metr/internal/sandbox"
	"metr/internal/sandbox/native"
	"metr/internal/task"
)

func TestMain(m *testing.M) {
	os.Exit(m.Run())
}

const planted = "sk-planted-9d1c73e5b02a4f68"

func boxes(t testing.TB) sandbox.Backend {
	t.Helper()
	b, err := native.New()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("no native sandbox on this machine: %v", err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func setUp(t testing.TB, s standin.Script, cfg gateway.Config, l Limits) *Agent {
	t.Helper()
	srv, err := standin.Start(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })
	cfg.Retry = gateway.Retry{Tries: 2, First: time.Millisecond, Max: time.Millisecond}
	price := model.Free()
	return &Agent{Backend: boxes(t), Limits: l, Line: agent.Line{
		Gate: gateway.New(cfg), Model: model.Name{Provider: "openai", Model: "m", Effort: model.Low}, Price: &price,
		Provider: model.Provider{Name: "openai", BaseURL: srv.URL + "/v1", Protocols: []model.Protocol{model.Chat}, Key: model.NewKey(planted)},
	}}
}

func theTask() *task.Task {
	return &task.Task{ID: "t", Language: task.Python, Instruction: "Mend a.py.", Workspace: task.Tree{
		"a.py": {Mode: 0o755, Data: []byte("x = 1\ny = 1\n")}, "dir/b.py": {Mode: 0o644, Data: []byte("z = 1\n")},
	}}
}

func call(name, args string) standin.Turn {
	return standin.Turn{Calls: []standin.Call{{Name: name, Args: args}}}
}

func TestAnAttempt(t *testing.T) {
	a := setUp(t, standin.Steps(
		standin.Turn{Text: "I look around.", Calls: []standin.Call{{Name: "shell", Args: `{"command":"ls; env; echo bad >&2; exit 3"}`}, {Name: "read", Args: `{"path":"a.py","from":2,"lines":1}`}}},
		call("edit", `{"path":"a.py","old":"x = 1","new":"x = 2"}`),
		call("edit", `{"path":"a.py","old":" = ","new":" = "}`),
		call("edit", `{"path":"new/c.py","old":"","new":"c = 1\n"}`),
		call("edit", `{"path":"a.py","old":"","new":"gone"}`),
		call("read", `{"path":"nowhere"}`),
		call("fly", `{}`),
		call("shell", `{"command":`),
		call("shell", `{"command":"rm dir/b.py"}`),
		call("submit", `{}`),
	), gateway.Config{}, Limits{})
	w, err := a.Solve(t.Context(), theTask(), 1)
	if err != nil || w.Ending != task.Completed || w.Failed != "" || w.Calls != 10 || w.Cost == nil || *w.Cost != 0 {
		t.Fatalf("%+v %v", w, err)
	}
	got := map[string]string{}
	for _, c := range w.Patch.Changes {
		got[c.Path] = string(c.Data)
		if c.Path == "a.py" && c.Mode != 0o755 {
			t.Errorf("a.py has mode %o", c.Mode)
		}
	}
	if len(got) != 3 || got["a.py"] != "x = 2\ny = 1\n" || got["new/c.py"] != "c = 1\n" || got["dir/b.py"] != "" {
		t.Errorf("%q", got)
	}
	tr, err := trajectory.Decode(w.Trajectory)
	if err != nil {
		t.Fatal(err)
	}
	var results []string
	for _, s := range tr.Steps {
		if s.Observation != nil {
			for _, r := range s.Observation.Results {
				results = append(results, r.Content)
			}
		}
	}
	for i, want := range []string{"bad\n[exit status 3]", "y = 1\n\n[lines 2 to 2 of 3]", "a.py is written", "old occurs 2 times", "new/c.py is written", "exists already", "nowhere", `no tool "fly"`, "the arguments are not", "[exit status 0]", "submitted"} {
		if i >= len(results) || !strings.Contains(results[i], want) {
			t.Errorf("result %d: %q, want %q", i, results, want)
		}
	}
	if strings.Contains(string(w.Trajectory), "planted") || strings.Contains(results[0], "metr-attempt-") {
		t.Errorf("a key or token is in the box: %q", results[0])
	}
	if w.Model != "openai/m@low" || w.Sent == nil || w.Sent.Effort != "reasoning_effort=low" || w.Served.Models[0] != "m" || w.Tokens.In == 0 {
		t.Errorf("%+v %+v %+v", w, w.Sent, w.Served)
	}
}

func TestEndings(t *testing.T) {
	edit := call("edit", `{"path":"a.py","old":"x = 1","new":"x = 2"}`)
	n := 0
	for name, tt := range map[string]struct {
		script standin.Script
		cfg    gateway.Config
		limits Limits
		want   task.Ending
		patch  int
		failed string
	}{
		"looped": {standin.Steps(edit, call("shell", `{"command":"true"}`)), gateway.Config{}, Limits{}, task.Looped, 1, ""},
		"steps": {func(standin.Request) standin.Turn {
			n++
			return call("shell", `{"command":"echo `+strings.Repeat("x", n)+`"}`)
		}, gateway.Config{}, Limits{Steps: 3}, task.OutOfStep, 0, ""},
		"time":           {standin.Steps(edit, call("shell", `{"command":"sleep 100"}`)), gateway.Config{}, Limits{Time: 2 * time.Second}, task.OutOfTime, 1, ""},
		"tokens":         {standin.Steps(edit, call("shell", `{"command":"true"}`)), gateway.Config{}, Limits{Tokens: 1}, task.OverSpent, 1, ""},
		"stopped":        {standin.Steps(edit, standin.Turn{Text: "I am done."}), gateway.Config{}, Limits{}, task.Stopped, 1, ""},
		"refused":        {standin.Steps(standin.Turn{Text: "No.", Finish: standin.Refusal}), gateway.Config{}, Limits{}, task.Refused, 0, "refused before any work: No."},
		"refused later":  {standin.Steps(edit, standin.Turn{Text: "No.", Finish: standin.Refusal}), gateway.Config{}, Limits{}, task.Refused, 1, ""},
		"filtered":       {standin.Steps(edit, standin.Turn{Finish: standin.Filter}), gateway.Config{}, Limits{}, task.Filtered, 1, ""},
		"cut":            {standin.Steps(edit, standin.Turn{Text: "And", Finish: standin.Length}), gateway.Config{}, Limits{}, task.Truncated, 1, ""},
		"overflow":       {standin.Steps(edit, standin.Turn{Status: 400, Code: "context_length_exceeded", Message: "maximum context length"}), gateway.Config{}, Limits{}, task.Overflow, 1, ""},
		"attempt budget": {standin.Steps(edit, edit), gateway.Config{}, Limits{}, task.OverSpent, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := setUp(t, tt.script, tt.cfg, tt.limits)
			if name == "attempt budget" {
				a.Line.Limit.Calls = 1
			}
			w, err := a.Solve(t.Context(), theTask(), 1)
			if err != nil || w.Ending != tt.want || len(w.Patch.Changes) != tt.patch || w.Failed != tt.failed || w.Trajectory == nil {
				t.Errorf("%v %q %d changes, %q (%s)", err, w.Ending, len(w.Patch.Changes), w.Failed, w.Detail)
			}
		})
	}
}

// What our side could not do is an error, with the trajectory so far.
func TestErrors(t *testing.T) {
	edit := call("edit", `{"path":"a.py","old":"x = 1","new":"x = 2"}`)
	a := setUp(t, standin.Steps(edit, standin.Turn{Status: 500, Message: "broken"}), gateway.Config{}, Limits{})
	w, err := a.Solve(t.Context(), theTask(), 1)
	if err == nil || !strings.Contains(err.Error(), "500") || !strings.Contains(string(w.Trajectory), `"edit"`) || w.Ending != "" {
		t.Errorf("%v %+v", err, w)
	}
	a = setUp(t, standin.Steps(edit, edit), gateway.Config{Run: gateway.NewBudget(gateway.Limit{Calls: 1})}, Limits{})
	if _, err := a.Solve(t.Context(), theTask(), 1); err == nil || !strings.Contains(err.Error(), "the budget of the whole run (1 calls)") {
		t.Errorf("the run's budget: %v", err)
	}
}
