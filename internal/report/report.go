// Package report turns the attempts of a run into figures and writes them for
// people and for programs.
//
// The flow: attempts stream in, an Accumulator keeps a few counts a task, Report
// asks package stats for estimates with their intervals, and a writer shows
// them. Memory grows with the number of tasks and agents, never with the number
// of attempts, so that a log of any length can be reported.
//
// What counts: an invalid attempt, one that our instrument lost, is counted,
// listed and bounded (Summary.Bounds), and is part of no other figure. An axis
// or a test label counts once an attempt: it passed if everything looked at
// under that name passed. Axes stand side by side and are never averaged.
//
// The package does not read logs, decide outcomes or compare runs.
package report

import (
	"fmt"
	"iter"
	"strings"

	"metr/internal/stats"
	"metr/internal/task"
)

// Header is what is known of a run beside its attempts. Zero fields are filled
// from the attempts where that is possible.
type Header struct {
	Log         string   // where the log is, as the user named it
	Suite       string   // name
	SuiteDigest string   // sha256:hex
	Agents      []string // in the order of reports; others follow as they appear
	Model       string
	Epochs      int
	Tasks       int // planned; the report says if fewer were attempted
	Sandbox     string
	WallS       float64 // of the whole run
}

// Report is what a log comes to: one summary an agent.
type Report struct {
	Header    Header
	Summaries []Summary
}

// Invalid counts the attempts that the instrument lost, over all agents. Above
// zero, a verb ends with exit status 3.
func (r *Report) Invalid() int {
	n := 0
	for _, s := range r.Summaries {
		n += s.Invalid
	}
	return n
}

// Find returns the summary of that agent.
func (r *Report) Find(agent string) (Summary, bool) {
	for _, s := range r.Summaries {
		if s.Agent == agent {
			return s, true
		}
	}
	return Summary{}, false
}

// Summary is one agent's part of a report. Its JSON is the summary event, whose
// names are stable.
type Summary struct {
	Event       string `json:"event"` // "summary"
	Log         string `json:"log"`
	Suite       string `json:"suite"`
	SuiteDigest string `json:"suite_digest"`
	Agent       string `json:"agent"` // "wrong" for all agents wrong:NAME
	Model       string `json:"model"`
	Sandbox     string `json:"sandbox"`
	Epochs      int    `json:"epochs"`
	Tasks       int    `json:"tasks"`           // planned
	Attempted   int    `json:"tasks_attempted"` // with at least one attempt
	Attempts    int    `json:"attempts"`
	Solved      int    `json:"solved"`
	Unsolved    int    `json:"unsolved"`
	Invalid     int    `json:"invalid"`

	Score  *stats.Interval `json:"score"`            // solved of valid attempts; null without any
	Bounds *stats.Range    `json:"bounds,omitempty"` // what the score could be; only with invalid attempts

	PassAt          map[int]float64        `json:"pass_at"` // by k; a k that some task has too few samples for is not there
	PassAtInterval  map[int]stats.Interval `json:"pass_at_interval"`
	PassHat         map[int]float64        `json:"pass_hat"`
	PassHatInterval map[int]stats.Interval `json:"pass_hat_interval"`
	Refused         string                 `json:"refused,omitempty"` // the first k that was refused, and why

	Axes       map[task.Axis]Share     `json:"axes"`
	Labels     map[task.Label]Share    `json:"labels"`
	Kinds      map[task.Kind]Share     `json:"kinds"`
	Languages  map[task.Language]Share `json:"languages"`
	SurfaceGap *Gap                    `json:"surface_gap"` // passes syntax less passes semantics; null where never both looked at
	LabelGaps  map[task.Label]Gap      `json:"label_gaps"`  // passes typical tests less passes tests of this label

	Endings   map[task.Ending]int `json:"endings,omitempty"`   // how the work of agents that ask models ended
	Reasons   []Reason            `json:"reasons"`             // most frequent first
	Lost      []Ref               `json:"lost,omitempty"`      // invalid attempts, the first hundred
	Surprises []Ref               `json:"surprises,omitempty"` // gold unsolved, nop or wrong solved: the first hundred

	Tokens      task.Tokens `json:"tokens"`
	CostUSD     *float64    `json:"cost_usd"`       // null: unknown for at least one attempt
	CostKnown   float64     `json:"cost_known_usd"` // of the attempts whose cost is known
	CostUnknown int         `json:"cost_unknown"`   // how many attempts' cost is not
	WallS       float64     `json:"wall_s"`         // of the whole run, all agents, where known; else AttemptS
	AttemptS    float64     `json:"attempt_wall_s"` // sum of the attempts' elapsed times
	CPUS        float64     `json:"cpu_s"`
}

// Share is how many attempts passed of those looked at.
type Share struct {
	Passed   int             `json:"passed"`
	LookedAt int             `json:"looked_at"`
	Interval *stats.Interval `json:"interval"` // null where nothing was looked at
}

// Gap is a difference of two shares of the same attempts.
type Gap struct {
	stats.Interval
	Attempts int `json:"attempts"` // in which both were looked at
}

// Reason is why attempts were not solved, and how many.
type Reason struct {
	Outcome task.Outcome `json:"outcome"`
	Reason  string       `json:"reason"`
	Count   int          `json:"count"`
}

// Ref names an attempt.
type Ref struct {
	Agent  string `json:"agent"`
	Task   string `json:"task"`
	Epoch  int    `json:"epoch"`
	Reason string `json:"reason,omitempty"`
}

// Group is the name under which an agent is summarised: the wrong solutions of a
// suite run as agents wrong:NAME and are one group; all others stand alone.
func Group(agent string) string {
	if strings.HasPrefix(agent, Wrong+":") {
		return Wrong
	}
	return agent
}

// The agents whose outcome is known beforehand.
const (
	Gold  = "gold"  // the reference solution: to be solved
	Nop   = "nop"   // nothing done: not to be solved
	Wrong = "wrong" // the wrong solutions: to be caught
)

// Attempts is a stream of attempts, as a log yields it. After an error nothing
// follows.
type Attempts = iter.Seq2[task.Attempt, error]

// Summarize reads all attempts.
func Summarize(h Header, attempts Attempts) (*Report, error) {
	acc := NewAccumulator(h)
	for a, err := range attempts {
		if err != nil {
			return nil, fmt.Errorf("report: reading attempts: %w", err)
		}
		acc.Add(a)
	}
	return acc.Report(), nil
}
