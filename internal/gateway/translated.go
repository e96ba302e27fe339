package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/tidwall/gjson"
)

// object is a JSON object.
type object = map[string]any

// chatAnswer gathers an answer in Chat Completions and says it in Responses.
type chatAnswer struct {
	custom    map[string]bool
	id, model string
	text      string
	refusal   string
	calls     []chatCall
	finish    string
	usage     gjson.Result
}

// whole takes an answer that is not streamed, or one chunk of a stream.
func (a *chatAnswer) whole(doc gjson.Result) {
	choice := doc.Get("choices.0")
	a.head(doc, choice)
	m := choice.Get("message")
	a.text, a.refusal = m.Get("content").String(), m.Get("refusal").String()
	m.Get("tool_calls").ForEach(func(_, t gjson.Result) bool {
		a.calls = append(a.calls, chatCall{t.Get("id").String(), "function", chatFunction{t.Get("function.name").String(), t.Get("function.arguments").String()}})
		return true
	})
}

func (a *chatAnswer) head(doc, choice gjson.Result) {
	if a.id == "" {
		a.id, a.model = "resp_"+doc.Get("id").String(), doc.Get("model").String()
	}
	if f := choice.Get("finish_reason"); f.Type == gjson.String {
		a.finish = f.String()
	}
	if u := doc.Get("usage"); u.IsObject() {
		a.usage = u
	}
}

// delta takes a chunk and returns the text that it adds.
func (a *chatAnswer) delta(doc gjson.Result) string {
	choice := doc.Get("choices.0")
	a.head(doc, choice)
	d := choice.Get("delta")
	a.refusal += d.Get("refusal").String()
	d.Get("tool_calls").ForEach(func(_, t gjson.Result) bool {
		i := int(t.Get("index").Int())
		if i < 0 || i > 255 {
			return true
		}
		for len(a.calls) <= i {
			a.calls = append(a.calls, chatCall{Type: "function"})
		}
		c := &a.calls[i]
		if id := t.Get("id").String(); id != "" {
			c.ID = id
		}
		c.Function.Name += t.Get("function.name").String()
		c.Function.Args += t.Get("function.arguments").String()
		return true
	})
	text := d.Get("content").String()
	a.text += text
	return text
}

func (a *chatAnswer) message() object {
	part := object{"type": "output_text", "text": a.text, "annotations": []any{}}
	if a.refusal != "" {
		part = object{"type": "refusal", "refusal": a.refusal}
	}
	return object{"type": "message", "id": "msg_" + a.id, "status": "completed", "role": "assistant", "content": []any{part}}
}

func (a *chatAnswer) call(i int) object {
	c := a.calls[i]
	if c.ID == "" {
		c.ID = fmt.Sprintf("call_%s_%d", a.id, i)
	}
	if a.custom[c.Function.Name] {
		input := gjson.Get(c.Function.Args, "input")
		text := input.String()
		if !input.Exists() {
			text = c.Function.Args
		}
		return object{"type": "custom_tool_call", "id": fmt.Sprintf("ctc_%s_%d", a.id, i), "call_id": c.ID, "name": c.Function.Name, "input": text, "status": "completed"}
	}
	return object{"type": "function_call", "id": fmt.Sprintf("fc_%s_%d", a.id, i), "call_id": c.ID, "name": c.Function.Name, "arguments": c.Function.Args, "status": "completed"}
}

// items are the answer's parts: a message where there is text or nothing else.
func (a *chatAnswer) items() []any {
	items := []any{}
	if a.text != "" || a.refusal != "" || len(a.calls) == 0 {
		items = append(items, a.message())
	}
	for i := range a.calls {
		items = append(items, a.call(i))
	}
	return items
}

// begun is the answer before there is anything of it.
func (a *chatAnswer) begun() object {
	return object{"id": a.id, "object": "response", "created_at": 0, "status": "in_progress", "model": a.model, "output": []any{}, "error": nil, "incomplete_details": nil,
		"instructions": nil, "metadata": object{}, "parallel_tool_calls": true, "temperature": nil, "tool_choice": "auto", "tools": []any{}, "top_p": nil, "usage": nil}
}

// response is the answer in whole.
func (a *chatAnswer) response() object {
	r := a.begun()
	r["status"], r["output"] = "completed", a.items()
	switch a.finish {
	case "length":
		r["status"], r["incomplete_details"] = "incomplete", object{"reason": "max_output_tokens"}
	case "content_filter":
		r["status"], r["incomplete_details"] = "incomplete", object{"reason": "content_filter"}
	}
	if u := a.usage; u.IsObject() {
		in, out := u.Get("prompt_tokens").Int(), u.Get("completion_tokens").Int()
		r["usage"] = object{"input_tokens": in, "input_tokens_details": object{"cached_tokens": u.Get("prompt_tokens_details.cached_tokens").Int(), "cache_write_tokens": 0},
			"output_tokens": out, "output_tokens_details": object{"reasoning_tokens": u.Get("completion_tokens_details.reasoning_tokens").Int()}, "total_tokens": in + out}
	}
	return r
}

// fromChatStream says a stream of Chat Completions in events of Responses.
func fromChatStream(from io.ReadCloser, custom map[string]bool) io.ReadCloser {
	s := &chatStream{from: from, answer: chatAnswer{custom: custom}, buf: make([]byte, 2<<10)}
	return body{s.read, from.Close}
}

type chatStream struct {
	from   io.ReadCloser
	events events
	answer chatAnswer
	buf    []byte
	out    bytes.Buffer
	n      int  // events sent
	text   bool // the message has begun
	done   bool
	err    error
}

func (s *chatStream) read(p []byte) (int, error) {
	for s.out.Len() == 0 {
		if s.err != nil {
			return 0, s.err
		}
		n, err := s.from.Read(s.buf)
		s.events.feed(s.buf[:n], s.event)
		if s.err == nil {
			s.err = err
		}
	}
	return s.out.Read(p)
}

// send writes an event.
func (s *chatStream) send(kind string, v object) {
	v["type"], v["sequence_number"] = kind, s.n
	s.n++
	b, _ := json.Marshal(v)
	fmt.Fprintf(&s.out, "event: %s\ndata: %s\n\n", kind, b)
}

func (s *chatStream) event(data []byte) {
	if s.done || s.err != nil {
		return
	}
	if bytes.Equal(bytes.TrimSpace(data), []byte("[DONE]")) {
		s.end()
		return
	}
	doc := gjson.ParseBytes(data)
	if !gjson.ValidBytes(data) || doc.Get("error").IsObject() {
		s.err = errNoJSON
		return
	}
	begun := s.answer.id != ""
	text := s.answer.delta(doc)
	if !begun {
		s.send("response.created", object{"response": s.answer.begun()})
		s.send("response.in_progress", object{"response": s.answer.begun()})
	}
	if text == "" {
		return
	}
	id := "msg_" + s.answer.id
	if !s.text {
		s.text = true
		s.send("response.output_item.added", object{"output_index": 0, "item": object{"type": "message", "id": id, "status": "in_progress", "role": "assistant", "content": []any{}}})
		s.send("response.content_part.added", object{"output_index": 0, "item_id": id, "content_index": 0, "part": object{"type": "output_text", "text": "", "annotations": []any{}}})
	}
	s.send("response.output_text.delta", object{"output_index": 0, "item_id": id, "content_index": 0, "delta": text})
}

// end says what comes at the end: the message whole, the calls, the response.
func (s *chatStream) end() {
	s.done = true
	a := &s.answer
	for i, item := range a.items() {
		it := item.(object)
		at := func(v object) object {
			v["output_index"], v["item_id"] = i, it["id"]
			return v
		}
		switch {
		case it["type"] == "message" && s.text:
			part := it["content"].([]any)[0]
			s.send("response.output_text.done", at(object{"content_index": 0, "text": a.text}))
			s.send("response.content_part.done", at(object{"content_index": 0, "part": part}))
		case it["type"] == "function_call":
			s.send("response.output_item.added", object{"output_index": i, "item": object{"type": "function_call", "id": it["id"], "call_id": it["call_id"], "name": it["name"], "arguments": "", "status": "in_progress"}})
			s.send("response.function_call_arguments.delta", at(object{"delta": it["arguments"]}))
			s.send("response.function_call_arguments.done", at(object{"arguments": it["arguments"], "name": it["name"]}))
		default:
			s.send("response.output_item.added", object{"output_index": i, "item": it})
		}
		s.send("response.output_item.done", object{"output_index": i, "item": it})
	}
	r := a.response()
	s.send("response."+r["status"].(string), object{"response": r})
}
