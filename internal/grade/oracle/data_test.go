package oracle

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"metr/internal/sandbox"
	"metr/internal/sandbox/none"
	"metr/internal/task"
)

const shared = "../../../../shared/data"

var infinity = regexp.MustCompile(`([\[,:] ?-?)Infinity\b`)

// rows reads a gzipped file of JSON lines.
func rows[T any](t *testing.T, name string) []T {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(shared, name))
	if err != nil {
		t.Fatalf("the published data set is needed, see CONTRIBUTING.md: %v", err)
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var out []T
	s := bufio.NewScanner(z)
	s.Buffer(nil, 64<<20)
	for s.Scan() {
		var r T
		// MBPP+ is written by Python, which has a word for what JSON has not.
		line := infinity.ReplaceAll(s.Bytes(), []byte("${1}1e999"))
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	if s.Err() != nil {
		t.Fatal(s.Err())
	}
	return out
}

type problem struct {
	TaskID    any             `json:"task_id"`
	Prompt    string          `json:"prompt"`
	Entry     string          `json:"entry_point"`
	Canonical string          `json:"canonical_solution"`
	Test      string          `json:"test"`
	Code      string          `json:"code"`
	Setup     string          `json:"test_setup_code"`
	Asserts   []string        `json:"test_list"`
	Base      json.RawMessage `json:"base_input"`
	Plus      json.RawMessage `json:"plus_input"`
	Atol      float64         `json:"atol"`
	// samples
	Completion string `json:"completion"`
}

type graded struct {
	t    *task.Task
	prog string
}

func (p problem) graded(dataset string) graded {
	fn := &task.Function{Dataset: dataset, File: "solution.py", Prompt: p.Prompt, EntryPoint: p.Entry, Test: p.Test,
		Setup: p.Setup, Asserts: p.Asserts, Reference: p.Prompt + p.Canonical, Atol: p.Atol}
	id := fmt.Sprint(p.TaskID)
	if f, ok := p.TaskID.(float64); ok {
		id = "mbpp/" + strconv.Itoa(int(f))
	}
	if p.Code != "" {
		fn.Reference = p.Code
	}
	fn.BaseInput, fn.PlusInput = jsonOf(p.Base), jsonOf(p.Plus)
	return graded{&task.Task{ID: id, Language: task.Python, Function: fn, Limits: task.Limits{CPU: 30 * time.Second}}, fn.Reference}
}

// jsonOf unwraps inputs that are written as a string that holds JSON.
func jsonOf(raw json.RawMessage) []byte {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return []byte(s)
	}
	return raw
}

// gradeAll grades on two workers and returns the ids that did not pass, in
// order, and the ids that needed the weak oracle.
func gradeAll(t *testing.T, work []graded) (failed, weak []string) {
	t.Helper()
	return gradeWith(t, none.Backend{}, work)
}

func gradeWith(t *testing.T, b sandbox.Backend, work []graded) (failed, weak []string) {
	t.Helper()
	py := NewPython(b)
	defer py.Close()
	f := &Functions{Python: py, Others: map[task.Language]FunctionJudge{task.JavaScript: JavaScript(b, nil)}}
	var mu sync.Mutex
	var wg sync.WaitGroup
	next := make(chan graded)
	for range 2 {
		wg.Go(func() {
			for g := range next {
				v, _, err := f.GradeFunction(context.Background(), g.t, g.t.Program(g.prog))
				mu.Lock()
				if err != nil {
					t.Errorf("%s: %v", g.t.ID, err)
				} else if v.Status != task.Pass {
					failed = append(failed, g.t.ID)
					t.Logf("%s: %s", g.t.ID, v.Reason)
				}
				if v.Oracle == task.InProcess {
					weak = append(weak, g.t.ID)
				}
				mu.Unlock()
			}
		})
	}
	for _, g := range work {
		next <- g
	}
	close(next)
	wg.Wait()
	slices.Sort(failed)
	slices.Sort(weak)
	return failed, weak
}

func expect(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %s; want %s", what, strings.Join(got, " "), strings.Join(want, " "))
	}
}

func canonical(t *testing.T, file, dataset string) []graded {
	var work []graded
	for _, p := range rows[problem](t, file) {
		work = append(work, p.graded(dataset))
	}
	return work
}

func TestHumanEvalCanonical(t *testing.T) {
	failed, weak := gradeAll(t, canonical(t, "humaneval/HumanEval.jsonl.gz", "humaneval"))
	expect(t, "failed", failed)
	expect(t, "in process", weak)
}

// 367 and 927 use a class that their rows do not define.
func TestMBPPCanonical(t *testing.T) {
	failed, weak := gradeAll(t, canonical(t, "mbpp/mbpp.jsonl.gz", "mbpp"))
	expect(t, "failed", failed, "mbpp/367", "mbpp/927")
	expect(t, "in process", weak)
}

func TestHumanEvalPlusCanonical(t *testing.T) {
	failed, _ := gradeAll(t, canonical(t, "evalplus/HumanEvalPlus-Mini.jsonl.gz", "evalplus"))
	expect(t, "failed", failed)
}

func TestMBPPPlusCanonical(t *testing.T) {
	if testing.Short() {
		t.Skip("minutes of processor time; run without -short")
	}
	failed, _ := gradeAll(t, canonical(t, "evalplus/MbppPlus.jsonl.gz", "evalplus"))
	expect(t, "failed", failed)
}

func TestMBXPPythonSamples(t *testing.T) {
	byID := map[any]problem{}
	for _, p := range rows[problem](t, "mxeval/mbpp_release_v1.jsonl.gz") {
		byID[p.TaskID] = p
	}
	var work []graded
	for _, s := range rows[problem](t, "mxeval/mbpp_samples.jsonl.gz") {
		g := byID[s.TaskID].graded("mbxp")
		g.prog = g.t.Function.Prompt + s.Completion
		work = append(work, g)
	}
	failed, _ := gradeAll(t, work)
	if passed := len(work) - len(failed); passed != 800 {
		t.Errorf("%d of %d samples pass; want 800", passed, len(work))
	}
}

func TestMBXPJavaScriptSamples(t *testing.T) {
	if testing.Short() {
		t.Skip("minutes of processor time; run without -short")
	}
	byID := map[any]problem{}
	for _, p := range rows[problem](t, "mxeval/mbjsp_release_v1.2.jsonl.gz") {
		byID[p.TaskID] = p
	}
	var work []graded
	for _, s := range rows[problem](t, "mxeval/mbjsp_samples.jsonl.gz") {
		g := byID[s.TaskID].graded("mbxp")
		g.t.Language, g.t.Function.File = task.JavaScript, "solution.js"
		g.prog = g.t.Function.Prompt + s.Completion
		work = append(work, g)
	}
	failed, _ := gradeAll(t, work)
	if passed := len(work) - len(failed); passed != 760 {
		t.Errorf("%d of %d samples pass; want 760", passed, len(work))
	}
}
