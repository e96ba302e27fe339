package dataset

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"metr/internal/stats"
	"metr/internal/task"
)

// EvalPlusResults collects graded answers for one *.eval_results.json of
// EvalPlus. That file is a single object by task, so it is held in memory until
// it is written.
type EvalPlusResults struct {
	suite *task.Suite
	md5   string
	ids   []string // in the order of their first answers
	byID  map[string][]evalPlusResult
}

type evalPlusResult struct {
	TaskID        string            `json:"task_id"`
	Solution      string            `json:"solution"`
	BaseStatus    string            `json:"base_status"`
	PlusStatus    string            `json:"plus_status"`
	BaseFailTests []json.RawMessage `json:"base_fail_tests"`
	PlusFailTests []json.RawMessage `json:"plus_fail_tests"`
}

// NewEvalPlusResults begins the results of a suite of EvalPlus rows.
func NewEvalPlusResults(s *Set) *EvalPlusResults {
	return &EvalPlusResults{suite: &s.Suite, md5: s.MD5, byID: map[string][]evalPlusResult{}}
}

// Add takes one graded answer; those of one task come in the order of epochs.
//
// The statuses come from the tests of the verdict "tests", which are named
// base/N and plus/N by the input's number from 0. A half without a failing test
// passed if the attempt is solved or the other half is the one that failed;
// where no test says which, both halves failed.
func (r *EvalPlusResults) Add(a Answer, at task.Attempt) error {
	if err := belongs(a, at); err != nil {
		return err
	}
	t, ok := r.suite.Find(a.TaskID)
	if !ok || t.Function == nil {
		return fmt.Errorf("task %s is not in suite %s", a.TaskID, r.suite.Name)
	}
	p, ok := a.Patch(t)
	if !ok {
		return fmt.Errorf("task %s: EvalPlus's result file has no place for a diff", t.ID)
	}
	res := evalPlusResult{TaskID: t.ID, Solution: string(p.Changes[0].Data)}
	tests := functionTests(at)
	var baseSeen, plusSeen bool
	res.BaseStatus, res.BaseFailTests, baseSeen = half(tests, "base", t.Function.BaseInput)
	res.PlusStatus, res.PlusFailTests, plusSeen = half(tests, "plus", t.Function.PlusInput)
	if at.Outcome != task.Solved && res.BaseStatus == "pass" && res.PlusStatus == "pass" {
		status := "fail"
		if ranOut(at.Reason) {
			status = "timeout"
		}
		res.PlusStatus = status
		if !baseSeen || plusSeen {
			res.BaseStatus = status
		}
	}
	if len(r.byID[t.ID]) == 0 {
		r.ids = append(r.ids, t.ID)
	}
	r.byID[t.ID] = append(r.byID[t.ID], res)
	return nil
}

func functionTests(at task.Attempt) []task.Test {
	for _, v := range at.Verdicts {
		if v.Grader == "tests" {
			return v.Tests
		}
	}
	return nil
}

// half reads the status of one half of the tests and the inputs that failed.
func half(tests []task.Test, name string, inputs []byte) (status string, failed []json.RawMessage, seen bool) {
	status, failed = "pass", []json.RawMessage{}
	var list []json.RawMessage
	for _, t := range tests {
		rest, ok := strings.CutPrefix(t.Name, name)
		if !ok {
			continue
		}
		seen = true
		if t.Status == task.Pass {
			continue
		}
		if ranOut(t.Message) {
			status = "timeout"
		} else if status == "pass" {
			status = "fail"
		}
		if list == nil && json.Unmarshal(mask(inputs), &list) != nil {
			continue
		}
		if i, err := strconv.Atoi(strings.Trim(rest, "/[] #:")); err == nil && i >= 0 && i < len(list) {
			failed = append(failed, list[i])
		}
	}
	return status, failed, seen
}

// Write writes the file: date, hash (the MD5 of the problems' text), eval by
// task, and pass@k for k of 1, 10 and 100 where every task has that many.
func (r *EvalPlusResults) Write(w io.Writer, now time.Time) error {
	eval := make([]member, len(r.ids))
	for i, id := range r.ids {
		eval[i] = member{id, jsonOf(r.byID[id])}
	}
	passed := func(plus bool) json.RawMessage {
		return object(r.passAt(func(x evalPlusResult) bool {
			return x.BaseStatus == "pass" && (!plus || x.PlusStatus == "pass")
		}))
	}
	_, err := w.Write(append(unmask(object([]member{
		{"date", jsonOf(now.Format("2006-01-02 15:04"))},
		{"hash", jsonOf(r.md5)},
		{"eval", object(eval)},
		{"pass_at_k", object([]member{{"base", passed(false)}, {"plus", passed(true)}})},
	})), '\n'))
	return err
}

// passAt is the mean of pass@k over tasks for the customary k that all allow.
func (r *EvalPlusResults) passAt(ok func(evalPlusResult) bool) []member {
	out := []member{}
	least := math.MaxInt
	for _, rs := range r.byID {
		least = min(least, len(rs))
	}
	for _, k := range []int{1, 10, 100} {
		if len(r.ids) == 0 || least < k {
			continue
		}
		sum := 0.0
		for _, id := range r.ids {
			n, c := len(r.byID[id]), 0
			for _, x := range r.byID[id] {
				if ok(x) {
					c++
				}
			}
			sum += stats.PassAt(n, c, k)
		}
		out = append(out, member{"pass@" + strconv.Itoa(k), jsonOf(sum / float64(len(r.ids)))})
	}
	return out
}
