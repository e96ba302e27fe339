package model

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"metr/internal/agent"
	"metr/internal/agent/extract"
	"metr/internal/agent/trajectory"
	"metr/internal/gateway"
	"metr/internal/gateway/standin"
	llm "metr/internal/model"
	"metr/internal/task"
)

const planted = "sk-planted-5a0c94e17b3d82f6"

func setUp(t testing.TB, s standin.Script, cfg gateway.Config) (*Agent, *standin.Server) {
	t.Helper()
	srv, err := standin.Start(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })
	cfg.Retry = gateway.Retry{Tries: 2, First: time.Millisecond, Max: time.Millisecond}
	price := llm.Free()
	return &Agent{Line: agent.Line{
		Gate: gateway.New(cfg), Model: llm.Name{Provider: "vllm", Model: "m"}, Price: &price,
		Provider: llm.Provider{Name: "vllm", BaseURL: srv.URL + "/v1", Protocols: []llm.Protocol{llm.Chat, llm.Completions}, Open: true, Key: llm.NewKey(planted)},
		Settings: agent.Settings{Temperature: new(float64)},
	}}, srv
}

func function() *task.Task {
	prompt := "def add(a, b):\n    \"\"\"Sum.\"\"\"\n"
	return &task.Task{ID: "f/1", Kind: task.Complete, Language: task.Python, Instruction: "Write add.",
		Function: &task.Function{File: "s.py", Prompt: prompt, EntryPoint: "add"}, Workspace: task.Tree{"s.py": {Mode: 0o644, Data: []byte(prompt)}}}
}

func says(turn standin.Turn) standin.Script {
	return func(standin.Request) standin.Turn { return turn }
}

func TestOneCall(t *testing.T) {
	a, srv := setUp(t, says(standin.Turn{Text: "<think>Hm.</think>\n```python\ndef add(a, b):\n    return a + b\n```", Model: "m-2026", Usage: standin.Usage{Input: 50, Cached: 10, Output: 20, Reasoning: 4}}), gateway.Config{})
	w, err := a.Solve(t.Context(), function(), 2)
	if err != nil {
		t.Fatal(err)
	}
	if w.Ending != task.Completed || w.Failed != "" || w.Calls != 1 || w.Model != "vllm/m" || w.Served.Models[0] != "m-2026" ||
		w.Tokens != (task.Tokens{In: 50, Cached: 10, Reasoning: 4, Out: 20}) || *w.Cost != 0 || *w.Sent.Temperature != 0 || w.Sent.MaxTokens != 4096 || w.Sent.Mode != "chat" {
		t.Errorf("%+v %+v %+v", w, w.Sent, w.Served)
	}
	if got := string(w.Patch.Changes[0].Data); got != "def add(a, b):\n    return a + b\n" {
		t.Errorf("%q", got)
	}
	var rec struct {
		Rule, Raw, Mode, Finish string
		Notes, Paths            []string
	}
	if err := json.Unmarshal(w.Extraction, &rec); err != nil || rec.Rule != string(extract.Program) || !strings.HasPrefix(rec.Raw, "<think>") || rec.Finish != "stop" || len(rec.Notes) != 1 || rec.Paths[0] != "s.py" {
		t.Errorf("%v %+v", err, rec)
	}
	tr, err := trajectory.Decode(w.Trajectory)
	if err != nil || len(tr.Steps) != 3 || tr.Agent.ModelName != "vllm/m" {
		t.Errorf("%v %+v", err, tr)
	}
	if n := len(srv.Requests()); n != 1 {
		t.Errorf("%d calls", n)
	}
	for _, b := range [][]byte{w.Trajectory, w.Extraction} {
		if strings.Contains(string(b), "planted") {
			t.Error("the key is kept")
		}
	}
}

func TestEndings(t *testing.T) {
	code := "```python\ndef add(a, b):\n    return a + b\n```"
	for name, tt := range map[string]struct {
		turn   standin.Turn
		want   task.Ending
		failed string
	}{
		"no code":       {standin.Turn{Text: "Add them."}, task.Completed, "the answer holds no code"},
		"refused":       {standin.Turn{Text: "No.", Finish: standin.Refusal}, task.Refused, "the model refused: No."},
		"filtered":      {standin.Turn{Text: code, Finish: standin.Filter}, task.Filtered, "the provider filtered the answer: no reason given"},
		"filtered, 400": {standin.Turn{Status: 400, Code: "content_filter", Message: "by our policy"}, task.Filtered, "the provider filtered the answer: by our policy"},
		"overflow":      {standin.Turn{Status: 400, Code: "context_length_exceeded", Message: "too long"}, task.Overflow, "the task does not fit into the model: too long"},
		"cut":           {standin.Turn{Text: "Let me", Finish: standin.Length}, task.Truncated, "cut by the limit on tokens: the answer holds no code"},
		"cut, usable":   {standin.Turn{Text: code + "\nThis", Finish: standin.Length}, task.Truncated, ""},
	} {
		a, _ := setUp(t, says(tt.turn), gateway.Config{})
		w, err := a.Solve(t.Context(), function(), 1)
		if err != nil || w.Ending != tt.want || w.Failed != tt.failed || w.Patch.Empty() != (tt.failed != "") || w.Extraction == nil {
			t.Errorf("%s: %v %q %q", name, err, w.Ending, w.Failed)
		}
	}
}

func TestErrors(t *testing.T) {
	a, _ := setUp(t, says(standin.Turn{Status: 500, Message: "broken near " + planted}), gateway.Config{})
	w, err := a.Solve(t.Context(), function(), 1)
	if err == nil || !strings.Contains(err.Error(), "500") || strings.Contains(err.Error(), "planted") || w.Trajectory == nil || w.Ending != "" {
		t.Errorf("%v %+v", err, w)
	}
	a, _ = setUp(t, says(standin.Turn{Text: "x"}), gateway.Config{Run: gateway.NewBudget(gateway.Limit{Tokens: 10})})
	if _, err := a.Solve(t.Context(), function(), 1); err == nil || !agent.RunBudget(err.Error()) || !strings.Contains(err.Error(), "--resume") {
		t.Errorf("the run's budget: %v", err)
	}
	a, _ = setUp(t, says(standin.Turn{Text: "x"}), gateway.Config{})
	a.Line.Limit = gateway.Limit{Tokens: 10}
	if w, err := a.Solve(t.Context(), function(), 1); err != nil || w.Ending != task.OverSpent || !strings.HasPrefix(w.Failed, "the budget ended before the answer: ") {
		t.Errorf("the attempt's budget: %v %+v", err, w)
	}
	a, _ = setUp(t, says(standin.Turn{Fault: standin.Stall}), gateway.Config{})
	a.Time = 50 * time.Millisecond
	if w, err := a.Solve(t.Context(), function(), 1); err != nil || w.Ending != task.OutOfTime || w.Failed != "no answer within 50ms" {
		t.Errorf("time: %v %+v", err, w)
	}
}

// A base model goes on with the text, where the task has one, also where the
// server has to say that there is no chat template.
func TestBaseModels(t *testing.T) {
	base := func(r standin.Request) standin.Turn {
		if r.Protocol != "completions" {
			return standin.Turn{Status: 400, Message: "As the model has no chat template, you must provide one."}
		}
		return standin.Turn{Text: "    return a + b\n\nprint(add(1, 2))\n"}
	}
	for _, asked := range []bool{false, true} {
		a, srv := setUp(t, base, gateway.Config{})
		a.Completion = asked
		w, err := a.Solve(t.Context(), function(), 1)
		if err != nil || w.Failed != "" || string(w.Patch.Changes[0].Data) != function().Function.Prompt+"    return a + b\n\n" || w.Sent.Mode != "completion" || w.Sent.MaxTokens != 1024 {
			t.Errorf("%v %+v %+v", err, w, w.Sent)
		}
		if last := srv.Requests()[len(srv.Requests())-1]; last.Last != function().Function.Prompt {
			t.Errorf("asked to go on with %q", last.Last)
		}
		other := &task.Task{ID: "w", Language: task.Python, Instruction: "Mend it.", Workspace: task.Tree{"a.py": {Data: []byte("x")}}}
		if _, err := a.Solve(t.Context(), other, 1); err == nil || !strings.Contains(err.Error(), "use a model that chats") {
			t.Errorf("a workspace: %v", err)
		}
	}
}

func TestPrompts(t *testing.T) {
	big := strings.Repeat("x", maxShown)
	tk := &task.Task{ID: "w", Kind: task.Debug, Language: task.Python, Instruction: "Mend it.\n", Workspace: task.Tree{
		"a.py": {Data: []byte("x = '```'")}, "b.bin": {Data: []byte{0, 1}}, "c.txt": {Data: []byte(big)}, "l": {Link: "a.py"},
	}}
	a := &Agent{}
	got, err := a.Prompt(tk)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Mend it.\n\nThe workspace:", "`a.py`\n````py\nx = '```'\n````", "`b.bin`: 2 bytes, not text", "bytes, not shown", "`l` is a link to `a.py`", "Find the cause", "path/of/the/file"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, strings.ReplaceAll(got, big, "…"))
		}
	}
	if got, _ := a.Prompt(function()); !strings.Contains(got, "one fenced block that begins with ```python") {
		t.Error(got)
	}
	if _, err := (&Agent{Completion: true}).Prompt(tk); err == nil || !strings.Contains(err.Error(), "completion mode") {
		t.Errorf("completion of a workspace: %v", err)
	}
}
