package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"

	"metr/internal/task"
)

// attemptEvent is the attempt event. event, task, epoch, outcome, reason and
// verdicts are stable.
type attemptEvent struct {
	Event    string                  `json:"event"` // "attempt"
	Task     string                  `json:"task"`
	Epoch    int                     `json:"epoch"`
	Outcome  task.Outcome            `json:"outcome"`
	Reason   string                  `json:"reason"`
	Verdicts map[string]verdictEvent `json:"verdicts"` // by grader; a second of the same name is NAME#2
	Agent    string                  `json:"agent"`
	Model    string                  `json:"model,omitempty"`
	Kind     task.Kind               `json:"kind"`
	Language task.Language           `json:"language"`
	Ending   task.Ending             `json:"ending,omitempty"`
	Tokens   task.Tokens             `json:"tokens"`
	CostUSD  *float64                `json:"cost_usd"`
	WallS    float64                 `json:"wall_s"`
	CPUS     float64                 `json:"cpu_s"`
}

type verdictEvent struct {
	Axis     task.Axis       `json:"axis"`
	Required bool            `json:"required"`
	Status   task.Status     `json:"status"`
	Reason   string          `json:"reason,omitempty"`
	Oracle   task.Oracle     `json:"oracle,omitempty"`
	Tests    []task.Test     `json:"tests,omitempty"`
	Figures  json.RawMessage `json:"figures,omitempty"`
}

// Encoder writes events, one JSON object a line.
type Encoder struct{ enc *json.Encoder }

// NewEncoder writes to w, unbuffered: each event is one Write.
func NewEncoder(w io.Writer) *Encoder {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return &Encoder{enc}
}

// Attempt writes an attempt event.
func (e *Encoder) Attempt(a task.Attempt) error {
	ev := attemptEvent{
		Event: "attempt", Task: a.Task, Epoch: a.Epoch, Outcome: a.Outcome, Reason: a.Reason,
		Verdicts: make(map[string]verdictEvent, len(a.Verdicts)),
		Agent:    a.Agent, Model: a.Model, Kind: a.Kind, Language: a.Language,
		Ending: a.Ending,
		Tokens: a.Tokens, CostUSD: a.CostUSD, WallS: a.WallS, CPUS: a.CPUS,
	}
	for _, v := range a.Verdicts {
		name := v.Grader
		for n := 2; ; n++ {
			if _, taken := ev.Verdicts[name]; !taken {
				break
			}
			name = fmt.Sprintf("%s#%d", v.Grader, n)
		}
		ev.Verdicts[name] = verdictEvent{v.Axis, v.Required, v.Status, v.Reason, v.Oracle, v.Tests, v.Figures}
	}
	return e.enc.Encode(ev)
}

// Summaries writes a summary event for each agent: the last lines of a stream.
func (e *Encoder) Summaries(r *Report) error {
	for _, s := range r.Summaries {
		if err := e.enc.Encode(s); err != nil {
			return err
		}
	}
	return nil
}

func writeJSON(w io.Writer, h Header, attempts Attempts) (*Report, error) {
	buf := bufio.NewWriter(w)
	enc := NewEncoder(buf)
	r, err := each(h, attempts, func(a *task.Attempt) error { return enc.Attempt(*a) })
	if err != nil {
		return nil, err
	}
	if err := enc.Summaries(r); err != nil {
		return nil, fmt.Errorf("report: writing: %w", err)
	}
	return r, buf.Flush()
}
