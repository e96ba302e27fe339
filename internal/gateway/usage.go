package gateway

import (
	"bytes"

	"github.com/tidwall/gjson"

	"metr/internal/model"
)

// Reading is what the gateway reads in an answer while it passes.
type Reading struct {
	Usage    model.Usage
	Metered  bool   // the answer said what it used
	Complete bool   // the answer came to its end
	Finish   string // in the provider's words
	Model    string
	ID       string
	Failed   string // an error in the midst of a stream
	Events   int64
	Bytes    int64
}

// maxTokens is more than any call can use: a larger number in an answer is
// nonsense.
const maxTokens = 1e10

// take reads a whole answer, or one event of a stream.
func (r *Reading) take(p model.Protocol, data []byte, stream bool) {
	if stream && bytes.Equal(bytes.TrimSpace(data), []byte("[DONE]")) {
		r.Complete = true
		return
	}
	if !gjson.ValidBytes(data) {
		if stream {
			r.Failed = "an event of the stream is no JSON"
		}
		return
	}
	if stream && r.Model != "" && dull(p, data) {
		return
	}
	doc := gjson.ParseBytes(data)
	if !doc.IsObject() {
		return
	}
	if !stream {
		r.Complete = true
	}
	switch p {
	case model.Chat, model.Completions:
		r.chat(doc)
	case model.Responses:
		r.responses(doc, stream)
	case model.Messages:
		r.messages(doc, stream)
	case model.Gemini:
		r.gemini(doc, stream)
	}
}

// What is in events that say more than a word, escaped characters of keys
// included.
var (
	openAITelling    = []string{`usage`, `error`, `finish_reason":"`, `finish_reason": "`, `\u`}
	responsesTelling = []string{`"response"`, `error`, `\u`}
	messagesTelling  = []string{`message_`, `error`, `\u`}
)

// dull says whether an event of a stream holds but a word more of the answer, as
// most do. It may be wrong in one direction only.
func dull(p model.Protocol, data []byte) bool {
	var telling []string
	switch p {
	case model.Chat, model.Completions:
		telling = openAITelling
	case model.Responses:
		telling = responsesTelling
	case model.Messages:
		telling = messagesTelling
	}
	for _, s := range telling {
		if bytes.Contains(data, []byte(s)) {
			return false
		}
	}
	return len(telling) > 0
}

func (r *Reading) names(model, id gjson.Result) {
	text := func(v gjson.Result, into *string) {
		if s := v.String(); v.Type == gjson.String && s != "" && len(s) <= 200 {
			*into = s
		}
	}
	text(model, &r.Model)
	text(id, &r.ID)
}

func (r *Reading) finish(v gjson.Result) {
	if s := v.String(); v.Type == gjson.String && s != "" && len(s) <= 100 {
		r.Finish = s
	}
}

// set takes a usage if it makes sense.
func (r *Reading) set(u model.Usage) {
	for _, n := range []int64{u.Input, u.Cached, u.CacheWrite, u.CacheWrite1h, u.Output, u.Reasoning} {
		if n < 0 || n > maxTokens {
			return
		}
	}
	r.Usage, r.Metered = u, true
}

func (r *Reading) chat(doc gjson.Result) {
	r.names(doc.Get("model"), doc.Get("id"))
	if f := doc.Get("choices.0.finish_reason"); f.Type == gjson.String {
		r.finish(f)
	}
	if e := doc.Get("error"); e.IsObject() {
		r.Failed = "the stream holds an error"
	}
	if u := doc.Get("usage"); u.IsObject() && u.Get("prompt_tokens").Exists() {
		r.set(model.Usage{
			Input: u.Get("prompt_tokens").Int(), Cached: u.Get("prompt_tokens_details.cached_tokens").Int(),
			CacheWrite: u.Get("prompt_tokens_details.cache_write_tokens").Int(),
			Output:     u.Get("completion_tokens").Int(), Reasoning: u.Get("completion_tokens_details.reasoning_tokens").Int(),
		})
	}
}

func (r *Reading) responses(doc gjson.Result, stream bool) {
	if stream {
		switch doc.Get("type").String() {
		case "response.completed", "response.incomplete", "response.failed":
			r.Complete = true
		case "error":
			r.Failed = "the stream holds an error"
			return
		case "response.created":
		default:
			return
		}
		doc = doc.Get("response")
	}
	r.names(doc.Get("model"), doc.Get("id"))
	r.finish(doc.Get("status"))
	if s := doc.Get("incomplete_details.reason"); s.Type == gjson.String {
		r.finish(s)
	}
	if u := doc.Get("usage"); u.IsObject() && u.Get("input_tokens").Exists() {
		r.set(model.Usage{
			Input: u.Get("input_tokens").Int(), Cached: u.Get("input_tokens_details.cached_tokens").Int(),
			CacheWrite: u.Get("input_tokens_details.cache_write_tokens").Int(),
			Output:     u.Get("output_tokens").Int(), Reasoning: u.Get("output_tokens_details.reasoning_tokens").Int(),
		})
	}
}

// messages reads Anthropic's answers, whose streams say the input first and the
// output so far with each message_delta.
func (r *Reading) messages(doc gjson.Result, stream bool) {
	u := doc.Get("usage")
	stop := doc.Get("stop_reason")
	if stream {
		switch doc.Get("type").String() {
		case "message_start":
			m := doc.Get("message")
			r.names(m.Get("model"), m.Get("id"))
			r.anthropic(m.Get("usage"))
			r.Metered = false // not before it says what it wrote
			return
		case "message_delta":
			stop = doc.Get("delta.stop_reason")
		case "message_stop":
			r.Complete = true
			return
		case "error":
			r.Failed = "the stream holds an error"
			return
		default:
			return
		}
	} else {
		r.names(doc.Get("model"), doc.Get("id"))
	}
	r.finish(stop)
	r.anthropic(u)
}

func (r *Reading) anthropic(u gjson.Result) {
	if !u.IsObject() {
		return
	}
	v := r.Usage
	plain := v.Input - v.Cached - v.CacheWrite
	for path, into := range map[string]*int64{
		"input_tokens": &plain, "cache_read_input_tokens": &v.Cached, "cache_creation_input_tokens": &v.CacheWrite,
		"cache_creation.ephemeral_1h_input_tokens": &v.CacheWrite1h, "output_tokens": &v.Output, "output_tokens_details.thinking_tokens": &v.Reasoning,
	} {
		if f := u.Get(path); f.Type == gjson.Number {
			*into = f.Int()
		}
	}
	if plain < 0 {
		return
	}
	v.Input = plain + v.Cached + v.CacheWrite
	r.set(v)
}

func (r *Reading) gemini(doc gjson.Result, stream bool) {
	r.names(doc.Get("modelVersion"), doc.Get("responseId"))
	if f := doc.Get("candidates.0.finishReason"); f.Type == gjson.String && f.String() != "" {
		r.finish(f)
		r.Complete = true
	}
	if doc.Get("promptFeedback.blockReason").Exists() {
		r.finish(doc.Get("promptFeedback.blockReason"))
		r.Complete = true
	}
	if stream && doc.Get("error").IsObject() {
		r.Failed = "the stream holds an error"
	}
	if u := doc.Get("usageMetadata"); u.IsObject() && u.Get("promptTokenCount").Exists() {
		thoughts := u.Get("thoughtsTokenCount").Int()
		r.set(model.Usage{
			Input: u.Get("promptTokenCount").Int() + u.Get("toolUsePromptTokenCount").Int(), Cached: u.Get("cachedContentTokenCount").Int(),
			Output: u.Get("candidatesTokenCount").Int() + thoughts, Reasoning: thoughts,
		})
	}
}
