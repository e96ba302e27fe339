package oracle

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"metr/internal/task"
)

// FunctionJudge judges a function-level task in a language of its own, as the
// package js does for MBXP JavaScript. The program is the candidate's whole
// file.
type FunctionJudge func(ctx context.Context, t *task.Task, program string) (Result, error)

// Functions grades function-level tasks: HumanEval, MBPP, EvalPlus and MBXP.
type Functions struct {
	Python *Python
	Others map[task.Language]FunctionJudge // languages beside Python
}

// functionJob is what the Python judge is given.
type functionJob struct {
	Kind      string   `json:"kind"`
	Program   string   `json:"program"`
	Prompt    string   `json:"prompt"`
	Entry     string   `json:"entry"`
	Test      string   `json:"test"`
	Setup     string   `json:"setup"`
	Asserts   []string `json:"asserts"`
	Imports   []string `json:"imports"`
	Reference string   `json:"reference"`
	Dataset   string   `json:"dataset"`
	Number    int      `json:"number"`
	Base      string   `json:"base,omitempty"` // JSON as Python writes it, with Infinity and NaN
	Plus      string   `json:"plus,omitempty"`
	Atol      float64  `json:"atol"`
	Secret    string   `json:"secret,omitempty"`
	CPU       int      `json:"cpu_s"`             // seconds for the judge itself
	Careful   bool     `json:"careful,omitempty"` // the judge does not compile the program, the subject does
}

// GradeFunction judges p as an answer to the function-level task t. The error
// means that the instrument failed; all else is in the verdict. cpu is the
// processor time of the subjects.
func (f *Functions) GradeFunction(ctx context.Context, t *task.Task, p task.Patch) (v task.Verdict, cpu time.Duration, err error) {
	v = task.Verdict{Grader: "tests", Axis: task.Semantics, Required: true, Oracle: task.OutOfProcess, Status: task.Fail}
	if g, ok := t.Grader("tests"); ok {
		v.Required = g.Required
	}
	if t.Function == nil {
		return v, 0, fmt.Errorf("oracle: task %s is not of a function-level data set", t.ID)
	}
	program, why := programOf(t, p)
	if why != "" {
		v.Oracle, v.Reason = task.Static, why
		return v, 0, nil
	}
	var res Result
	if t.Language == task.Python {
		res, v.Oracle, err = f.python(ctx, t, program)
	} else if judge := f.Others[t.Language]; judge != nil {
		res, err = judge(ctx, t, program)
	} else {
		err = fmt.Errorf("oracle: task %s: no judge for functions in %s", t.ID, t.Language)
	}
	if err != nil {
		return v, res.CPU, err
	}
	fold(&v, res)
	if t.Function.Dataset == "evalplus" {
		v.Figures, err = evalplusFigures(res)
	}
	return v, res.CPU, err
}

// maxProgram is the largest program in bytes that is judged.
const maxProgram = 4 << 20

// programOf is the candidate's file, or why there is none.
func programOf(t *task.Task, p task.Patch) (program, why string) {
	tree, err := t.Workspace.Apply(p)
	if err != nil {
		return "", err.Error()
	}
	file, ok := tree[t.Function.File]
	switch {
	case !ok || file.Link != "":
		return "", fmt.Sprintf("the answer has no file %s", t.Function.File)
	case !utf8.Valid(file.Data):
		return "", fmt.Sprintf("%s is not UTF-8", t.Function.File)
	case len(file.Data) > maxProgram:
		return "", fmt.Sprintf("%s has %d bytes; at most %d are judged", t.Function.File, len(file.Data), maxProgram)
	}
	return string(file.Data), ""
}

// fold reads status and reason of v from what the judge said.
func fold(v *task.Verdict, res Result) {
	v.Tests = res.Tests
	failed := 0
	for _, t := range res.Tests {
		if t.Status != task.Pass {
			if failed++; failed == 1 {
				v.Reason = t.Name + ": " + t.Message
			}
		}
	}
	switch {
	case res.Late != "":
		v.Reason = res.Late
	case failed > 1:
		v.Reason += fmt.Sprintf(" (%d of %d tests failed)", failed, len(res.Tests))
	case failed == 0 && len(res.Tests) > 0:
		v.Status = task.Pass
	case failed == 0:
		v.Reason = "no test ran"
	}
}

// python judges out of process and, only where the data set's own reference
// answer cannot be judged so either, in the published way within one process.
func (f *Functions) python(ctx context.Context, t *task.Task, program string) (Result, task.Oracle, error) {
	job := newFunctionJob(t, program)
	res, err := f.run(ctx, t, job)
	if err != nil || res.Weak == "" || job.Kind == "evalplus" || t.Function.Reference == "" {
		return res, task.OutOfProcess, err
	}
	// A candidate must not be able to choose the weaker oracle for itself.
	if program != t.Function.Reference {
		ref, err := f.run(ctx, t, newFunctionJob(t, t.Function.Reference))
		if err != nil || ref.Weak == "" {
			return res, task.OutOfProcess, err
		}
	}
	job.Kind, job.Secret = "inprocess", rand.Text()
	job.Program = published(t.Function, program) + "\n_metr_end = \"" + job.Secret + "\"\n"
	res, err = f.run(ctx, t, job)
	return res, task.InProcess, err
}

func newFunctionJob(t *task.Task, program string) functionJob {
	fn := t.Function
	job := functionJob{
		Program: program, Prompt: fn.Prompt, Entry: fn.EntryPoint, Test: fn.Test, Setup: fn.Setup,
		Asserts: fn.Asserts, Imports: fn.Imports, Reference: fn.Reference, Atol: fn.Atol, CPU: 180,
	}
	switch {
	case fn.Dataset == "evalplus":
		job.Kind, job.Dataset = "evalplus", "humaneval"
		if strings.HasPrefix(strings.ToLower(t.ID), "mbpp") {
			job.Dataset = "mbpp"
		}
		job.Number, _ = strconv.Atoi(t.ID[strings.LastIndexByte(t.ID, '/')+1:]) // 0 has no rule of its own
		job.Base, job.Plus = string(fn.BaseInput), string(fn.PlusInput)
	case len(fn.Asserts) > 0:
		job.Kind = "asserts"
	default:
		job.Kind = "check"
	}
	if job.Asserts == nil {
		job.Asserts = []string{}
	}
	if job.Imports == nil {
		job.Imports = []string{}
	}
	return job
}

// published is the program as the data set's own harness would run it.
func published(fn *task.Function, program string) string {
	parts := append([]string{program}, fn.Imports...)
	if len(fn.Asserts) > 0 {
		parts = append(append(parts, fn.Setup), fn.Asserts...)
	} else {
		parts = append(parts, fn.Test, "check("+fn.EntryPoint+")")
	}
	return strings.Join(parts, "\n")
}

// functionLimits fill what a function-level task leaves open.
func functionLimits(t *task.Task) task.Limits {
	l := t.Limits
	if l.CPU == 0 {
		l.CPU = 10 * time.Second
		if t.Function.Dataset == "evalplus" {
			l.CPU = 130 * time.Second
		}
	}
	if l.Memory == 0 && t.Function.Dataset == "evalplus" {
		l.Memory = 4 << 30 // what EvalPlus allows; some outputs take a gigabyte
	}
	if l.Wall == 0 {
		l.Wall = 3*l.CPU + 10*time.Second
	}
	return l
}

func (f *Functions) run(ctx context.Context, t *task.Task, job functionJob) (Result, error) {
	l := functionLimits(t)
	open := func(ctx context.Context, n int) (*Peer, error) { return f.Python.function(ctx, l) }
	lim := Limits{Call: l.CPU, Wall: l.Wall}
	res, err := f.Python.judge(ctx, job, open, lim)
	if err != nil && ctx.Err() == nil {
		// A program that is the end of the compiler must not end as our error.
		job.Careful = true
		res, err = f.Python.judge(ctx, job, open, lim)
	}
	return res, err
}

// Evalplus is the figures of a verdict on an EvalPlus task, as its result rows
// have them. Inputs are named by their place in the task's BaseInput and
// PlusInput.
type Evalplus struct {
	BaseStatus string `json:"base_status"` // pass, fail or timeout
	PlusStatus string `json:"plus_status"` // of the added inputs alone
	BaseFail   []int  `json:"base_fail"`
	PlusFail   []int  `json:"plus_fail"`
}

func evalplusFigures(res Result) (json.RawMessage, error) {
	half := func(set string) (status string, fails []int) {
		status, fails = "pass", []int{}
		seen := false
		for _, t := range res.Tests {
			number, ok := strings.CutPrefix(t.Name, set+" ")
			i, err := strconv.Atoi(number)
			if !ok || err != nil {
				continue
			}
			seen = true
			if t.Status == task.Pass {
				continue
			}
			fails = append(fails, i)
			if status != "timeout" {
				status = "fail"
			}
			if strings.HasPrefix(t.Message, "timeout:") {
				status = "timeout"
			}
		}
		if !seen || res.Late != "" {
			status = "fail"
		}
		return status, fails
	}
	var e Evalplus
	e.BaseStatus, e.BaseFail = half("base")
	e.PlusStatus, e.PlusFail = half("plus")
	return json.Marshal(e)
}
