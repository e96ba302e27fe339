package gateway

import (
	"net/http"
	"strings"

	"github.com/tidwall/gjson"

	"metr/internal/model"
)

// control is what the gateway reads out of a request's body, and has put there.
type control struct {
	stream  bool
	max     int64  // tokens of output asked for; 0: not named
	choices int64  // answers asked for
	input   int64  // bound of the tokens of input
	effort  string // as sent, FIELD=VALUE
	dropUse bool   // the agent did not ask for the usage at the end of the stream: it is taken out again
}

// maxField is where a protocol's requests say how many tokens may be generated.
func maxField(p model.Protocol, open bool) string {
	switch p {
	case model.Responses:
		return "max_output_tokens"
	case model.Chat:
		if !open {
			return "max_completion_tokens"
		}
	case model.Gemini:
		return "generationConfig.maxOutputTokens"
	}
	return "max_tokens"
}

// overhead bounds what a provider's template adds to the text of a request, in
// tokens; perImage what an image counts for.
const (
	overhead = 2048
	perImage = 25_000
)

// reaching are keys of requests that reach beyond the call: state that is kept
// at the provider, whose size cannot be known, other models, or other names for
// the limit on tokens.
var reaching = map[model.Protocol][]string{
	model.Responses:   {"previous_response_id", "conversation", "prompt", "background", "models", "plugins", "n_predict", "num_predict", "options"},
	model.Chat:        {"audio", "models", "route", "plugins", "preset", "n_predict", "num_predict", "max_new_tokens", "options", "min_tokens", "ignore_eos", "use_beam_search"},
	model.Completions: {"models", "route", "plugins", "n_predict", "num_predict", "max_new_tokens", "options", "min_tokens", "ignore_eos", "use_beam_search"},
	model.Messages:    {"container", "mcp_servers", "models", "fallbacks"},
	model.Gemini:      {"cachedContent", "model"},
}

// costly are keys that make a call dearer than its tokens, and no better.
var costly = []string{"service_tier", "speed", "inference_geo", "prediction", "web_search_options", "serviceTier"}

// inspect checks a call's body and brings it into the form in which it may go
// on: with the attempt's own model, without what runs or costs beyond it. named
// is the model in the address, of Gemini.
//
// What is read here must be what the provider reads. So a body in which a key
// occurs twice, or in another spelling, is refused: parsers differ in which one
// they take.
func inspect(c *Call, named string) (control, *refusal) {
	bad := func(reason string) (control, *refusal) {
		return control{}, &refusal{http.StatusBadRequest, RefusedRequest, reason}
	}
	p := c.Protocol
	if !gjson.ValidBytes(c.Body) {
		return bad("the body is not valid JSON")
	}
	doc := gjson.ParseBytes(c.Body)
	if !doc.IsObject() {
		return bad("the body is not a JSON object")
	}
	root := fields{}
	if why := spelling(doc, p == model.Gemini, root); why != "" {
		return bad(why)
	}
	for _, path := range []string{"stream_options", "reasoning", "generationConfig", "generationConfig.thinkingConfig", "output_config", "thinking"} {
		if v := root.Get(path); v.IsObject() {
			if why := spelling(v, p == model.Gemini, nil); why != "" {
				return bad(why)
			}
		}
	}
	for _, k := range reaching[p] {
		v := root.Get(k)
		if p == model.Gemini && k == "model" { // its SDKs repeat the address there
			if s := v.String(); v.Exists() && !c.Attempt.calls(strings.TrimPrefix(s, "models/")) {
				return c.other(s)
			}
			continue
		}
		if v.Exists() && v.Type != gjson.Null && v.Type != gjson.False {
			return bad("the key " + k + " reaches beyond this call")
		}
	}
	var ct control
	asked := root.Get("model")
	switch {
	case p == model.Gemini:
		ct.stream = c.Method == "streamGenerateContent"
	case asked.Type != gjson.String:
		return bad("the body names no model")
	default:
		named = asked.String()
		ct.stream = root.Get("stream").Bool() && c.Method == ""
	}
	if !c.Attempt.calls(named) {
		return c.other(named)
	}
	images, why := parts(root, p)
	if why != "" {
		return bad(why)
	}
	if why := ct.numbers(root, p); why != "" {
		return bad(why)
	}
	ct.effort = sentEffort(root, p)
	if err := c.rewrite(root, &ct); err != nil {
		return bad("the body could not be rewritten")
	}
	ct.input = int64(len(c.Body)) + overhead + images*perImage
	return ct, nil
}

func (c *Call) other(name string) (control, *refusal) {
	if len(name) > 100 {
		name = name[:100] + "..."
	}
	return control{}, &refusal{http.StatusNotFound, RefusedModel, "this attempt has the model " + c.Attempt.spec.Model.Model + " and no other; asked for was " + strings.ToValidUTF8(name, "?")}
}

// numbers reads how much may be generated.
func (ct *control) numbers(root fields, p model.Protocol) string {
	read := func(path string, into *int64) string {
		v := root.Get(path)
		switch {
		case !v.Exists(), v.Type == gjson.Null:
			return ""
		case v.Type != gjson.Number, v.Num != float64(int64(v.Num)), v.Num < 1, v.Num > 1e9:
			return path + " is not a number of tokens or answers"
		}
		*into = max(*into, int64(v.Num))
		return ""
	}
	ct.choices = 1
	var all []string
	switch p {
	case model.Responses:
		all = []string{read("max_output_tokens", &ct.max)}
	case model.Gemini:
		all = []string{read("generationConfig.maxOutputTokens", &ct.max), read("generationConfig.candidateCount", &ct.choices)}
	default:
		all = []string{read("max_tokens", &ct.max), read("max_completion_tokens", &ct.max), read("n", &ct.choices), read("best_of", &ct.choices)}
	}
	for _, why := range all {
		if why != "" {
			return why
		}
	}
	if ct.choices > 128 {
		return "more than 128 answers to one call"
	}
	return ""
}

func sentEffort(root fields, p model.Protocol) string {
	for _, path := range map[model.Protocol][]string{
		model.Responses: {"reasoning.effort"}, model.Chat: {"reasoning_effort", "reasoning.effort"},
		model.Messages: {"output_config.effort", "thinking.budget_tokens", "thinking.type"},
		model.Gemini:   {"generationConfig.thinkingConfig.thinkingLevel", "generationConfig.thinkingConfig.thinkingBudget"},
	}[p] {
		if v := root.Get(path); v.Exists() && len(v.String()) < 32 {
			return path + "=" + v.String()
		}
	}
	return ""
}
