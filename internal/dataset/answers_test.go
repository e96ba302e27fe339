package dataset

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"metr/internal/task"
)

func put(t testing.TB, name, text string) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return p
}

func collect(t testing.TB, path string, s *task.Suite) []Answer {
	t.Helper()
	as, err := OpenAnswers(path, s)
	if err != nil {
		t.Fatal(err)
	}
	var out []Answer
	for a, err := range as.All() {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, a)
	}
	if len(out) != as.Count {
		t.Fatalf("%d answers on the second way through, %d on the first", len(out), as.Count)
	}
	return out
}

func TestPublishedSamples(t *testing.T) {
	for word, c := range map[string]struct {
		file string
		n    int
	}{"mbxp-python": {"mxeval/mbpp_samples.jsonl.gz", 974}, "mbxp-js": {"mxeval/mbjsp_samples.jsonl.gz", 966}} {
		set := openShared(t, word)
		as, err := OpenAnswers(sharedFile(t, c.file), &set.Suite)
		if err != nil {
			t.Fatal(err)
		}
		if as.Count != c.n || as.Tasks != c.n || as.Epochs != 1 || as.Format != Samples {
			t.Errorf("%s: %+v", word, as)
		}
	}
}

// predictionsSuite has tasks that take patches.
func predictionsSuite() *task.Suite {
	return &task.Suite{Name: "repo", Tasks: []*task.Task{{ID: "a__b-1"}, {ID: "a__b-2"}, {ID: "a__b-3"}}}
}

func TestAnswerForms(t *testing.T) {
	he := &openShared(t, "humaneval").Suite
	pred := func(id, patch string) string {
		return fmt.Sprintf(`{"instance_id": %q, "model_name_or_path": "m/x", "model_patch": %s}`, id, patch)
	}
	for _, c := range []struct {
		name, text string
		suite      *task.Suite
		want       string
	}{
		{"completion", `{"task_id": "HumanEval/1", "completion": "  x"}`, he, "HumanEval/1#1 completion \"  x\" m= l=1"},
		{"epochs", `{"task_id": "HumanEval/1", "completion": "a"}` + "\n\n" + `{"task_id": "HumanEval/2", "completion": "b"}` + "\n" + `{"task_id": "HumanEval/1", "completion": "c"}`, he,
			`HumanEval/1#1 completion "a" m= l=1; HumanEval/2#1 completion "b" m= l=3; HumanEval/1#2 completion "c" m= l=4`},
		{"solution wins", `{"task_id": "HumanEval/1", "completion": "a", "solution": "b", "model": "q"}`, he, `HumanEval/1#1 solution "b" m=q l=1`},
		{"number", `{"task_id": 163, "completion": ""}`, he, `HumanEval/163#1 completion "" m= l=1`},
		{"case", `{"task_id": "humaneval/163", "completion": "", "language": "python"}`, he, `HumanEval/163#1 completion "" m= l=1`},
		{"Python's NaN", `{"task_id": 1, "completion": "NaN", "logprob": -Infinity, "x": [NaN]}`, he, `HumanEval/1#1 completion "NaN" m= l=1`},
		{"predictions", pred("a__b-2", `"diff"`) + "\n" + pred("a__b-1", `null`), predictionsSuite(), `a__b-2#1 diff "diff" m=m/x l=1; a__b-1#1 diff "" m=m/x l=2`},
		{"list", "[\n" + pred("a__b-2", `"d"`) + "\n]", predictionsSuite(), `a__b-2#1 diff "d" m=m/x l=2`},
		{"map", "{\n\"a__b-2\":\n" + pred("a__b-2", `"d"`) + "\n}", predictionsSuite(), `a__b-2#1 diff "d" m=m/x l=3`},
		{"map without ids", `{"a__b-3": {"model_name_or_path": "m", "model_patch": "d"}}`, predictionsSuite(), `a__b-3#1 diff "d" m=m l=1`},
		{"gzip", gz(t, pred("a__b-2", `"d"`)), predictionsSuite(), `a__b-2#1 diff "d" m=m/x l=1`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, a := range collect(t, put(t, "answers", c.text), c.suite) {
				got = append(got, fmt.Sprintf("%s#%d %s %q m=%s l=%d", a.TaskID, a.Epoch, a.Form, a.Text, a.Model, a.Line))
			}
			if s := strings.Join(got, "; "); s != c.want {
				t.Errorf("read\n  %s\nexpected\n  %s", s, c.want)
			}
		})
	}
}

func TestMBPPIDs(t *testing.T) {
	for word, ids := range map[string][]string{
		"mbpp":           {`11`, `"11"`, `"MBPP/11"`, `"Mbpp/11"`, `"mbpp/11"`},
		"mbpp-sanitized": {`11`, `"MBPP/11"`, `"Mbpp/11"`},
		"mbpp+":          {`11`, `"Mbpp/11"`, `"MBPP/11"`},
	} {
		s := &openShared(t, word).Suite
		for _, id := range ids {
			a := collect(t, put(t, "s.jsonl", `{"task_id": `+id+`, "solution": "x"}`), s)
			if lastPart(a[0].TaskID) != "11" {
				t.Errorf("%s: %s is taken for %s", word, id, a[0].TaskID)
			}
		}
	}
}

func TestEvalPlusFolder(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"HumanEval_0/10.py": "ten", "HumanEval_0/2.py": "two", "HumanEval_1/0.py": "one",
		".git/0.py": "no", "HumanEval_1/notes.txt": "no", "readme.md": "no",
	} {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	set := openShared(t, "humaneval+")
	var got []string
	for _, a := range collect(t, dir, &set.Suite) {
		got = append(got, fmt.Sprintf("%s#%d %s %s", a.TaskID, a.Epoch, a.Form, a.Text))
	}
	want := "HumanEval/0#1 solution two, HumanEval/0#2 solution ten, HumanEval/1#1 solution one"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("read %s; expected %s", s, want)
	}
}

func TestBadAnswers(t *testing.T) {
	he := &openShared(t, "humaneval").Suite
	ok := `{"task_id": "HumanEval/1", "completion": "x"}`
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "is empty; expected samples or predictions"},
		{"no answers", "[ ]", "is empty; expected samples or predictions"},
		{"unknown task", ok + "\n" + `{"task_id": "HumanEval/999", "completion": "x"}`, `2: task "HumanEval/999" is not in suite humaneval, whose 164 ids look like "HumanEval/0"`},
		{"no text", ok + "\n" + `{"task_id": "HumanEval/1"}`, `2: field "completion" is missing; expected a string`},
		{"text's type", ok + "\n" + `{"task_id": "HumanEval/1", "completion": ["x"]}`, `2: field "completion": expected a string, found a list`},
		{"null", `{"task_id": "HumanEval/1", "completion": null}`, `1: field "completion": expected a string, found null`},
		{"no id", ok + "\n" + `{"completion": "x"}`, `2: field "task_id" is missing; expected a task id`},
		{"language", `{"task_id": "HumanEval/1", "completion": "x", "language": "java"}`, `1: field "language": expected "python", the language of task HumanEval/1, found "java"`},
		{"last line", ok + "\n" + `{"task_id": "HumanEval/1", "completion": "x`, `2: is not valid JSON: unexpected end of JSON input`},
		{"UTF-8", ok + "\n" + `{"task_id": "HumanEval/1", "completion": "` + "\xc3" + `"}`, `2: is not valid UTF-8 at byte 43 of the line`},
		{"truncated", gz(t, ok)[:30], "is a truncated gzip file: it ends in the middle; copy or fetch it again"},
		{"problems", heRow, "1: holds the rows of a function-level data set; expected samples or predictions"},
		{"patch's type", `{"instance_id": "HumanEval/1", "model_patch": 3}`, `1: field "model_patch": expected a string, found a number`},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := put(t, "s.jsonl", c.text)
			_, err := OpenAnswers(p, he)
			var ie *InputError
			if !errors.As(err, &ie) || strings.TrimPrefix(strings.TrimPrefix(err.Error(), p+":"), " ") != c.want {
				t.Errorf("error\n  %v\nexpected\n  %s", err, c.want)
			}
		})
	}
	dir := t.TempDir()
	if _, err := OpenAnswers(dir, he); err == nil || !strings.Contains(err.Error(), "is a folder without answers; expected a file, or") {
		t.Errorf("a folder: %v", err)
	}
	if _, err := OpenAnswers(put(t, "s", ok), predictionsSuite()); err == nil || !strings.Contains(err.Error(), `is not in suite repo, whose 3 ids look like "a__b-1"`) {
		t.Errorf("another suite: %v", err)
	}
}

// TestAnswersStream holds that memory does not grow with the file.
func TestAnswersStream(t *testing.T) {
	he := &openShared(t, "humaneval").Suite
	line := `{"task_id": "HumanEval/1", "completion": "` + strings.Repeat("x", 1<<16) + "\"}\n"
	as, err := OpenAnswers(put(t, "s.jsonl", strings.Repeat(line, 640)), he) // 40 MiB
	if err != nil {
		t.Fatal(err)
	}
	var peak uint64
	for a, err := range as.All() {
		if err != nil {
			t.Fatal(err)
		}
		if a.Epoch%128 == 0 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
		}
	}
	if as.Epochs != 640 || peak > 20<<20 {
		t.Errorf("%d epochs with a live heap of %d bytes", as.Epochs, peak)
	}
}

func TestResultRows(t *testing.T) {
	ans := Answer{TaskID: "HumanEval/1", Epoch: 1, Form: Completion, Text: "<x>", File: "s", Line: 1,
		Row: []byte(`{"z": 1.50, "task_id": 1, "passed": "old", "completion": "<x>", "n": [NaN, "NaN"]}`)}
	at := func(o task.Outcome, reason string) task.Attempt {
		return task.Attempt{Task: "HumanEval/1", Epoch: 1, Outcome: o, Reason: reason, WallS: 0.25}
	}
	for _, c := range []struct {
		at   task.Attempt
		want string
	}{
		{at(task.Solved, ""), `{"z": 1.50, "task_id": 1, "passed": true, "completion": "<x>", "n": [NaN,"NaN"], "result": "passed"}`},
		{at(task.Unsolved, "function: cpu time limit exceeded"), `{"z": 1.50, "task_id": 1, "passed": false, "completion": "<x>", "n": [NaN,"NaN"], "result": "timed out"}`},
		{at(task.Unsolved, "function: 1 != 2"), `{"z": 1.50, "task_id": 1, "passed": false, "completion": "<x>", "n": [NaN,"NaN"], "result": "failed: function: 1 != 2"}`},
	} {
		got, err := HumanEvalRow(ans, c.at)
		if err != nil || string(got) != c.want {
			t.Errorf("wrote %s, %v; expected %s", got, err, c.want)
		}
	}
	got, err := MBXPRow(Answer{TaskID: "HumanEval/1", Epoch: 1, Form: Solution, Text: "s"}, at(task.Solved, ""))
	if want := `{"task_id": "HumanEval/1", "solution": "s", "result": "passed", "passed": true, "time_elapsed": 0.25}`; err != nil || string(got) != want {
		t.Errorf("wrote %s, %v; expected %s", got, err, want)
	}
	if _, err := HumanEvalRow(ans, at(task.Invalid, "sandbox")); !errors.Is(err, ErrInvalid) {
		t.Errorf("an invalid attempt was written: %v", err)
	}
	other := at(task.Solved, "")
	other.Epoch = 2
	if _, err := HumanEvalRow(ans, other); err == nil {
		t.Error("another attempt's verdict was written")
	}
}

func TestEvalPlusResults(t *testing.T) {
	set, err := Read("x", strings.NewReader(plusRow+"\n"+strings.Replace(plusRow, "/7", "/8", 1)))
	if err != nil {
		t.Fatal(err)
	}
	r := NewEvalPlusResults(set)
	add := func(id string, epoch int, o task.Outcome, reason string, tests ...task.Test) {
		t.Helper()
		a := Answer{TaskID: id, Epoch: epoch, Form: Completion, Text: "    return 2\n"}
		at := task.Attempt{Task: id, Epoch: epoch, Outcome: o, Reason: reason, Verdicts: []task.Verdict{{Grader: "tests", Tests: tests}}}
		if err := r.Add(a, at); err != nil {
			t.Fatal(err)
		}
	}
	add("HumanEval/8", 1, task.Solved, "", task.Test{Name: "base/0", Status: task.Pass}, task.Test{Name: "plus/0", Status: task.Pass})
	add("HumanEval/7", 1, task.Unsolved, "function: plus/0", task.Test{Name: "base/0", Status: task.Pass}, task.Test{Name: "plus/0", Status: task.Fail, Message: "2 is not 1"})
	add("HumanEval/7", 2, task.Unsolved, "build: syntax")
	var b bytes.Buffer
	if err := r.Write(&b, time.Date(2026, 8, 1, 9, 5, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	got := strings.ReplaceAll(b.String(), set.MD5, "MD5")
	sol := `"solution":"def f(x):\n    return 2\n"`
	want := `{"date": "2026-08-01 09:05", "hash": "MD5", "eval": {` +
		`"HumanEval/8":[{"task_id":"HumanEval/8",` + sol + `,"base_status":"pass","plus_status":"pass","base_fail_tests":[],"plus_fail_tests":[]}],` +
		`"HumanEval/7":[{"task_id":"HumanEval/7",` + sol + `,"base_status":"pass","plus_status":"fail","base_fail_tests":[],"plus_fail_tests":[[123456789012345678901234567890]]},` +
		`{"task_id":"HumanEval/7",` + sol + `,"base_status":"fail","plus_status":"fail","base_fail_tests":[],"plus_fail_tests":[]}]}, ` +
		`"pass_at_k": {"base":{"pass@1":0.75},"plus":{"pass@1":0.5}}}` + "\n"
	if squeeze(got) != squeeze(want) {
		t.Errorf("wrote\n%s\nexpected\n%s", got, want)
	}
}

// squeeze leaves out the blanks between JSON's tokens.
func squeeze(s string) string {
	var b bytes.Buffer
	if json.Compact(&b, []byte(s)) != nil {
		return "not JSON: " + s
	}
	return b.String()
}

func TestSWEBenchReport(t *testing.T) {
	r := NewSWEBenchReport(predictionsSuite())
	for id, o := range map[string]task.Outcome{"a__b-1": task.Solved, "a__b-2": task.Invalid} {
		if err := r.Add(Answer{TaskID: id, Epoch: 1, Text: "d"}, task.Attempt{Task: id, Epoch: 1, Outcome: o, Reason: "why"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Add(Answer{TaskID: "a__b-1", Epoch: 2}, task.Attempt{Task: "a__b-1", Epoch: 2}); err == nil {
		t.Error("two predictions for one id were counted")
	}
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	want := `{"total_instances":3,"submitted_instances":2,"completed_instances":1,"resolved_instances":1,"unresolved_instances":0,` +
		`"infra_failure_instances":1,"ambiguous_failure_instances":0,"empty_patch_instances":0,"error_instances":0,` +
		`"submitted_ids":["a__b-1","a__b-2"],"completed_ids":["a__b-1"],"incomplete_ids":["a__b-3"],"resolved_ids":["a__b-1"],"unresolved_ids":[],` +
		`"infra_failure_ids":["a__b-2"],"ambiguous_failure_ids":[],"empty_patch_ids":[],"error_ids":[],"failure_reasons":{"a__b-2":"why"},"schema_version":2}`
	if got := squeeze(b.String()); got != want {
		t.Errorf("wrote\n%s\nexpected\n%s", got, want)
	}
}

func FuzzAnswers(f *testing.F) {
	set, err := Read("x", strings.NewReader(heRow))
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{
		`{"task_id": "HumanEval/7", "completion": "x", "p": NaN}`, `[{"task_id": 7, "solution": "x"}]`,
		`{"HumanEval/7": {"model_patch": "x"}}`, `{"instance_id": "HumanEval/7", "model_patch": null}`, gz(f, `{"task_id": 7}`),
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		as := &Answers{Path: "f", index: indexOf(&set.Suite)}
		for a, err := range as.from(bytes.NewReader(b)) {
			if err != nil {
				if strings.Contains(err.Error(), "\n") {
					t.Fatalf("the message is not one line: %q", err)
				}
				return
			}
			if a.TaskID != "HumanEval/7" || a.Epoch < 1 {
				t.Fatalf("answer %+v", a)
			}
			if _, err := HumanEvalRow(a, task.Attempt{Task: a.TaskID, Epoch: a.Epoch, Outcome: task.Solved}); err != nil {
				t.Fatal(err)
			}
		}
	})
}
