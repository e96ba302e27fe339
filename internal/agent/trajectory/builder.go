package trajectory

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// The bounds of what a Builder keeps. What is cut says so, with its size.
const (
	MaxText  = 64 << 10 // bytes of one text: a message, one argument, what a tool gave back
	MaxTotal = 8 << 20  // bytes of all texts together
	MaxSteps = 10_000
)

// Builder makes a Trajectory of what an agent says it did, in its order. It
// takes whatever it is given: broken text, results without a call, calls of one
// id twice. The zero value is not usable.
type Builder struct {
	t       Trajectory
	left    int // bytes of MaxTotal
	dropped int // steps above MaxSteps
	notes   []string
}

// New begins the trajectory of an agent. session names the attempt.
func New(a Agent, session string) *Builder {
	if a.Version == "" {
		a.Version = "unknown"
	}
	return &Builder{t: Trajectory{SchemaVersion: Version, SessionID: session, Agent: a}, left: MaxTotal}
}

// Say adds a step of the system or the user.
func (b *Builder) Say(from Source, text string) { b.add(Step{Source: from, Message: text}) }

// Turn is what the agent did at once.
type Turn struct {
	Time      time.Time // zero: not known
	Model     string
	Text      string
	Reasoning string
	Calls     []Call
	Metrics   *Metrics
}

// Call is a tool call of a Turn.
type Call struct {
	ID   string // "": made up
	Name string
	Args json.RawMessage // an object; anything else is kept as its text
}

// Turn adds a step of the agent.
func (b *Builder) Turn(t Turn) {
	s := Step{Source: FromAgent, Message: t.Text, ModelName: clean(t.Model), Reasoning: t.Reasoning, Metrics: t.Metrics}
	if !t.Time.IsZero() {
		s.Timestamp = t.Time.UTC().Format(time.RFC3339Nano)
	}
	for _, c := range t.Calls {
		s.ToolCalls = append(s.ToolCalls, ToolCall{ID: clean(c.ID), Name: clean(c.Name), Arguments: b.arguments(c.Args)})
	}
	b.add(s)
}

// More adds to the agent's last step, unless a tool has answered since; then it
// is a step of its own.
func (b *Builder) More(t Turn) {
	s := b.last()
	if s == nil || s.Source != FromAgent || s.Observation != nil {
		b.Turn(t)
		return
	}
	s.Message += b.text(t.Text)
	s.Reasoning += b.text(t.Reasoning)
	for _, c := range t.Calls {
		s.ToolCalls = append(s.ToolCalls, ToolCall{ID: clean(c.ID), Name: clean(c.Name), Arguments: b.arguments(c.Args)})
	}
	s.name()
	if t.Metrics != nil {
		b.Measure(*t.Metrics)
	}
}

// Call adds a tool call to the agent's last step, as More does.
func (b *Builder) Call(c Call) { b.More(Turn{Calls: []Call{c}}) }

// Result adds what a tool gave back to the latest step that called it; to the
// last step, where no call has the id.
func (b *Builder) Result(id, content string) {
	id = clean(id)
	for i := len(b.t.Steps) - 1; i >= 0 && id != ""; i-- {
		for _, c := range b.t.Steps[i].ToolCalls {
			if c.ID == id {
				b.observe(&b.t.Steps[i], Result{CallID: id, Content: content})
				return
			}
		}
	}
	if b.last() == nil {
		b.Turn(Turn{})
	}
	b.observe(b.last(), Result{Content: content})
}

// Measure adds to what the agent's last step used.
func (b *Builder) Measure(m Metrics) {
	s := b.last()
	if s == nil || s.Source != FromAgent {
		b.Turn(Turn{Metrics: &m})
		return
	}
	if s.Metrics == nil {
		s.Metrics = &Metrics{}
	}
	s.Metrics.PromptTokens = count(s.Metrics.PromptTokens + m.PromptTokens)
	s.Metrics.CompletionTokens = count(s.Metrics.CompletionTokens + m.CompletionTokens)
	s.Metrics.CachedTokens = count(s.Metrics.CachedTokens + m.CachedTokens)
	if m.CostUSD != nil {
		s.Metrics.CostUSD = m.CostUSD
	}
}

// Note adds a line to the notes: an error of the agent's, a line that could not
// be read.
func (b *Builder) Note(format string, args ...any) {
	if len(b.notes) < 100 {
		b.notes = append(b.notes, b.text(fmt.Sprintf(format, args...)))
	}
}

// Extra sets a value of METR's own.
func (b *Builder) Extra(key string, v any) {
	if b.t.Extra == nil {
		b.t.Extra = map[string]any{}
	}
	b.t.Extra[key] = v
}

// Steps is how many there are.
func (b *Builder) Steps() int { return len(b.t.Steps) }

// Last is the agent's last words, and how many equal tool calls in a row it
// made at the end: the sign of a loop.
func (b *Builder) Last() (words string, same int) {
	var call *ToolCall
	for i := len(b.t.Steps) - 1; i >= 0; i-- {
		s := &b.t.Steps[i]
		if s.Source != FromAgent {
			continue
		}
		if words == "" {
			words = s.Message
		}
		for j := len(s.ToolCalls) - 1; j >= 0; j-- {
			c := &s.ToolCalls[j]
			if call != nil && (c.Name != call.Name || !reflect.DeepEqual(c.Arguments, call.Arguments)) {
				return words, same
			}
			call = c
			same++
		}
	}
	return words, same
}

// Finish is the trajectory, with what the whole used; f's number of steps is
// filled in. The builder is of no use afterwards.
func (b *Builder) Finish(f *FinalMetrics) *Trajectory {
	if b.dropped > 0 {
		b.notes = append(b.notes, fmt.Sprintf("%d more steps are left out", b.dropped))
	}
	if len(b.t.Steps) == 0 {
		b.Say(FromSystem, "nothing was said")
	}
	if f != nil {
		f.Steps = len(b.t.Steps)
		b.t.Final = f
	}
	b.t.Notes = strings.Join(b.notes, "\n")
	return &b.t
}

func (b *Builder) last() *Step {
	if len(b.t.Steps) == 0 {
		return nil
	}
	return &b.t.Steps[len(b.t.Steps)-1]
}

func (b *Builder) add(s Step) {
	if len(b.t.Steps) >= MaxSteps {
		b.dropped++
		return
	}
	if m := s.Metrics; m != nil {
		m.PromptTokens, m.CompletionTokens, m.CachedTokens = count(m.PromptTokens), count(m.CompletionTokens), count(m.CachedTokens)
	}
	s.ID = len(b.t.Steps) + 1
	s.Message, s.Reasoning = b.text(s.Message), b.text(s.Reasoning)
	s.name()
	b.t.Steps = append(b.t.Steps, s)
}

// name gives calls that lack them ids of their own and names.
func (s *Step) name() {
	seen := map[string]bool{}
	for i := range s.ToolCalls {
		c := &s.ToolCalls[i]
		for n := i + 1; c.ID == "" || seen[c.ID]; n++ {
			c.ID = fmt.Sprintf("call-%d-%d", s.ID, n)
		}
		if seen[c.ID] = true; c.Name == "" {
			c.Name = "unknown"
		}
	}
}

func (b *Builder) observe(s *Step, r Result) {
	if s.Observation == nil {
		s.Observation = &Observation{}
	}
	if len(s.Observation.Results) < MaxSteps {
		r.Content = b.text(r.Content)
		s.Observation.Results = append(s.Observation.Results, r)
	}
}

// arguments reads a tool call's arguments, long texts in them cut.
func (b *Builder) arguments(raw json.RawMessage) map[string]any {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if len(bytes.TrimSpace(raw)) == 0 {
		return map[string]any{}
	}
	if err := d.Decode(&v); err != nil || len(raw) > 16*MaxText {
		return map[string]any{"invalid_json": b.text(string(raw))}
	}
	if s, ok := v.(string); ok { // an object within a string, as some protocols have it
		d := json.NewDecoder(strings.NewReader(s))
		d.UseNumber()
		var inner map[string]any
		if d.Decode(&inner) == nil && inner != nil {
			v = inner
		}
	}
	v = b.cutAll(v, 0)
	if o, ok := v.(map[string]any); ok && o != nil {
		return o
	}
	return map[string]any{"value": v}
}

func (b *Builder) cutAll(v any, depth int) any {
	switch v := v.(type) {
	case string:
		return b.text(v)
	case []any:
		for i := range v {
			v[i] = b.cutAll(v[i], depth+1)
		}
	case map[string]any:
		for k := range v {
			v[k] = b.cutAll(v[k], depth+1)
		}
	}
	return v
}

// text makes foreign text fit: valid, within the bound of one text and of all.
func (b *Builder) text(s string) string {
	s = cut(s, min(MaxText, b.left))
	b.left = max(0, b.left-len(s))
	return clean(s)
}

// cut keeps the beginning and the end of a long text.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	if limit < 256 {
		return fmt.Sprintf("[%d bytes left out]", len(s))
	}
	head := limit * 3 / 4
	tail := limit - head
	return clean(s[:head]) + fmt.Sprintf("\n[... %d bytes left out ...]\n", len(s)-head-tail) + clean(s[len(s)-tail:])
}

// count is a number of tokens that an agent may have meant.
func count(n int64) int64 { return min(max(n, 0), 1<<50) }

func clean(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
