package model

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
	"github.com/anthropics/anthropic-sdk-go/packages/param"
	"github.com/tidwall/gjson"
)

// anthropicTokens is the limit of output where none is asked for: the protocol
// wants one.
const anthropicTokens = 16384

func (c Client) messages(ctx context.Context, r Request) (Response, error) {
	if r.MaxTokens == 0 {
		r.MaxTokens = anthropicTokens
	}
	p := anthropic.MessageNewParams{Model: r.Model, MaxTokens: r.MaxTokens, StopSequences: r.Stop}
	out := Response{Sent: Sent{Temperature: r.Temperature, TopP: r.TopP, MaxTokens: r.MaxTokens}}
	if r.Temperature != nil {
		p.Temperature = param.NewOpt(*r.Temperature)
	}
	if r.TopP != nil {
		p.TopP = param.NewOpt(*r.TopP)
	}
	if r.Seed != nil {
		out.Sent.Dropped = append(out.Sent.Dropped, "seed")
	}
	if w, ok := r.Effort.Wire(Messages, r.Model); ok {
		out.Sent.Effort = w.Field + "=" + w.Value
		if w.Field == "thinking.type" {
			p.Thinking.OfDisabled = &anthropic.ThinkingConfigDisabledParam{}
		} else {
			p.OutputConfig.Effort = anthropic.OutputConfigEffort(w.Value)
		}
	}
	for _, t := range r.Tools {
		schema, err := toolSchema(t.Schema)
		if err != nil {
			return out, fmt.Errorf("tool %s: %w", t.Name, err)
		}
		tool := anthropic.ToolUnionParamOfTool(schema, t.Name)
		tool.OfTool.Description = param.NewOpt(t.Description)
		p.Tools = append(p.Tools, tool)
	}
	system, rest := join(r.Messages, System)
	if system != "" {
		p.System = []anthropic.TextBlockParam{{Text: system}}
	}
	var results []anthropic.ContentBlockParamUnion // of tools: they go into one turn
	flush := func() {
		if len(results) > 0 {
			p.Messages = append(p.Messages, anthropic.NewUserMessage(results...))
			results = nil
		}
	}
	for _, m := range rest {
		if m.Role == Tool {
			results = append(results, anthropic.NewToolResultBlock(m.CallID, m.Text, m.Failed))
			continue
		}
		flush()
		switch {
		case m.Role == Assistant && m.Raw.Protocol == Messages:
			p.Messages = append(p.Messages, param.Override[anthropic.MessageParam](m.Raw.JSON))
		case m.Role == Assistant:
			var blocks []anthropic.ContentBlockParamUnion
			if m.Text != "" {
				blocks = append(blocks, anthropic.NewTextBlock(m.Text))
			}
			for _, t := range m.Calls {
				blocks = append(blocks, anthropic.NewToolUseBlock(t.ID, t.args(), t.Name))
			}
			p.Messages = append(p.Messages, anthropic.NewAssistantMessage(blocks...))
		default:
			p.Messages = append(p.Messages, anthropic.NewUserMessage(anthropic.NewTextBlock(m.Text)))
		}
	}
	flush()

	service := anthropic.NewMessageService(c.anthropicOptions()...)
	res, err := service.New(ctx, p)
	if err != nil {
		return out, anthropicError(err)
	}
	return readMessage(out, res)
}

func toolSchema(schema map[string]any) (anthropic.ToolInputSchemaParam, error) {
	b, err := json.Marshal(schema)
	if err != nil {
		return anthropic.ToolInputSchemaParam{}, err
	}
	return param.Override[anthropic.ToolInputSchemaParam](json.RawMessage(b)), nil
}

// anthropicOptions leave the environment out. The SDK puts /v1/messages after
// its base; ours has the version in it.
func (c Client) anthropicOptions() []option.RequestOption {
	base := c.Provider.BaseURL
	if n := len(base) - len("/v1"); n > 0 && base[n:] == "/v1" {
		base = base[:n]
	}
	o := []option.RequestOption{
		option.WithBaseURL(base), option.WithHTTPClient(c.HTTP), option.WithMaxRetries(0),
		// The SDK refuses long answers that are not streamed unless told how long
		// to wait; the gateway's limits are what counts.
		option.WithRequestTimeout(time.Hour),
	}
	switch key := c.Provider.Key.Reveal(); {
	case key == "":
	case c.Provider.Open:
		o = append(o, option.WithHeader("Authorization", "Bearer "+key))
	default:
		o = append(o, option.WithHeader("X-Api-Key", key))
	}
	return o
}

func anthropicError(err error) error {
	var e *anthropic.Error
	if !errors.As(err, &e) {
		return err
	}
	body := gjson.Parse(e.RawJSON())
	return &Error{Status: e.StatusCode, Code: body.Get("error.type").String(), Message: body.Get("error.message").String()}
}

func readMessage(out Response, res *anthropic.Message) (Response, error) {
	out.Model, out.ID, out.Metered = res.Model, res.ID, res.JSON.Usage.Valid()
	u := res.Usage
	out.Usage = Usage{
		Input: u.InputTokens + u.CacheReadInputTokens + u.CacheCreationInputTokens, Cached: u.CacheReadInputTokens,
		CacheWrite: u.CacheCreationInputTokens, CacheWrite1h: u.CacheCreation.Ephemeral1hInputTokens,
		Output: u.OutputTokens, Reasoning: gjson.Get(u.RawJSON(), "output_tokens_details.thinking_tokens").Int(),
	}
	for _, b := range res.Content {
		switch b.Type {
		case "text":
			out.Text += b.Text
		case "thinking":
			out.Reasoning += b.Thinking
		case "tool_use":
			out.Calls = append(out.Calls, ToolCall{b.ID, b.Name, string(b.Input)})
		}
	}
	raw, err := json.Marshal(struct {
		Role    Role            `json:"role"`
		Content json.RawMessage `json:"content"`
	}{Assistant, json.RawMessage(gjson.Get(res.RawJSON(), "content").Raw)})
	if err != nil {
		return out, errors.New("the answer holds no content")
	}
	if len(res.Content) > 0 {
		out.Raw = Raw{Messages, raw}
	}
	switch res.StopReason {
	case anthropic.StopReasonMaxTokens:
		out.Finish = Length
	case anthropic.StopReasonToolUse:
		out.Finish = ToolCalls
	case anthropic.StopReasonRefusal:
		out.Finish = Refusal
	case anthropic.StopReasonModelContextWindowExceeded:
		out.Finish = Overflow
	default:
		out.Finish = Stop
	}
	return out, nil
}
