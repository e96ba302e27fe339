package agent

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"metr/internal/gateway"
	"metr/internal/model"
	"metr/internal/task"
)

// Line is how the attempts of one agent reach their model: through the gateway,
// each with a token, a budget and a place in recordings of its own.
type Line struct {
	Gate      *gateway.Gateway
	Model     model.Name
	Provider  model.Provider
	Price     *model.Price  // nil: unknown
	Limit     gateway.Limit // of each attempt
	MaxOutput int64         // tokens of output of a call that names no limit; 0: the gateway's default
	Settings  Settings
	About     task.Served // what is known of the server beforehand
	Recorder  gateway.Recorder
}

// Settings are the user's wishes for each call; nil and 0 leave it to the
// provider.
type Settings struct {
	Temperature *float64
	TopP        *float64
	Seed        *int64
	MaxTokens   int64 // of output, reasoning included
}

// Scope names an attempt in recordings: the same in the run that is recorded and
// in the one that replays it.
func Scope(agent string, t *task.Task, epoch int) string {
	return fmt.Sprintf("%s %s #%d", agent, t.ID, epoch)
}

// Open admits an attempt of the agent at the gateway. The caller closes it, and
// then has Note write down what it came to.
func (l Line) Open(agent string, t *task.Task, epoch int) (*gateway.Attempt, error) {
	return l.Gate.Open(gateway.Spec{
		ID: Scope(agent, t, epoch), Scope: Scope(agent, t, epoch),
		Model: l.Model, Aliases: []string{l.Model.String()}, Provider: l.Provider, Price: l.Price,
		Limit: l.Limit, MaxOutput: l.MaxOutput, Recorder: l.Recorder,
	})
}

// Request is a request with the model, the effort and the user's settings.
func (l Line) Request(messages ...model.Message) model.Request {
	s := l.Settings
	return model.Request{
		Model: l.Model.Model, Effort: l.Model.Effort, Messages: messages,
		Temperature: s.Temperature, TopP: s.TopP, Seed: s.Seed, MaxTokens: s.MaxTokens,
	}
}

// Note writes what a closed attempt used, and who served it, into w.
func (l Line) Note(w *Work, s gateway.Summary) {
	w.Model = l.Model.String()
	w.Calls = s.Calls
	w.Tokens = task.Tokens{In: s.Usage.Input, Cached: s.Usage.Cached, Reasoning: s.Usage.Reasoning, Out: s.Usage.Output}
	w.Cost = s.Cost
	served := l.About
	served.Provider = l.Model.Provider
	served.Models = s.Models
	w.Served = &served
	if w.Sent == nil {
		w.Sent = &task.Sent{Effort: strings.Join(s.Efforts, " ")}
	}
}

// Refusals says what the gateway refused an attempt, "" where nothing.
func Refusals(s gateway.Summary) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(s.Refused)) {
		out = append(out, fmt.Sprintf("%s %d", k, s.Refused[k]))
	}
	return strings.Join(out, ", ")
}

// Sent is what went out beside the words.
func Sent(s model.Sent) *task.Sent {
	mode := "chat"
	if s.Protocol == model.Completions {
		mode = "completion"
	}
	return &task.Sent{
		Protocol: string(s.Protocol), Mode: mode, Effort: s.Effort, Temperature: s.Temperature,
		TopP: s.TopP, Seed: s.Seed, MaxTokens: s.MaxTokens, Dropped: s.Dropped,
	}
}

// EndingOf is how an agent's work ended whose last answer ended so; ok is false
// where the answer is a turn like others.
func EndingOf(f model.Finish) (e task.Ending, ok bool) {
	switch f {
	case model.Length:
		return task.Truncated, true
	case model.Refusal:
		return task.Refused, true
	case model.Filter:
		return task.Filtered, true
	case model.Overflow:
		return task.Overflow, true
	case model.Budget:
		return task.OverSpent, true
	}
	return task.Completed, false
}

// RunBudget says whether a refusal for want of budget was the whole run's: then
// the attempt says nothing about its model, and is one to be made again.
func RunBudget(detail string) bool { return strings.Contains(detail, "budget of the whole run") }
