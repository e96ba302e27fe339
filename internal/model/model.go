// Package model knows what language models are called, who serves them, what
// they cost, and how to ask one for one answer.
//
//	"openai/gpt-5@high" ──Parse──> Name ──Lookup──> Provider (place, key) ──Client.Call──> Response
//	                                 └──Prices.Find──> Price ──Cost──> Money, or unknown
//
// A call's answer is a value whatever the model did: a refusal, a filter, a
// context that is too long and an answer cut short are Finishes. A Go error
// means that no answer was had at all: our instrument failed.
//
// Budgets, retries, recording and keys in sandboxes are the gateway's matter
// and not this package's: a Client pointed at the gateway has them all.
package model

import (
	"fmt"
	"slices"
	"strings"
)

// Effort says how much a model is to reason. The empty one leaves it to the
// provider.
type Effort string

// The efforts, least first.
const (
	None    Effort = "none"
	Minimal Effort = "minimal"
	Low     Effort = "low"
	Medium  Effort = "medium"
	High    Effort = "high"
	XHigh   Effort = "xhigh"
	Max     Effort = "max"
)

// Efforts lists the efforts, least first.
var Efforts = []Effort{None, Minimal, Low, Medium, High, XHigh, Max}

// Name is what a user calls a model.
type Name struct {
	Provider string // openai, anthropic, ollama, ...
	Model    string // the provider's own name for it; may hold / : and @
	Effort   Effort // "" where none was named
}

// Parse reads PROVIDER/NAME[@EFFORT]. An @ that is not followed by one of the
// efforts belongs to the name. It does not know which providers there are.
func Parse(s string) (Name, error) {
	provider, rest, ok := strings.Cut(s, "/")
	if !ok || provider == "" || rest == "" {
		return Name{}, fmt.Errorf("model %q: expected PROVIDER/NAME, as in openai/gpt-5@high or ollama/qwen2.5-coder:1.5b", s)
	}
	if i := strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '�' }); i >= 0 {
		return Name{}, fmt.Errorf("model %q: a model's name holds no space and no control character", s)
	}
	n := Name{Provider: provider, Model: rest}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 && slices.Contains(Efforts, Effort(rest[i+1:])) {
		n.Model, n.Effort = rest[:i], Effort(rest[i+1:])
	}
	if n.Model == "" {
		return Name{}, fmt.Errorf("model %q: there is no name before the effort", s)
	}
	return n, nil
}

// String is what Parse reads.
func (n Name) String() string {
	s := n.Provider + "/" + n.Model
	if n.Effort != "" {
		s += "@" + string(n.Effort)
	}
	return s
}
