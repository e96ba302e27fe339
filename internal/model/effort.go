package model

import "strings"

// Wire is how an effort is said to a provider.
type Wire struct {
	Field string // dotted path in the request's body
	Value string
	// Tokens is the value where the field takes a number of tokens.
	Tokens   int64
	IsTokens bool
}

// Wire says the effort in the terms of a protocol: what a provider has no word
// for becomes the nearest that it has, and what was sent is what is recorded.
// ok is false for the empty effort and where the protocol has no such setting.
func (e Effort) Wire(p Protocol, model string) (w Wire, ok bool) {
	if e == "" {
		return w, false
	}
	switch p {
	case Responses:
		return Wire{Field: "reasoning.effort", Value: string(e)}, true
	case Chat:
		return Wire{Field: "reasoning_effort", Value: string(e)}, true
	case Messages:
		if e == None {
			return Wire{Field: "thinking.type", Value: "disabled"}, true
		}
		if e == Minimal {
			e = Low
		}
		return Wire{Field: "output_config.effort", Value: string(e)}, true
	case Gemini:
		if strings.HasPrefix(model, "gemini-2.5") { // by tokens; later ones by level
			n := map[Effort]int64{None: 0, Minimal: 512, Low: 1024, Medium: 8192}
			tokens, ok := n[e]
			if !ok {
				tokens = 24576
			}
			if tokens < 128 && strings.HasPrefix(model, "gemini-2.5-pro") {
				tokens = 128 // it cannot do without
			}
			return Wire{Field: "generationConfig.thinkingConfig.thinkingBudget", Tokens: tokens, IsTokens: true}, true
		}
		switch e {
		case None:
			e = Minimal
		case XHigh, Max:
			e = High
		}
		return Wire{Field: "generationConfig.thinkingConfig.thinkingLevel", Value: string(e)}, true
	}
	return w, false
}
