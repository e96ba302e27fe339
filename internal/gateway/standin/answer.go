package standin

import (
	"encoding/json"
	"fmt"
)

// answer is a turn in the form of a protocol.
type answer struct {
	request Request
	turn    Turn
}

func (a answer) id(i int) string {
	if id := a.turn.Calls[i].ID; id != "" {
		return id
	}
	return fmt.Sprintf("call_standin_%d_%d", a.request.Turns, i)
}

// whole is the answer that is not streamed.
func (a answer) whole() o {
	switch a.request.Protocol {
	case "chat":
		return a.chat()
	case "completions":
		return a.completion()
	case "responses":
		return a.response("completed", a.items())
	case "messages":
		return a.message(a.blocks())
	}
	return a.gemini(a.geminiParts(), true)
}

func (a answer) chatUsage() o {
	u := a.turn.Usage
	return o{"prompt_tokens": u.Input, "completion_tokens": u.Output, "total_tokens": u.Input + u.Output,
		"prompt_tokens_details": o{"cached_tokens": u.Cached}, "completion_tokens_details": o{"reasoning_tokens": u.Reasoning}}
}

func (a answer) chatFinish() string {
	return [...]string{"stop", "tool_calls", "length", "stop", "content_filter"}[a.turn.Finish]
}

func (a answer) chat() o {
	t := a.turn
	m := o{"role": "assistant", "content": t.Text}
	if t.Finish == Refusal {
		m["content"], m["refusal"] = nil, t.Text
	}
	if t.Reasoning != "" {
		m["reasoning_content"] = t.Reasoning
	}
	var calls []o
	for i, c := range t.Calls {
		calls = append(calls, o{"id": a.id(i), "type": "function", "function": o{"name": c.Name, "arguments": c.Args}})
	}
	if calls != nil {
		m["tool_calls"] = calls
	}
	out := o{"id": "chatcmpl-standin", "object": "chat.completion", "created": 1, "model": t.Model,
		"choices": []o{{"index": 0, "message": m, "finish_reason": a.chatFinish()}}}
	if !t.NoUsage {
		out["usage"] = a.chatUsage()
	}
	return out
}

func (a answer) completion() o {
	out := o{"id": "cmpl-standin", "object": "text_completion", "created": 1, "model": a.turn.Model,
		"choices": []o{{"index": 0, "text": a.turn.Text, "logprobs": nil, "finish_reason": a.chatFinish()}}}
	if !a.turn.NoUsage {
		out["usage"] = a.chatUsage()
	}
	return out
}

// items are what a response of OpenAI's is made of.
func (a answer) items() []o {
	t := a.turn
	items := []o{}
	if t.Reasoning != "" {
		items = append(items, o{"type": "reasoning", "id": "rs_standin", "summary": []o{{"type": "summary_text", "text": t.Reasoning}}, "encrypted_content": "sealed"})
	}
	if t.Text != "" || len(t.Calls) == 0 {
		part := o{"type": "output_text", "text": t.Text, "annotations": []o{}}
		if t.Finish == Refusal {
			part = o{"type": "refusal", "refusal": t.Text}
		}
		items = append(items, o{"type": "message", "id": "msg_standin", "status": "completed", "role": "assistant", "content": []o{part}})
	}
	for i, c := range t.Calls {
		items = append(items, o{"type": "function_call", "id": fmt.Sprintf("fc_standin_%d_%d", a.request.Turns, i), "call_id": a.id(i), "name": c.Name, "arguments": c.Args, "status": "completed"})
	}
	return items
}

func (a answer) response(status string, items []o) o {
	t := a.turn
	out := o{"id": "resp_standin", "object": "response", "created_at": 1, "status": status, "model": t.Model, "output": items,
		"error": nil, "incomplete_details": nil, "instructions": nil, "metadata": o{}, "parallel_tool_calls": true, "temperature": 1, "tool_choice": "auto", "tools": []o{}, "top_p": 1, "usage": nil}
	if status != "completed" {
		return out
	}
	switch t.Finish {
	case Length:
		out["status"], out["incomplete_details"] = "incomplete", o{"reason": "max_output_tokens"}
	case Filter:
		out["status"], out["incomplete_details"] = "incomplete", o{"reason": "content_filter"}
	}
	if !t.NoUsage {
		u := t.Usage
		out["usage"] = o{"input_tokens": u.Input, "input_tokens_details": o{"cached_tokens": u.Cached, "cache_write_tokens": 0},
			"output_tokens": u.Output, "output_tokens_details": o{"reasoning_tokens": u.Reasoning}, "total_tokens": u.Input + u.Output}
	}
	return out
}

// blocks are what a message of Anthropic's is made of.
func (a answer) blocks() []o {
	t := a.turn
	blocks := []o{}
	if t.Reasoning != "" {
		blocks = append(blocks, o{"type": "thinking", "thinking": t.Reasoning, "signature": "signed"})
	}
	if t.Text != "" {
		blocks = append(blocks, o{"type": "text", "text": t.Text})
	}
	for i, c := range t.Calls {
		blocks = append(blocks, o{"type": "tool_use", "id": a.id(i), "name": c.Name, "input": json.RawMessage(c.Args)})
	}
	return blocks
}

func (a answer) stopReason() string {
	return [...]string{"end_turn", "tool_use", "max_tokens", "refusal", "refusal"}[a.turn.Finish]
}

func (a answer) message(blocks []o) o {
	u := a.turn.Usage
	out := o{"id": "msg_standin", "type": "message", "role": "assistant", "model": a.turn.Model, "content": blocks,
		"stop_reason": a.stopReason(), "stop_sequence": nil}
	if !a.turn.NoUsage {
		out["usage"] = o{"input_tokens": u.Input - u.Cached, "cache_creation_input_tokens": 0, "cache_read_input_tokens": u.Cached, "output_tokens": u.Output}
	}
	return out
}

func (a answer) geminiParts() []o {
	t := a.turn
	var parts []o
	if t.Reasoning != "" {
		parts = append(parts, o{"text": t.Reasoning, "thought": true})
	}
	if t.Text != "" {
		parts = append(parts, o{"text": t.Text})
	}
	for i, c := range t.Calls {
		parts = append(parts, o{"functionCall": o{"id": a.id(i), "name": c.Name, "args": json.RawMessage(c.Args)}, "thoughtSignature": "c2lnbmVk"})
	}
	return parts
}

func (a answer) gemini(parts []o, last bool) o {
	cand := o{"index": 0, "content": o{"role": "model", "parts": parts}}
	out := o{"candidates": []o{cand}, "modelVersion": a.turn.Model, "responseId": "gemini-standin"}
	if !last {
		return out
	}
	cand["finishReason"] = [...]string{"STOP", "STOP", "MAX_TOKENS", "SAFETY", "SAFETY"}[a.turn.Finish]
	if u := a.turn.Usage; !a.turn.NoUsage {
		out["usageMetadata"] = o{"promptTokenCount": u.Input, "cachedContentTokenCount": u.Cached, "candidatesTokenCount": u.Output - u.Reasoning,
			"thoughtsTokenCount": u.Reasoning, "totalTokenCount": u.Input + u.Output}
	}
	return out
}
