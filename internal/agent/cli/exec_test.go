package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"metr/internal/agent"
	"metr/internal/agent/trajectory"
	"metr/internal/gateway"
	"metr/internal/gateway/standin"
	"metr/internal/model"
	"metr/internal/task"
)

// asker is an agent in a few lines: it asks its model N times what to write and
// writes it. It asks through whichever protocol it is told.
const asker = `import json, os, sys, urllib.error, urllib.request
n, instruction, status = int(sys.argv[1]), sys.stdin.read(), 0
print("asked for:", instruction.strip())
for i in range(n):
    body = {"model": os.environ["METR_MODEL"], "messages": [{"role": "user", "content": instruction}]}
    r = urllib.request.Request(os.environ["OPENAI_BASE_URL"] + "/chat/completions", json.dumps(body).encode(),
        {"Authorization": "Bearer " + os.environ["OPENAI_API_KEY"], "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(r) as a: said = json.load(a)["choices"][0]["message"]["content"]
    except urllib.error.HTTPError as e:
        print("refused", e.code)
        sys.exit(int(sys.argv[2]))
    with open("answer.txt", "w") as f: f.write(said + "\n")
print("done")
`

func TestExec(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "asker.py"), []byte(asker), 0o644); err != nil {
		t.Fatal(err)
	}
	kept, err := filepath.Abs("testdata/exec.trajectory.json")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	t.Setenv("OPENAI_API_KEY", planted)
	says := func(standin.Request) standin.Turn {
		return standin.Turn{Text: "goal", Usage: standin.Usage{Input: 10, Output: 2}}
	}
	fails := func(standin.Request) standin.Turn { return standin.Turn{Status: 500, Message: "down"} }
	for _, tt := range []struct {
		name, command string
		script        standin.Script // nil: no model
		limits        task.Limits
		budget        int64 // calls
		ending        task.Ending
		detail        string // in the detail
		patch         string // the answer's new text; "" for an empty patch
		err           string // in the error
	}{
		{name: "done", command: `sh -c "cat >/dev/null; printf 'goal\n' >answer.txt; echo said"`, ending: task.Completed, patch: "goal\n"},
		{name: "failed", command: `sh -c "printf 'half\n' >answer.txt; echo it broke >&2; exit 3"`, ending: task.Crashed, detail: "exit status 3: it broke", patch: "half\n"},
		{name: "killed itself", command: `sh -c "printf 'half\n' >answer.txt; kill -9 $$"`, ending: task.Crashed, detail: "killed by", patch: "half\n"},
		{name: "no end", command: `sh -c "printf 'half\n' >answer.txt; while :; do sleep 1; done"`, limits: task.Limits{Wall: time.Second}, ending: task.OutOfTime, detail: "wall time limit exceeded", patch: "half\n"},
		{name: "runs and runs", command: `sh -c "printf 'half\n' >answer.txt; while :; do :; done"`, limits: task.Limits{CPU: time.Second}, ending: task.OutOfTime, detail: "cpu time limit exceeded", patch: "half\n"},
		{name: "says too much", command: `sh -c "head -c 50000000 /dev/zero | tr '\\0' x; echo"`, ending: task.Completed},
		{name: "not there", command: "no-such-program", err: "cannot be started in the box"},
		{name: "asks", command: "python3 ./asker.py 2 7", script: says, ending: task.Completed, patch: "goal\n"},
		{name: "asks nothing", command: "python3 ./asker.py 0 7", script: says, ending: task.Stopped, detail: "it asked no model"},
		{name: "spends it all", command: "python3 ./asker.py 3 7", script: says, budget: 2, ending: task.OverSpent, detail: "the budget of the attempt", patch: "goal\n"},
		{name: "spends it all and is content", command: "python3 ./asker.py 3 0", script: says, budget: 2, ending: task.OverSpent, patch: "goal\n"},
		{name: "has no server", command: "python3 ./asker.py 1 7", script: fails, ending: task.Crashed, err: "the model was not reached"},
		{name: "asks on in vain", command: `sh -c 'while :; do python3 $0 1 0; done' ./asker.py`, script: fails, limits: task.Limits{Wall: time.Minute}, ending: task.Crashed, detail: "killed", err: "the model was not reached"},
		{name: "is refused", command: "python3 ./asker.py 1 0", script: func(standin.Request) standin.Turn { return standin.Turn{Text: "goal", Finish: standin.Filter} }, ending: task.Filtered, patch: "goal\n"},
		{name: "is cut short", command: "python3 ./asker.py 1 0", script: func(standin.Request) standin.Turn { return standin.Turn{Text: "goal", Finish: standin.Length} }, ending: task.Truncated, patch: "goal\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := Config{Backend: boxes(t), Limits: tt.limits}
			if tt.script != nil {
				cfg.Line, _ = line(t, model.Chat, gateway.Limit{Calls: tt.budget}, tt.script)
			}
			a, err := Exec(tt.command, cfg)
			if err != nil {
				t.Fatal(err)
			}
			w, err := a.Solve(t.Context(), theTask(), 1)
			if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Fatalf("%v, want %q", err, tt.err)
			}
			if w.Ending != tt.ending || !strings.Contains(w.Detail, tt.detail) {
				t.Errorf("ended as %q (%s), want %q (%s)", w.Ending, w.Detail, tt.ending, tt.detail)
			}
			got := ""
			for _, c := range w.Patch.Changes {
				got += string(c.Data)
			}
			if got != tt.patch {
				t.Errorf("the patch is %+v, want %q", w.Patch.Changes, tt.patch)
			}
			if tt.script == nil && tt.err == "" && (w.Cost == nil || *w.Cost != 0 || w.Model != "") {
				t.Errorf("without a model: cost %v, model %q", w.Cost, w.Model)
			}
			if w.Trajectory == nil {
				if tt.err == "" {
					t.Error("there is no trajectory")
				}
				return
			}
			if _, err := trajectory.Decode(w.Trajectory); err != nil || strings.Contains(string(w.Trajectory), planted) || len(w.Trajectory) > 1<<20 {
				t.Errorf("%v; %d bytes", err, len(w.Trajectory))
			}
			if tt.name == "asks" {
				if w.Calls != 2 || w.Tokens != (task.Tokens{In: 20, Out: 4}) {
					t.Errorf("%+v", w)
				}
				golden(t, kept, steady(t, w.Trajectory))
			}
		})
	}
}

// The run's budget is nobody's fault: the attempt says nothing.
func TestRunBudget(t *testing.T) {
	cfg := Config{Backend: boxes(t)}
	cfg.Line, _ = line(t, model.Chat, gateway.Limit{}, func(standin.Request) standin.Turn { return standin.Turn{Text: "goal"} })
	cfg.Line.Gate = gateway.New(gateway.Config{Run: gateway.NewBudget(gateway.Limit{Calls: 1})})
	var told []gateway.Kind
	cfg.Line.Recorder = gateway.RecorderFunc(func(e gateway.Event) { told = append(told, e.Kind) })
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "asker.py"), []byte(asker), 0o644); err != nil {
		t.Fatal(err)
	}
	a, err := Exec("python3 "+filepath.Join(dir, "asker.py")+" 2 0", cfg)
	if err != nil {
		t.Fatal(err)
	}
	w, err := a.Solve(t.Context(), theTask(), 1)
	if err == nil || !strings.Contains(err.Error(), "budget of the whole run") || w.Calls != 1 {
		t.Errorf("%+v %v", w, err)
	}
	if len(told) != 2 || told[1] != gateway.RefusedBudget {
		t.Errorf("the line's own recorder was told %v", told)
	}
}

// A word that names a file of this machine is shown in the box, and no other.
func TestShare(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.WriteFile("a.py", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	for word, want := range map[string]string{
		"./a.py": real + "/a.py", dir + "/a.py": real + "/a.py", "a.py": "", "/usr/bin/env": "", "/": "", "/tmp": "", "/work/x": "", "--out": "", "/no/such/file": "",
	} {
		l, ok, err := share(word)
		if err != nil || ok != (want != "") || ok && (l.Host != want || l.Box != Folder+want || l.Overlay) {
			t.Errorf("%s: %+v %v %v", word, l, ok, err)
		}
	}
	for command, want := range map[string]string{"": "names no command", "  ": "names no command", "./no-such": "no such file here", "a 'b": "exec:a 'b"} {
		if _, err := Exec(command, Config{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", command, err)
		}
	}
}

// A long instruction reaches an agent that takes it as an argument.
func TestLongInstruction(t *testing.T) {
	p := place{Ask: strings.Repeat("x", maxArgument+1)}
	if arg := p.argument(); !strings.Contains(arg, "/home/metr/task.md") {
		t.Errorf("%.100s", arg)
	}
	a, err := Exec(`sh -c "cat >/dev/null; wc -c <$HOME/task.md >answer.txt"`, Config{Backend: boxes(t)})
	if err != nil {
		t.Fatal(err)
	}
	tk := theTask()
	tk.Instruction = p.Ask
	w, err := a.Solve(t.Context(), tk, 1)
	if err != nil || len(w.Patch.Changes) != 1 || string(w.Patch.Changes[0].Data) != "100001\n" {
		t.Errorf("%+v %v", w.Patch, err)
	}
}

func TestNew(t *testing.T) {
	gemini := &agent.Line{Provider: model.Provider{Name: "google", Protocols: []model.Protocol{model.Gemini}}}
	for name, want := range map[string]string{
		"coder": "is not known", "codex": "agent codex speaks responses, and provider google does not",
	} {
		if _, err := New(name, Config{Line: gemini}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := New("gemini", Config{}); err == nil || !strings.Contains(err.Error(), "needs a model") {
		t.Error(err)
	}
	a, err := New("gemini", Config{Line: gemini})
	if err != nil || a.Name() != "gemini" || a.Version() == "" {
		t.Errorf("%v %v", a, err)
	}
}
