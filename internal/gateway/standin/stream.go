package standin

import (
	"bytes"
	"net/http"
	"time"

	"github.com/tidwall/gjson"
)

// event is one event of a stream.
type event struct {
	name string // "" where the protocol has none
	data any    // string: as it is
}

// stream sends events, and goes wrong on the way where it is told to.
type stream struct {
	w     http.ResponseWriter
	flush *http.ResponseController
	done  <-chan struct{}
	turn  Turn
}

func (s *stream) send(a answer) {
	all := a.events()
	for i, e := range all {
		half := i == len(all)/2
		switch {
		case half && s.turn.Fault == Half:
			panic(http.ErrAbortHandler)
		case half && s.turn.Fault == HalfClean:
			return
		case half && s.turn.Fault == StallHalf:
			<-s.done
			return
		case half && s.turn.Fault == BrokenJSON:
			e.data = `{"broken`
		case half && s.turn.Fault == Endless:
			for s.one(e) {
			}
			return
		case s.turn.Fault == Slow:
			select {
			case <-time.After(s.turn.Delay):
			case <-s.done:
				return
			}
		}
		if !s.one(e) {
			return
		}
	}
}

// one sends an event; false means that the client is gone.
func (s *stream) one(e event) bool {
	var b bytes.Buffer
	if e.name != "" {
		b.WriteString("event: " + e.name + "\n")
	}
	b.WriteString("data: ")
	if text, ok := e.data.(string); ok {
		b.WriteString(text)
	} else {
		b.Write(mustJSON(e.data))
	}
	b.WriteString("\n\n")
	if _, err := s.w.Write(b.Bytes()); err != nil {
		return false
	}
	return s.flush.Flush() == nil
}

func (a answer) events() []event {
	switch a.request.Protocol {
	case "chat":
		return a.chatEvents()
	case "completions":
		return a.completionEvents()
	case "responses":
		return a.responseEvents()
	case "messages":
		return a.messageEvents()
	}
	var out []event
	for _, p := range a.geminiParts() {
		text, ok := p["text"].(string)
		if !ok {
			out = append(out, event{data: a.gemini([]o{p}, false)})
			continue
		}
		for _, piece := range pieces(text, a.turn.Piece) {
			part := o{"text": piece}
			if p["thought"] != nil {
				part["thought"] = true
			}
			out = append(out, event{data: a.gemini([]o{part}, false)})
		}
	}
	return append(out, event{data: a.gemini([]o{{"text": ""}}, true)})
}

func (a answer) wantsUsage() bool {
	return !a.turn.NoUsage && gjson.GetBytes(a.request.Body, "stream_options.include_usage").Bool()
}

func (a answer) chatEvents() []event {
	t := a.turn
	chunk := func(choices ...o) o {
		if choices == nil {
			choices = []o{}
		}
		return o{"id": "chatcmpl-standin", "object": "chat.completion.chunk", "created": 1, "model": t.Model, "choices": choices}
	}
	delta := func(d o) event { return event{data: chunk(o{"index": 0, "delta": d, "finish_reason": nil})} }
	out := []event{delta(o{"role": "assistant", "content": ""})}
	if t.Reasoning != "" {
		out = append(out, delta(o{"reasoning_content": t.Reasoning}))
	}
	field := "content"
	if t.Finish == Refusal {
		field = "refusal"
	}
	if t.Text != "" {
		for _, p := range pieces(t.Text, t.Piece) {
			out = append(out, delta(o{field: p}))
		}
	}
	for i, c := range t.Calls {
		out = append(out, delta(o{"tool_calls": []o{{"index": i, "id": a.id(i), "type": "function", "function": o{"name": c.Name, "arguments": ""}}}}))
		for _, p := range pieces(c.Args, t.Piece) {
			out = append(out, delta(o{"tool_calls": []o{{"index": i, "function": o{"arguments": p}}}}))
		}
	}
	out = append(out, event{data: chunk(o{"index": 0, "delta": o{}, "finish_reason": a.chatFinish()})})
	if a.wantsUsage() {
		last := chunk()
		last["usage"] = a.chatUsage()
		out = append(out, event{data: last})
	}
	return append(out, event{data: "[DONE]"})
}

func (a answer) completionEvents() []event {
	var out []event
	chunk := func(text string, finish any) o {
		return o{"id": "cmpl-standin", "object": "text_completion", "created": 1, "model": a.turn.Model,
			"choices": []o{{"index": 0, "text": text, "logprobs": nil, "finish_reason": finish}}}
	}
	for _, p := range pieces(a.turn.Text, a.turn.Piece) {
		out = append(out, event{data: chunk(p, nil)})
	}
	out = append(out, event{data: chunk("", a.chatFinish())})
	if a.wantsUsage() {
		last := chunk("", nil)
		last["choices"], last["usage"] = []o{}, a.chatUsage()
		out = append(out, event{data: last})
	}
	return append(out, event{data: "[DONE]"})
}

func (a answer) responseEvents() []event {
	var out []event
	add := func(kind string, v o) {
		v["type"], v["sequence_number"] = kind, len(out)
		out = append(out, event{name: kind, data: v})
	}
	add("response.created", o{"response": a.response("in_progress", []o{})})
	add("response.in_progress", o{"response": a.response("in_progress", []o{})})
	items := a.items()
	for i, item := range items {
		at := func(v o) o {
			v["output_index"], v["item_id"] = i, item["id"]
			return v
		}
		switch item["type"] {
		case "message":
			part := item["content"].([]o)[0]
			add("response.output_item.added", o{"output_index": i, "item": o{"type": "message", "id": item["id"], "status": "in_progress", "role": "assistant", "content": []o{}}})
			kind, field := "response.output_text", "text"
			if part["type"] == "refusal" {
				kind, field = "response.refusal", "refusal"
			}
			empty := o{"type": part["type"], field: ""}
			if field == "text" {
				empty["annotations"] = []o{}
			}
			add("response.content_part.added", at(o{"content_index": 0, "part": empty}))
			for _, p := range pieces(part[field].(string), a.turn.Piece) {
				add(kind+".delta", at(o{"content_index": 0, "delta": p}))
			}
			add(kind+".done", at(o{"content_index": 0, field: part[field]}))
			add("response.content_part.done", at(o{"content_index": 0, "part": part}))
		case "function_call":
			add("response.output_item.added", o{"output_index": i, "item": o{"type": "function_call", "id": item["id"], "call_id": item["call_id"], "name": item["name"], "arguments": "", "status": "in_progress"}})
			for _, p := range pieces(item["arguments"].(string), a.turn.Piece) {
				add("response.function_call_arguments.delta", at(o{"delta": p}))
			}
			add("response.function_call_arguments.done", at(o{"arguments": item["arguments"], "name": item["name"]}))
		default:
			add("response.output_item.added", o{"output_index": i, "item": item})
		}
		add("response.output_item.done", o{"output_index": i, "item": item})
	}
	done := a.response("completed", items)
	add("response."+done["status"].(string), o{"response": done})
	return out
}

func (a answer) messageEvents() []event {
	t := a.turn
	var out []event
	add := func(kind string, v o) {
		v["type"] = kind
		out = append(out, event{name: kind, data: v})
	}
	start := a.message([]o{})
	start["stop_reason"] = nil
	if u, ok := start["usage"].(o); ok {
		u["output_tokens"] = 1
	}
	add("message_start", o{"message": start})
	add("ping", o{})
	for i, b := range a.blocks() {
		begin, kind, field, whole := o{"type": b["type"]}, "text_delta", "text", ""
		switch b["type"] {
		case "text":
			begin["text"], whole = "", b["text"].(string)
		case "thinking":
			begin["thinking"], begin["signature"] = "", ""
			kind, field, whole = "thinking_delta", "thinking", b["thinking"].(string)
		case "tool_use":
			begin = o{"type": "tool_use", "id": b["id"], "name": b["name"], "input": o{}}
			kind, field, whole = "input_json_delta", "partial_json", string(mustJSON(b["input"]))
		}
		add("content_block_start", o{"index": i, "content_block": begin})
		for _, p := range pieces(whole, t.Piece) {
			add("content_block_delta", o{"index": i, "delta": o{"type": kind, field: p}})
		}
		if b["type"] == "thinking" {
			add("content_block_delta", o{"index": i, "delta": o{"type": "signature_delta", "signature": "signed"}})
		}
		add("content_block_stop", o{"index": i})
	}
	end := o{"delta": o{"stop_reason": a.stopReason(), "stop_sequence": nil}}
	if !t.NoUsage {
		end["usage"] = o{"output_tokens": t.Usage.Output}
	}
	add("message_delta", end)
	add("message_stop", o{})
	return out
}
