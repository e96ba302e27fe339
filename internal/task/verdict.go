package task

import (
	"encoding/json"
	"fmt"
)

// Outcome is what an attempt, or one grader's look at it, comes to. The zero
// value is Invalid: what nobody decided is never scored.
type Outcome uint8

// The three outcomes.
const (
	Invalid  Outcome = iota // our instrument failed; excluded from the score, which gets bounds
	Unsolved                // whatever the program under test did, it did not do what was asked
	Solved                  // every required grader passed
)

var outcomeNames = [...]string{"invalid", "unsolved", "solved"}

func (o Outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return fmt.Sprintf("Outcome(%d)", uint8(o))
}

// MarshalText writes invalid, unsolved or solved.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads what MarshalText writes, and nothing else.
func (o *Outcome) UnmarshalText(b []byte) error {
	for i, n := range outcomeNames {
		if n == string(b) {
			*o = Outcome(i)
			return nil
		}
	}
	return fmt.Errorf("outcome %q: expected invalid, unsolved or solved", b)
}

// Status is what one grader found.
type Status string

// The statuses of a verdict. Skipped means that an earlier gate (syntax, build)
// failed; it never counts as a pass.
const (
	Pass    Status = "pass"
	Fail    Status = "fail"
	Skipped Status = "skipped"
	Broken  Status = "broken" // the grader itself failed: the attempt is Invalid
)

// Test is the result of one hidden or existing test.
type Test struct {
	Name    string `json:"name"`
	Label   Label  `json:"label,omitempty"`
	Status  Status `json:"status"`
	Message string `json:"message,omitempty"`
}

// Oracle says how strong a verdict is: where the judge sat.
type Oracle string

// The oracles, strongest first.
const (
	OutOfProcess Oracle = "out-of-process" // the candidate never held the judge
	Static       Oracle = "static"         // no candidate code ran
	Observed     Oracle = "observed"       // the candidate's exit is read, but it knows no secret (tests the agent wrote)
	InProcess    Oracle = "in-process"     // candidate and test shared a process: weak, can be forged
)

// Verdict is one grader's evidence about one attempt.
type Verdict struct {
	Grader   string          `json:"grader"`
	Axis     Axis            `json:"axis"`
	Required bool            `json:"required"`
	Status   Status          `json:"status"`
	Reason   string          `json:"reason,omitempty"`
	Oracle   Oracle          `json:"oracle,omitempty"`
	Tests    []Test          `json:"tests,omitempty"`
	Figures  json.RawMessage `json:"figures,omitempty"` // what was measured, by graders that measure
}

// Decide turns verdicts into the attempt's outcome and the reason for it: the
// one place where that is decided. Invalid if any required grader broke or none
// is required; Solved if every required grader passed; else Unsolved.
func Decide(vs []Verdict) (Outcome, string) {
	required := 0
	reason := ""
	for _, v := range vs {
		if !v.Required {
			continue
		}
		required++
		if v.Status == Broken {
			return Invalid, v.Grader + ": " + v.Reason
		}
		if v.Status != Pass && reason == "" {
			reason = v.Grader + ": " + v.Reason
		}
	}
	switch {
	case required == 0:
		return Invalid, "no required grader looked at it"
	case reason != "":
		return Unsolved, reason
	}
	return Solved, ""
}

// AxisStatus folds an attempt's verdicts, required or not, into one status per
// axis that was looked at. Exploit tests count for Constraint whatever grader
// ran them. Skipped counts as Fail: code that does not build has no semantics.
func AxisStatus(vs []Verdict) map[Axis]Status {
	out := make(map[Axis]Status)
	fold := func(a Axis, s Status) {
		if s == Skipped {
			s = Fail
		}
		switch cur, ok := out[a]; {
		case !ok, s == Broken, s == Fail && cur == Pass:
			out[a] = s
		}
	}
	for _, v := range vs {
		if len(v.Tests) == 0 {
			fold(v.Axis, v.Status)
			continue
		}
		for _, t := range v.Tests {
			if t.Label == Exploit {
				fold(Constraint, t.Status)
			} else {
				fold(v.Axis, t.Status)
			}
		}
		if v.Status == Broken {
			fold(v.Axis, Broken)
		}
	}
	return out
}
