package task

import "time"

// Attempt is the record of one attempt as the run log keeps it.
type Attempt struct {
	Task     string    `json:"task"`
	Epoch    int       `json:"epoch"` // from 1
	Agent    string    `json:"agent"` // as asked for: gold, nop, model, ...
	Model    string    `json:"model,omitempty"`
	Kind     Kind      `json:"kind"`
	Language Language  `json:"language"`
	Outcome  Outcome   `json:"outcome"`
	Reason   string    `json:"reason,omitempty"`
	Verdicts []Verdict `json:"verdicts,omitempty"`
	Patch    string    `json:"patch,omitempty"` // digest of the blob that holds the patch
	Tokens   Tokens    `json:"tokens"`
	CostUSD  *float64  `json:"cost_usd,omitempty"` // nil: unknown
	Started  time.Time `json:"started"`
	WallS    float64   `json:"wall_s"` // agent and judge together
	CPUS     float64   `json:"cpu_s"`  // of everything that ran in sandboxes
}

// Key names an attempt within a run: agent, task and epoch.
func (a Attempt) Key() Key { return Key{a.Agent, a.Task, a.Epoch} }

// Key names an attempt within a run.
type Key struct {
	Agent string
	Task  string
	Epoch int
}

// Tokens counts what a model read and wrote.
type Tokens struct {
	In        int64 `json:"in"`
	Cached    int64 `json:"cached,omitempty"`
	Reasoning int64 `json:"reasoning,omitempty"`
	Out       int64 `json:"out"`
}
