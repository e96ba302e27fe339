package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/tidwall/gjson"

	"metr/internal/model"
)

// translate lets agents that speak Responses alone, such as codex, use servers
// that speak Chat Completions alone. A compatible server is asked as the agent
// asks first; where it does not know the address, the call is put into the words
// of Chat Completions and the answer back into those of Responses. What chat has
// no word for, sealed reasoning above all, is left out.
type translate struct{ next Doer }

func (d translate) Do(ctx context.Context, c *Call) (*Reply, error) {
	sure, maybe := c.Attempt.spec.Provider.Speaks(c.Protocol)
	if c.Protocol != model.Responses || sure || !maybe {
		return d.next.Do(ctx, c)
	}
	if !c.Attempt.chatOnly.Load() {
		rep, err := d.next.Do(ctx, c)
		if err != nil || rep.Status != http.StatusNotFound && rep.Status != http.StatusMethodNotAllowed && rep.Status != http.StatusNotImplemented {
			return rep, err
		}
		_ = rep.Body.Close()
		if !c.Attempt.chatOnly.Swap(true) {
			c.note(Translated, "the server does not speak Responses; it is asked in Chat Completions")
		}
	}
	try := *c
	try.Protocol = model.Chat
	var custom map[string]bool
	var err error
	if try.Body, custom, err = toChat(c.Body, c.Stream); err != nil {
		return nil, err
	}
	rep, err := d.next.Do(ctx, &try)
	if err != nil || !rep.ok() {
		return rep, err
	}
	if c.Stream {
		rep.Body = fromChatStream(rep.Body, custom)
		return rep, nil
	}
	b, err := io.ReadAll(rep.Body)
	_ = rep.Body.Close()
	if err != nil {
		return nil, err
	}
	if !gjson.ValidBytes(b) {
		return nil, errNoJSON
	}
	r := chatAnswer{custom: custom}
	r.whole(gjson.ParseBytes(b))
	out, err := json.Marshal(r.response())
	if err != nil {
		return nil, err
	}
	rep.Body = io.NopCloser(bytes.NewReader(out))
	return rep, nil
}

type chatMessage struct {
	Role    string     `json:"role"`
	Content any        `json:"content"`
	Calls   []chatCall `json:"tool_calls,omitempty"`
	CallID  string     `json:"tool_call_id,omitempty"`
}

type chatCall struct {
	ID       string       `json:"id"`
	Type     string       `json:"type"`
	Function chatFunction `json:"function"`
}

type chatFunction struct {
	Name string `json:"name"`
	Args string `json:"arguments"`
}

// toChat puts a request of Responses into the words of Chat Completions. custom
// are the tools that take a text instead of JSON: they become functions with one
// argument.
func toChat(body []byte, stream bool) (out []byte, custom map[string]bool, err error) {
	doc := gjson.ParseBytes(body)
	var ms []chatMessage
	if s := doc.Get("instructions").String(); s != "" {
		ms = append(ms, chatMessage{Role: "system", Content: s})
	}
	// add puts calls that follow one another into one turn, and opening orders
	// into one system message, since templates do not bear two of either.
	add := func(m chatMessage) {
		if n := len(ms); n > 0 {
			last := &ms[n-1]
			text, ok := last.Content.(string)
			more, ok2 := m.Content.(string)
			switch {
			case m.Role == "assistant" && last.Role == "assistant" && ok && ok2:
				last.Content = strings.TrimPrefix(text+"\n"+more, "\n")
				if more == "" {
					last.Content = text
				}
				last.Calls = append(last.Calls, m.Calls...)
				return
			case m.Role == "system" && last.Role == "system" && ok && ok2:
				last.Content = text + "\n\n" + more
				return
			case m.Role == "system":
				m.Role = "user"
			}
		}
		ms = append(ms, m)
	}
	if in := doc.Get("input"); in.Type == gjson.String {
		add(chatMessage{Role: "user", Content: in.String()})
	} else {
		in.ForEach(func(_, item gjson.Result) bool {
			switch t := item.Get("type").String(); t {
			case "message", "":
				role := item.Get("role").String()
				if role == "developer" {
					role = "system"
				}
				add(chatMessage{Role: role, Content: chatContent(item.Get("content"))})
			case "function_call", "custom_tool_call":
				args := item.Get("arguments").String()
				if t == "custom_tool_call" {
					b, _ := json.Marshal(map[string]string{"input": item.Get("input").String()})
					args = string(b)
				}
				add(chatMessage{Role: "assistant", Content: "", Calls: []chatCall{{item.Get("call_id").String(), "function", chatFunction{item.Get("name").String(), args}}}})
			case "function_call_output", "custom_tool_call_output":
				content := chatContent(item.Get("output"))
				if _, ok := content.(string); !ok {
					content = item.Get("output").String()
				}
				add(chatMessage{Role: "tool", Content: content, CallID: item.Get("call_id").String()})
			}
			return true
		})
	}
	q := map[string]any{"model": doc.Get("model").String(), "messages": ms}
	custom = map[string]bool{}
	var tools []any
	doc.Get("tools").ForEach(func(_, t gjson.Result) bool {
		f := map[string]any{"name": t.Get("name").String(), "description": t.Get("description").String()}
		switch t.Get("type").String() {
		case "function":
			if p := t.Get("parameters"); p.IsObject() {
				f["parameters"] = json.RawMessage(p.Raw)
			}
		case "custom":
			custom[t.Get("name").String()] = true
			f["parameters"] = json.RawMessage(`{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}`)
		default:
			return true
		}
		tools = append(tools, map[string]any{"type": "function", "function": f})
		return true
	})
	if tools != nil {
		q["tools"] = tools
		switch choice := doc.Get("tool_choice"); {
		case choice.Type == gjson.String:
			q["tool_choice"] = choice.String()
		case choice.Get("type").String() == "function":
			q["tool_choice"] = map[string]any{"type": "function", "function": map[string]string{"name": choice.Get("name").String()}}
		}
	}
	for from, to := range map[string]string{"max_output_tokens": "max_tokens", "temperature": "temperature", "top_p": "top_p", "reasoning.effort": "reasoning_effort"} {
		if v := doc.Get(from); v.Exists() && v.Type != gjson.Null {
			q[to] = json.RawMessage(v.Raw)
		}
	}
	if stream {
		q["stream"], q["stream_options"] = true, map[string]bool{"include_usage": true}
	}
	out, err = json.Marshal(q)
	return out, custom, err
}

// chatContent is a text, or parts where there are images.
func chatContent(v gjson.Result) any {
	if !v.IsArray() {
		return v.String()
	}
	var text []string
	var parts []any
	images := false
	v.ForEach(func(_, p gjson.Result) bool {
		if url := p.Get("image_url").String(); p.Get("type").String() == "input_image" {
			images = true
			parts = append(parts, map[string]any{"type": "image_url", "image_url": map[string]string{"url": url}})
			return true
		}
		s := p.Get("text").String() + p.Get("refusal").String()
		text = append(text, s)
		parts = append(parts, map[string]any{"type": "text", "text": s})
		return true
	})
	if images {
		return parts
	}
	return strings.Join(text, "\n")
}
