// Package trajectory is the record of what an agent did, step by step, in the
// Agent Trajectory Interchange Format, version 1.7 (ATIF): what was said, which
// tools were called, what they gave back, and what it cost.
//
//	an agent's own output ──Builder──> Trajectory ──Encode──> JSON, checked, of bounded size
//
// The types hold what METR writes: texts, no pictures, no branches of
// subordinate agents. Keys that the format does not know are forbidden by it;
// what is METR's own goes into an extra.
//
// A trajectory is for people and for other tools. Nothing in it decides about an
// attempt: agents write what they like.
package trajectory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// Version is the format's.
const Version = "ATIF-v1.7"

// Trajectory is one agent's work on one task.
type Trajectory struct {
	SchemaVersion string         `json:"schema_version"`
	SessionID     string         `json:"session_id,omitempty"`
	Agent         Agent          `json:"agent"`
	Steps         []Step         `json:"steps"`
	Notes         string         `json:"notes,omitempty"`
	Final         *FinalMetrics  `json:"final_metrics,omitempty"`
	Extra         map[string]any `json:"extra,omitempty"`
}

// Agent is who worked.
type Agent struct {
	Name            string           `json:"name"`
	Version         string           `json:"version"`
	ModelName       string           `json:"model_name,omitempty"`
	ToolDefinitions []map[string]any `json:"tool_definitions,omitempty"`
	Extra           map[string]any   `json:"extra,omitempty"`
}

// Source is whose step it is.
type Source string

// The sources.
const (
	FromSystem Source = "system"
	FromUser   Source = "user"
	FromAgent  Source = "agent"
)

// Step is what one of them said, with what came of it.
type Step struct {
	ID        int    `json:"step_id"`             // from 1
	Timestamp string `json:"timestamp,omitempty"` // RFC 3339
	Source    Source `json:"source"`
	Message   string `json:"message"`

	// The agent's alone.
	ModelName       string     `json:"model_name,omitempty"`
	ReasoningEffort string     `json:"reasoning_effort,omitempty"`
	Reasoning       string     `json:"reasoning_content,omitempty"`
	ToolCalls       []ToolCall `json:"tool_calls,omitempty"`
	Metrics         *Metrics   `json:"metrics,omitempty"`

	Observation *Observation   `json:"observation,omitempty"`
	Extra       map[string]any `json:"extra,omitempty"`
}

// ToolCall is a tool that the agent used.
type ToolCall struct {
	ID        string         `json:"tool_call_id"`
	Name      string         `json:"function_name"`
	Arguments map[string]any `json:"arguments"`
	Extra     map[string]any `json:"extra,omitempty"`
}

// Observation is what came back.
type Observation struct {
	Results []Result `json:"results"`
}

// Result is what one tool gave back.
type Result struct {
	CallID  string `json:"source_call_id,omitempty"` // of the same step
	Content string `json:"content"`
}

// Metrics is what one step used. Prompt tokens include cached ones, completion
// tokens include reasoning.
type Metrics struct {
	PromptTokens     int64          `json:"prompt_tokens,omitempty"`
	CompletionTokens int64          `json:"completion_tokens,omitempty"`
	CachedTokens     int64          `json:"cached_tokens,omitempty"`
	CostUSD          *float64       `json:"cost_usd,omitempty"` // nil: unknown
	Extra            map[string]any `json:"extra,omitempty"`
}

// FinalMetrics is what the whole used, as the gateway counted it.
type FinalMetrics struct {
	PromptTokens     int64          `json:"total_prompt_tokens"`
	CompletionTokens int64          `json:"total_completion_tokens"`
	CachedTokens     int64          `json:"total_cached_tokens"`
	CostUSD          *float64       `json:"total_cost_usd,omitempty"` // nil: unknown
	Steps            int            `json:"total_steps"`
	Extra            map[string]any `json:"extra,omitempty"`
}

// Encode writes the trajectory as JSON, one line, after a Check.
func (t *Trajectory) Encode() ([]byte, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(t); err != nil {
		return nil, fmt.Errorf("trajectory: %w", err)
	}
	return b.Bytes(), nil
}

// Decode reads what Encode wrote, and checks it. An unknown key is an error.
func Decode(data []byte) (*Trajectory, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	d.UseNumber()
	var t Trajectory
	if err := d.Decode(&t); err != nil {
		return nil, fmt.Errorf("trajectory: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("trajectory: more than one value")
	}
	return &t, t.Check()
}

// Check says what breaks the format's rules.
func (t *Trajectory) Check() error {
	switch {
	case t.SchemaVersion != Version:
		return fmt.Errorf("trajectory: schema_version %q, expected %s", t.SchemaVersion, Version)
	case t.Agent.Name == "" || t.Agent.Version == "":
		return errors.New("trajectory: the agent needs a name and a version")
	case len(t.Steps) == 0:
		return errors.New("trajectory: there is no step")
	}
	for i := range t.Steps {
		if err := t.Steps[i].check(i + 1); err != nil {
			return fmt.Errorf("trajectory: step %d: %w", i+1, err)
		}
	}
	if f := t.Final; f != nil && (f.PromptTokens < 0 || f.CompletionTokens < 0 || f.CachedTokens < 0 || f.Steps != len(t.Steps)) {
		return fmt.Errorf("trajectory: final_metrics: %d steps and counts below 0, or another number of steps than %d", f.Steps, len(t.Steps))
	}
	return nil
}

func (s *Step) check(n int) error {
	if s.ID != n {
		return fmt.Errorf("step_id is %d: they count from 1 on", s.ID)
	}
	if s.Timestamp != "" {
		if _, err := time.Parse(time.RFC3339Nano, s.Timestamp); err != nil {
			return fmt.Errorf("timestamp %q is not of RFC 3339", s.Timestamp)
		}
	}
	switch s.Source {
	case FromAgent:
	case FromSystem, FromUser:
		if s.ModelName != "" || s.ReasoningEffort != "" || s.Reasoning != "" || len(s.ToolCalls) > 0 || s.Metrics != nil {
			return fmt.Errorf("a step of the %s has what is the agent's alone", s.Source)
		}
	default:
		return fmt.Errorf("source %q", s.Source)
	}
	if m := s.Metrics; m != nil && (m.PromptTokens < 0 || m.CompletionTokens < 0 || m.CachedTokens < 0) {
		return errors.New("metrics: a number below 0")
	}
	calls := map[string]bool{}
	for _, c := range s.ToolCalls {
		if c.ID == "" || c.Name == "" || c.Arguments == nil || calls[c.ID] {
			return fmt.Errorf("tool call %q %q needs an id of its own, a name and arguments", c.ID, c.Name)
		}
		calls[c.ID] = true
	}
	if s.Observation == nil {
		return nil
	}
	for _, r := range s.Observation.Results {
		if r.CallID != "" && !calls[r.CallID] {
			return fmt.Errorf("the result of %q has no call", r.CallID)
		}
	}
	return nil
}
