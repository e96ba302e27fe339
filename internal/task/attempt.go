package task

import "time"

// Attempt is the record of one attempt as the run log keeps it.
type Attempt struct {
	Task     string    `json:"task"`
	Epoch    int       `json:"epoch"`           // from 1
	Agent    string    `json:"agent"`           // as asked for: gold, nop, model, ...
	Model    string    `json:"model,omitempty"` // as asked for, PROVIDER/NAME[@EFFORT]; see Served for the server's own name
	Kind     Kind      `json:"kind"`
	Language Language  `json:"language"`
	Outcome  Outcome   `json:"outcome"`
	Reason   string    `json:"reason,omitempty"`
	Ending   Ending    `json:"ending,omitempty"` // how the agent's work ended; "" where no model was called, or none answered
	Verdicts []Verdict `json:"verdicts,omitempty"`
	Patch    string    `json:"patch,omitempty"` // digest of the blob that holds the patch
	Tokens   Tokens    `json:"tokens"`
	CostUSD  *float64  `json:"cost_usd,omitempty"` // nil: unknown
	Calls    int       `json:"calls,omitempty"`    // of a model, that were answered
	Started  time.Time `json:"started"`
	WallS    float64   `json:"wall_s"` // agent and judge together
	CPUS     float64   `json:"cpu_s"`  // of everything that ran in sandboxes

	Sent       *Sent   `json:"sent,omitempty"`       // what was asked of the model beside the words
	Served     *Served `json:"served,omitempty"`     // who answered
	Trajectory string  `json:"trajectory,omitempty"` // digest of the blob that holds the steps (ATIF 1.7)
	Extraction string  `json:"extraction,omitempty"` // digest of the blob that holds the raw answer and what was taken from it
}

// Key names an attempt within a run.
func (a Attempt) Key() Key { return Key{a.Agent, a.Model, a.Task, a.Epoch} }

// Use adds what an earlier try at the same attempt used, its cost included.
func (a *Attempt) Use(earlier Attempt) {
	a.Tokens.In += earlier.Tokens.In
	a.Tokens.Cached += earlier.Tokens.Cached
	a.Tokens.Reasoning += earlier.Tokens.Reasoning
	a.Tokens.Out += earlier.Tokens.Out
	a.Calls += earlier.Calls
	a.WallS += earlier.WallS
	a.CPUS += earlier.CPUS
	if a.CostUSD != nil && earlier.CostUSD != nil {
		sum := *a.CostUSD + *earlier.CostUSD
		a.CostUSD = &sum
	} else {
		a.CostUSD = nil
	}
}

// Key names an attempt within a run: agent, model asked for, task and epoch.
type Key struct {
	Agent string
	Model string
	Task  string
	Epoch int
}

// Tokens counts what a model read and wrote. In includes Cached, and Out
// includes Reasoning.
type Tokens struct {
	In        int64 `json:"in"`
	Cached    int64 `json:"cached,omitempty"`
	Reasoning int64 `json:"reasoning,omitempty"`
	Out       int64 `json:"out"`
}

// Ending says how an agent's work ended, apart from what it was worth: work that
// was cut short is judged like any other, where there is any.
type Ending string

// The endings.
const (
	Completed Ending = "completed" // the agent said that it was done
	Stopped   Ending = "stopped"   // it stopped without saying so, or before it had done anything
	Truncated Ending = "truncated" // the answer was cut by the limit on tokens
	Refused   Ending = "refused"   // the model would not
	Filtered  Ending = "filtered"  // the provider would not
	Overflow  Ending = "overflow"  // the conversation did not fit into the model
	OverSpent Ending = "budget"    // the budget was spent
	OutOfTime Ending = "time"      // the limit on time was reached
	OutOfStep Ending = "steps"     // the limit on steps was reached
	Looped    Ending = "looped"    // it did the same again and again
	Crashed   Ending = "crashed"   // the agent's program failed
)

// Endings lists the endings in the order of reports.
var Endings = []Ending{Completed, Stopped, Truncated, Refused, Filtered, Overflow, OverSpent, OutOfTime, OutOfStep, Looped, Crashed}

// Sent is what was asked of a model beside the words, as it went out. What a
// provider has no place for is in Dropped.
type Sent struct {
	Protocol    string   `json:"protocol,omitempty"`
	Mode        string   `json:"mode,omitempty"`   // chat or completion
	Effort      string   `json:"effort,omitempty"` // FIELD=VALUE
	Temperature *float64 `json:"temperature,omitempty"`
	TopP        *float64 `json:"top_p,omitempty"`
	Seed        *int64   `json:"seed,omitempty"`
	MaxTokens   int64    `json:"max_tokens,omitempty"`
	Dropped     []string `json:"dropped,omitempty"`
}

// Served is who answered, as far as they said: the same weights give different
// text under another runtime.
type Served struct {
	Provider     string   `json:"provider"`
	Models       []string `json:"models,omitempty"` // what the server called the model
	Runtime      string   `json:"runtime,omitempty"`
	Version      string   `json:"version,omitempty"`
	Digest       string   `json:"digest,omitempty"` // of the file of weights
	Quantization string   `json:"quantization,omitempty"`
	Template     string   `json:"template,omitempty"` // sha256 of the chat template
	Replayed     bool     `json:"replayed,omitempty"` // the answers came from a recording
}
