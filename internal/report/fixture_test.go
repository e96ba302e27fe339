package report

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"metr/internal/task"
)

// stream makes attempts of a slice.
func stream(as ...task.Attempt) Attempts {
	return func(yield func(task.Attempt, error) bool) {
		for _, a := range as {
			if !yield(a, nil) {
				return
			}
		}
	}
}

var errTorn = errors.New("segment 3: torn")

// torn is a stream that fails after its attempts.
func torn(as ...task.Attempt) Attempts {
	return func(yield func(task.Attempt, error) bool) {
		for a := range stream(as...) {
			if !yield(a, nil) {
				return
			}
		}
		yield(task.Attempt{}, errTorn)
	}
}

func verdict(grader string, axis task.Axis, s task.Status, reason string, tests ...task.Test) task.Verdict {
	return task.Verdict{Grader: grader, Axis: axis, Required: true, Status: s, Reason: reason, Oracle: task.OutOfProcess, Tests: tests}
}

func test(l task.Label, s task.Status) task.Test {
	x := task.Test{Name: "test_" + string(l), Label: l, Status: s}
	if s != task.Pass {
		x.Message = "expected 3, got 4"
	}
	return x
}

// attempt is made of graders' verdicts as the run would decide it.
func attempt(agent, id string, epoch int, vs ...task.Verdict) task.Attempt {
	o, reason := task.Decide(vs)
	cost := 0.002
	return task.Attempt{
		Task: id, Epoch: epoch, Agent: agent, Kind: task.Complete, Language: task.Python,
		Outcome: o, Reason: reason, Verdicts: vs, Tokens: task.Tokens{In: 1200, Out: 300}, CostUSD: &cost,
		Started: time.Date(2026, 8, 1, 12, 0, epoch, 0, time.UTC), WallS: 1.5, CPUS: 0.5,
	}
}

// good, edgy (passes typical tests only), unbuilt and lost are the verdicts of
// four sorts of attempts.
func good() []task.Verdict {
	return []task.Verdict{
		verdict("syntax", task.Syntax, task.Pass, ""),
		verdict("tests", task.Semantics, task.Pass, "", test(task.Typical, task.Pass), test(task.Edge, task.Pass), test(task.State, task.Pass)),
		verdict("scope", task.Context, task.Pass, ""),
	}
}

func edgy() []task.Verdict {
	return []task.Verdict{
		verdict("syntax", task.Syntax, task.Pass, ""),
		verdict("tests", task.Semantics, task.Fail, "test_edge: expected 3, got 4", test(task.Typical, task.Pass), test(task.Edge, task.Fail)),
		verdict("scope", task.Context, task.Pass, ""),
	}
}

func unbuilt() []task.Verdict {
	return []task.Verdict{
		verdict("syntax", task.Syntax, task.Fail, "line 3: unexpected indent"),
		verdict("tests", task.Semantics, task.Skipped, "does not build"),
	}
}

func lost() []task.Verdict {
	return []task.Verdict{
		verdict("syntax", task.Syntax, task.Pass, ""),
		verdict("tests", task.Semantics, task.Broken, "the sandbox did not start"),
	}
}

// epochs is a model's run: 12 tasks of two kinds and languages, 5 epochs, with
// invalid attempts and one reason that tries to take the terminal over.
func epochs() ([]task.Attempt, Header) {
	rng := rand.New(rand.NewPCG(1, 2))
	var out []task.Attempt
	for e := 1; e <= 5; e++ {
		for i := range 12 {
			vs := good()
			switch {
			case i == 11 && e == 2:
				vs = lost()
			case rng.IntN(14) < i:
				vs = edgy()
			case rng.IntN(20) == 0:
				vs = unbuilt()
			}
			a := attempt("model", fmt.Sprintf("task-%02d", i), e, vs...)
			a.Model = "ollama/qwen2.5-coder:1.5b"
			if i%3 == 0 {
				a.Kind, a.Language = task.Secure, task.Go
			}
			if i == 7 && e == 1 {
				a.CostUSD = nil
				a.Outcome, a.Reason = task.Unsolved, "tests: \x1b[2J\x1b]0;owned\a \u202e=1+1 "+string(rune(0xfffe))+"\xff and a very long tail that no table wants to show in full width"
			}
			out = append(out, a)
		}
	}
	return out, Header{Log: "runs/2026-08-01-starter-model", Suite: "starter", SuiteDigest: "sha256:4f2c", Agents: []string{"model"}, Epochs: 5, Tasks: 14, Sandbox: "native", WallS: 75.25}
}

// judges is metr run without arguments: gold, nop and wrong solutions.
func judges() ([]task.Attempt, Header) {
	var out []task.Attempt
	for i := range 18 {
		id := fmt.Sprintf("task-%02d", i)
		ex := verdict("tests", task.Semantics, task.Pass, "", test(task.Exploit, task.Pass), test(task.Error, task.Pass))
		out = append(out, attempt("gold", id, 1, append(good(), ex)...))
		out = append(out, attempt("nop", id, 1, unbuilt()...))
		for j := range 2 {
			vs := edgy()
			switch {
			case i == 4 && j == 1:
				vs = good()
			case i == 5 && j == 0:
				vs = lost()
			case i%4 == 0:
				vs = append(good(), verdict("api", task.Context, task.Fail, "eval is used"))
			}
			out = append(out, attempt(fmt.Sprintf("wrong:w%d", j), id, 1, vs...))
		}
	}
	for i := range out {
		zero := 0.0
		out[i].CostUSD, out[i].Tokens = &zero, task.Tokens{}
	}
	return out, Header{Log: "runs/x", Suite: "starter", SuiteDigest: "sha256:4f2c", Agents: []string{"gold", "nop", "wrong"}, Epochs: 1, Tasks: 18, Sandbox: "native", WallS: 12}
}
