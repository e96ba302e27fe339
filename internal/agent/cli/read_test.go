package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"metr/internal/agent/trajectory"
	"metr/internal/gateway"
	"metr/internal/sandbox"
	"metr/internal/task"
)

// outputs are what agents printed, by the agent's name.
func outputs(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no output of an agent to read: %v", err)
	}
	out := map[string][]byte{}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out[strings.TrimSuffix(filepath.Base(f), ".jsonl")] = data
	}
	return out
}

func readOutput(p program, parts ...[]byte) (*trajectory.Trajectory, said) {
	b := trajectory.New(trajectory.Agent{Name: p.name, Version: "1"}, "")
	l := &lines{b: b, read: p.reader()}
	for _, part := range parts {
		_, _ = l.Write(part)
	}
	s := l.end(sandbox.Result{})
	return b.Finish(nil), s
}

// What agents print in their less common moods is read too.
func TestReaders(t *testing.T) {
	all := outputs(t)
	for _, p := range programs() {
		data := all[p.name]
		if data == nil {
			t.Errorf("testdata/%s.jsonl is missing", p.name)
			continue
		}
		tr, s := readOutput(p, data)
		out, err := tr.Encode()
		if err != nil {
			t.Errorf("%s: %v", p.name, err)
			continue
		}
		if !s.done {
			t.Errorf("%s: it said that it is done, and that was not read: %+v", p.name, s)
		}
		golden(t, filepath.Join("testdata", p.name+".read.json"), steady(t, out))

		// However the output comes in pieces, it is the same.
		var pieces [][]byte
		for rest := data; len(rest) > 0; rest = rest[min(7, len(rest)):] {
			pieces = append(pieces, rest[:min(7, len(rest))])
		}
		again, _ := readOutput(p, pieces...)
		if b, err := again.Encode(); err != nil || !bytes.Equal(b, out) {
			t.Errorf("%s: in pieces it reads differently: %v", p.name, err)
		}
		// Cut anywhere, it is read as far as it goes, and is not done.
		half, s := readOutput(p, data[:len(data)*2/3])
		if _, err := half.Encode(); err != nil || s.done {
			t.Errorf("%s: cut short: %v, done %v", p.name, err, s.done)
		}
	}
}

// What an agent says of an end that is not the usual one.
func TestSaid(t *testing.T) {
	for _, tt := range []struct {
		agent, line string
		want        said
	}{
		{"codex", `{"type":"turn.failed","error":{"message":"no more\nsecond line"}}`, said{failed: "no more"}},
		{"claude", `{"type":"result","subtype":"error_max_turns","is_error":true}`, said{ending: task.OutOfStep}},
		{"claude", `{"type":"result","subtype":"success","is_error":true,"result":"API Error: 402"}`, said{failed: "API Error: 402"}},
		{"qwen", `{"type":"result","subtype":"error_during_execution","is_error":true}`, said{failed: "error_during_execution"}},
		{"copilot", `{"type":"session.error","data":{"message":"it broke"}}`, said{failed: "it broke"}},
		{"copilot", `{"type":"result","exitCode":1}`, said{}},
		{"gemini", `{"type":"error","message":"Loop detected, stopping execution"}`, said{ending: task.Looped}},
		{"gemini", `{"type":"result","status":"error","error":{"message":"quota"}}`, said{failed: "quota"}},
		{"opencode", `{"type":"error","error":{"name":"APIError","data":{"message":"gone"}}}`, said{failed: "gone"}},
	} {
		for _, p := range programs() {
			if p.name != tt.agent {
				continue
			}
			if _, got := readOutput(p, []byte(tt.line)); got != tt.want {
				t.Errorf("%s: %s: %+v, want %+v", tt.agent, tt.line, got, tt.want)
			}
		}
	}
}

func TestLines(t *testing.T) {
	p := codex()
	long := `{"type":"item.completed","item":{"type":"agent_message","text":"` + strings.Repeat("x", maxLine) + `"}}`
	tr, _ := readOutput(p, []byte("warning: x\n\n"), []byte(long), []byte("\n"+`{"type":"item.completed","item":{"type":"agent_message","text":"after"}}`+"\n{\"type\":"))
	if len(tr.Steps) != 1 || tr.Steps[0].Message != "after" || tr.Notes != "warning: x\na line of 16777283 bytes of output is left out\n{\"type\":" {
		t.Errorf("%+v", tr)
	}
	tr, _ = readOutput(p, bytes.Repeat([]byte("noise\n"), maxPlain+9))
	if !strings.HasSuffix(tr.Notes, "\n9 more lines of output are left out") {
		t.Errorf("...%s", tr.Notes[len(tr.Notes)-60:])
	}
	e := &tail{limit: 4}
	for range 100 {
		_, _ = e.Write([]byte("abc"))
	}
	if e.String() != "cabc" {
		t.Errorf("%q", e.String())
	}
}

// FuzzReaders feeds every reader whatever there is.
func FuzzReaders(f *testing.F) {
	for _, data := range outputs(f) {
		for line := range bytes.Lines(data) {
			f.Add(line, 3)
		}
		f.Add(data[:min(len(data), 4000)], 1000)
	}
	ps := programs()
	f.Fuzz(func(t *testing.T, data []byte, n int) {
		n = min(max(n, 0), len(data))
		for _, p := range ps {
			tr, _ := readOutput(p, data[:n], data[n:])
			if err := tr.Check(); err != nil {
				t.Fatalf("%s: %v", p.name, err)
			}
		}
	})
}

func TestEnding(t *testing.T) {
	exited := func(code int) sandbox.Result { return sandbox.Result{End: sandbox.Exited, Code: code} }
	calls := gateway.Summary{Calls: 3}
	spent := gateway.Summary{Calls: 3, Exhausted: true}
	last := func(k gateway.Kind, finish, reason string) *watch {
		return &watch{last: gateway.Event{Kind: k, Reason: reason, Call: &gateway.Facts{Finish: finish}}, reason: reason}
	}
	status := func(n int) *watch {
		return &watch{last: gateway.Event{Kind: gateway.Answered, Call: &gateway.Facts{Status: n}}}
	}
	ok := last(gateway.Answered, "stop", "")
	for _, tt := range []struct {
		name   string
		f      facts
		want   task.Ending
		detail string
	}{
		{"done", facts{run: exited(0), usage: calls, calls: ok, said: said{done: true}}, task.Completed, ""},
		{"silent", facts{run: exited(0), usage: calls, calls: ok}, task.Stopped, ""},
		{"no call", facts{run: exited(0), calls: &watch{}, said: said{done: true}, model: true}, task.Stopped, "it asked no model"},
		{"no model", facts{run: exited(0), calls: &watch{}, said: said{done: true}}, task.Completed, ""},
		{"exit status", facts{run: exited(2), usage: calls, calls: ok, stderr: "a\nb\n"}, task.Crashed, "exit status 2: b"},
		{"says so", facts{run: exited(0), usage: calls, calls: ok, said: said{failed: "x"}}, task.Crashed, "x"},
		{"names it", facts{run: exited(1), usage: calls, calls: ok, said: said{ending: task.Looped, failed: "x"}}, task.Looped, "x"},
		{"time", facts{run: sandbox.Result{End: sandbox.TimedOut}, usage: spent, calls: ok}, task.OutOfTime, "wall time limit exceeded"},
		{"memory", facts{run: sandbox.Result{End: sandbox.OutOfMemory}, usage: calls, calls: ok}, task.Crashed, "memory limit exceeded"},
		{"budget", facts{run: exited(1), usage: spent, calls: last(gateway.RefusedBudget, "", "spent")}, task.OverSpent, "spent"},
		{"refusal of old", facts{run: exited(0), usage: spent, calls: ok, said: said{done: true}}, task.Completed, ""},
		{"refused", facts{run: exited(0), usage: calls, calls: last(gateway.Answered, "refusal", ""), said: said{done: true}}, task.Refused, ""},
		{"filtered", facts{run: exited(0), usage: calls, calls: last(gateway.Answered, "SAFETY", ""), said: said{done: true}}, task.Filtered, ""},
		{"loop", facts{run: sandbox.Result{End: sandbox.TimedOut}, usage: calls, calls: ok, same: 9}, task.Looped, "it did the same 9 times in a row, until its time or budget was spent"},
		{"too long", facts{run: exited(0), usage: calls, calls: status(400), words: "prompt is too long", said: said{done: true}}, task.Overflow, ""},
		{"bad request", facts{run: exited(0), usage: calls, calls: status(400), said: said{done: true}}, task.Crashed, "its last call was answered with status 400"},
		{"cut", facts{run: exited(0), usage: calls, calls: last(gateway.Answered, "MAX_TOKENS", ""), said: said{done: true}}, task.Truncated, ""},
	} {
		if got, why := tt.f.ending(); got != tt.want || why != tt.detail {
			t.Errorf("%s: %s (%s), want %s (%s)", tt.name, got, why, tt.want, tt.detail)
		}
	}
}
