package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"metr/internal/gateway"
	"metr/internal/gateway/standin"
	"metr/internal/runlog"
	"metr/internal/task"
)

const planted = "sk-planted-2b9d51c7e8f04a63b1d2"

// hostile goes wrong in every way at random until it is healed, and repeats the
// key that it was given wherever it can.
type hostile struct {
	mu     sync.Mutex
	rand   *rand.Rand
	healed atomic.Bool
	used   int64 // tokens
	faults map[string]int
}

func (h *hostile) say(r standin.Request) standin.Turn {
	h.mu.Lock()
	defer h.mu.Unlock()
	turn := standin.Turn{Text: "calc.py\n\n```python\n" + answer(string(r.Body)) + "```\n", Usage: standin.Usage{Input: 300, Output: 60}}
	key := r.Header.Get("Authorization")
	n := h.rand.IntN(16)
	if h.healed.Load() {
		n = 15
	}
	kind := "right"
	switch n {
	case 0, 1:
		kind, turn.Status, turn.Code, turn.RetryAfter, turn.Message = "429", 429, "rate_limited", "0", "too often with "+key
	case 2:
		kind, turn.Status, turn.Message = "500", 500, "crash at "+key
	case 3:
		kind, turn.Status, turn.Code, turn.Message = "401", 401, "invalid_api_key", "wrong key "+key
	case 4, 5:
		kind, turn.Fault = "reset", standin.Reset
	case 6:
		kind, turn.Fault = "stall", standin.Stall
	case 7, 8:
		kind, turn.Fault = "broken", standin.BrokenJSON
	case 9, 10:
		kind, turn.Fault = "half", standin.Half
	case 11:
		kind, turn.Text = "prose", "Just add them."
	case 12:
		kind, turn.Finish, turn.Text = "refused", standin.Refusal, "I will not."
	}
	h.faults[kind]++
	if turn.Status == 0 {
		h.used += 360
	}
	return turn
}

// Two hundred attempts at once against a server that goes wrong in every way:
// each ends, none is lost or doubled, the budget is not passed, what was not
// answered is no wrong answer, and going on makes up for it. The recording then
// gives the same verdicts without the server, and the key is nowhere.
func TestTwoHundredAttemptsAgainstAHostileServer(t *testing.T) {
	h := &hostile{rand: rand.New(rand.NewPCG(3, 5)), faults: map[string]int{}}
	srv, err := standin.Start(h.say)
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	srv.Forget()
	t.Setenv("OPENAI_API_KEY", planted)
	dir := t.TempDir()
	log, rec := filepath.Join(dir, "log"), filepath.Join(dir, "rec")
	suite := static(t, filepath.Join(dir, "small"))
	const budget = 1_200_000
	args := func(more ...string) []string {
		return append([]string{"run", suite, "--epochs", "100", "--jobs", "200", "--model", "openai/m", "--json"}, more...)
	}
	live := []string{"--base-url", srv.URL + "/v1", "--price", "1,2", "--max-tokens", "400", "--budget-tokens", fmt.Sprint(budget), "--record", rec}
	gate := gateway.Config{
		Retry:    gateway.Retry{Tries: 2, First: time.Millisecond, Max: 2 * time.Millisecond},
		Timeouts: gateway.Timeouts{FirstByte: 2 * time.Second, Idle: 2 * time.Second, Total: time.Minute},
	}
	var said bytes.Buffer
	run := func(want int, args []string) map[string]any {
		t.Helper()
		var out, errs bytes.Buffer
		a := &app{stdin: strings.NewReader(""), stdout: &out, stderr: &errs, gate: gate}
		root := a.root()
		root.SetArgs(args)
		if got := a.exit(t.Context(), root.ExecuteContext(t.Context())); got != want {
			t.Fatalf("exit status %d, want %d: %s", got, want, errs.String())
		}
		said.Write(out.Bytes())
		said.Write(errs.Bytes())
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		var last map[string]any
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
			t.Fatal(err)
		}
		last["events"] = float64(len(lines) - 1)
		return last
	}
	s := run(exitInstrument, args(append(live, "--log", log)...))
	if s["events"] != 200. || s["attempts"] != 200. || s["solved"].(float64)+s["unsolved"].(float64)+s["invalid"].(float64) != 200 {
		t.Errorf("of 200 attempts: %v", s)
	}
	if s["invalid"].(float64) == 0 || s["unsolved"].(float64) == 0 || s["solved"].(float64) == 0 || len(h.faults) != 10 {
		t.Errorf("the test does not see everything: %v, faults %v", s, h.faults)
	}
	for k, a := range attempts(t, log) {
		switch {
		case a.Outcome == task.Invalid && (a.Ending != "" && a.Ending != task.OverSpent || len(a.Verdicts) > 0):
			t.Errorf("%v: invalid with an ending: %+v", k, a)
		case a.Ending == task.Refused && (a.Outcome != task.Unsolved || len(a.Verdicts) > 0):
			t.Errorf("%v: refused, and %v by %d verdicts", k, a.Outcome, len(a.Verdicts))
		case a.Outcome == task.Unsolved && a.Ending == task.Completed && a.Reason != "the answer holds no code":
			t.Errorf("%v: a right answer is unsolved: %s", k, a.Reason)
		}
	}
	if h.used > budget {
		t.Errorf("%d tokens used of %d", h.used, budget)
	}
	t.Logf("solved %v, unsolved %v, invalid %v, %d tokens, faults %v", s["solved"], s["unsolved"], s["invalid"], h.used, h.faults)
	lost := s["invalid"].(float64)
	h.healed.Store(true)
	s = run(exitDone, args(append(live, "--log", log, "--resume")...))
	if s["events"] != lost || s["attempts"] != 200. || s["invalid"] != 0. {
		t.Errorf("after --resume: %v", s)
	}

	// The same again from the recording alone.
	srv.Close()
	t.Setenv("OPENAI_API_KEY", "")
	again := filepath.Join(dir, "again")
	run(exitDone, args("--max-tokens", "400", "--replay-calls", rec, "--log", again))
	want, got := attempts(t, log), attempts(t, again)
	for k, w := range want {
		x, y := steady(t, w), steady(t, got[k])
		if !bytes.Equal(x, y) {
			t.Fatalf("%v\nwas      %s\nreplayed %s", k, x, y)
		}
	}
	if len(want) != 200 || len(got) != 200 {
		t.Errorf("%d attempts, %d replayed", len(want), len(got))
	}

	if bytes.Contains(said.Bytes(), []byte("sk-planted")) {
		t.Error("the key was printed")
	}
	files := 0
	err = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		b, err := os.ReadFile(p)
		if bytes.Contains(b, []byte("sk-planted")) {
			t.Errorf("%s holds the key", p)
		}
		return err
	})
	if err != nil || files < 10 {
		t.Errorf("%d files were searched: %v", files, err)
	}
}

// static is testdata/small judged by its syntax alone, which needs no box: what
// is tried here is not the judge.
func static(t *testing.T, dir string) string {
	t.Helper()
	if err := os.CopyFS(dir, os.DirFS("testdata/small")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"add", "neg"} {
		file := filepath.Join(dir, name, "task.toml")
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := strings.Cut(string(b), "[[graders]]")
		if err := os.WriteFile(file, []byte(head+"[[graders]]\nname = \"build\"\nrequired = true\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, gone := range []string{"wrong", "alternative", "tests"} {
			if err := os.RemoveAll(filepath.Join(dir, name, gone)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// attempts are those of a log, whose records are also counted one by one.
func attempts(t *testing.T, place string) map[task.Key]task.Attempt {
	t.Helper()
	l, err := runlog.Open(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	out := map[task.Key]task.Attempt{}
	for a, err := range l.Attempts(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := out[a.Key()]; ok {
			t.Errorf("%v is doubled", a.Key())
		}
		out[a.Key()] = a
		for _, digest := range []string{a.Patch, a.Trajectory, a.Extraction} { // blobs are packed: look into them
			if digest == "" {
				continue
			}
			b, err := l.Get(t.Context(), digest)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(b, []byte("sk-planted")) {
				t.Errorf("%v: a blob holds the key", a.Key())
			}
		}
	}
	return out
}

// steady is what must not differ between a run and its replay.
func steady(t *testing.T, a task.Attempt) []byte {
	t.Helper()
	for i := range a.Verdicts {
		a.Verdicts[i].Figures = nil
	}
	b, err := json.Marshal([]any{a.Key(), a.Outcome, a.Reason, a.Ending, a.Verdicts, a.Patch, a.Extraction, a.Sent})
	if err != nil {
		t.Fatal(err)
	}
	return b
}
