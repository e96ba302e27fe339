package standin

import (
	"strings"

	"github.com/tidwall/gjson"
)

// read finds out what is asked; it is false for an address that is not served.
func (q *Request) read(path string) bool {
	doc := gjson.ParseBytes(q.Body)
	q.Model, q.Stream = doc.Get("model").String(), doc.Get("stream").Bool()
	list, role, assistant := "messages", "role", "assistant"
	switch {
	case strings.HasSuffix(path, "/chat/completions"):
		q.Protocol = "chat"
	case strings.HasSuffix(path, "/completions"):
		q.Protocol, q.Last = "completions", doc.Get("prompt").String()
		return true
	case strings.HasSuffix(path, "/responses"):
		q.Protocol, list = "responses", "input"
	case strings.HasSuffix(path, "/messages/count_tokens"), strings.HasSuffix(path, ":countTokens"):
		q.Protocol = "count"
		return true
	case strings.HasSuffix(path, "/messages"):
		q.Protocol = "messages"
	case strings.HasSuffix(path, ":generateContent"), strings.HasSuffix(path, ":streamGenerateContent"):
		q.Protocol, list, assistant = "gemini", "contents", "model"
		var method string
		q.Model, method, _ = strings.Cut(lastPart(path), ":")
		q.Stream = method == "streamGenerateContent"
	default:
		return false
	}
	mine := false // of the assistant's items in a row, one is a turn
	doc.Get(list).ForEach(func(_, m gjson.Result) bool {
		t := m.Get("type").String()
		own := m.Get(role).String() == assistant || t == "function_call" || t == "reasoning" || t == "custom_tool_call"
		if own && !mine {
			q.Turns++
		}
		mine = own
		if !own {
			q.Last = text(m)
		}
		return true
	})
	if list == "input" && doc.Get("input").Type == gjson.String {
		q.Last = doc.Get("input").String()
	}
	doc.Get("tools").ForEach(func(_, t gjson.Result) bool {
		for _, path := range []string{"name", "function.name"} {
			if n := t.Get(path).String(); n != "" {
				q.Tools = append(q.Tools, n)
			}
		}
		for _, n := range t.Get("functionDeclarations.#.name").Array() {
			q.Tools = append(q.Tools, n.String())
		}
		return true
	})
	return true
}

// text is a message's text, whatever the protocol.
func text(m gjson.Result) string {
	for _, path := range []string{"content", "output", "parts"} {
		v := m.Get(path)
		if v.Type == gjson.String {
			return v.String()
		}
		var out []string
		v.ForEach(func(_, part gjson.Result) bool {
			for _, p := range []string{"text", "content", "functionResponse.response.output"} {
				if s := part.Get(p); s.Type == gjson.String {
					out = append(out, s.String())
				}
			}
			return true
		})
		if len(out) > 0 {
			return strings.Join(out, "\n")
		}
	}
	return ""
}
