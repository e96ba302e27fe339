package model

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/responses"
	"github.com/openai/openai-go/v3/shared"
)

// responses asks without leaving anything at the provider: the whole
// conversation goes along each time, reasoning in sealed form.
func (c Client) responses(ctx context.Context, r Request) (Response, error) {
	p := responses.ResponseNewParams{
		Model: r.Model, Temperature: opt(r.Temperature), TopP: opt(r.TopP), Store: param.NewOpt(false),
		Include: []responses.ResponseIncludable{responses.ResponseIncludableReasoningEncryptedContent},
	}
	out := Response{Sent: Sent{Temperature: r.Temperature, TopP: r.TopP, MaxTokens: r.MaxTokens}}
	if r.MaxTokens > 0 {
		p.MaxOutputTokens = param.NewOpt(r.MaxTokens)
	}
	if w, ok := r.Effort.Wire(Responses, r.Model); ok {
		p.Reasoning.Effort = shared.ReasoningEffort(w.Value)
		out.Sent.Effort = w.Field + "=" + w.Value
	}
	if r.Seed != nil {
		out.Sent.Dropped = append(out.Sent.Dropped, "seed")
	}
	if len(r.Stop) > 0 {
		out.Sent.Dropped = append(out.Sent.Dropped, "stop")
	}
	for _, t := range r.Tools {
		tool := responses.ToolParamOfFunction(t.Name, t.Schema, false)
		tool.OfFunction.Description = param.NewOpt(t.Description)
		p.Tools = append(p.Tools, tool)
	}
	system, rest := join(r.Messages, System)
	if system != "" {
		p.Instructions = param.NewOpt(system)
	}
	var in responses.ResponseInputParam
	for _, m := range rest {
		switch {
		case m.Role == Assistant && m.Raw.Protocol == Responses:
			var items []json.RawMessage
			if err := json.Unmarshal(m.Raw.JSON, &items); err != nil {
				return out, fmt.Errorf("an earlier turn cannot be sent back: %w", err)
			}
			for _, item := range items {
				in = append(in, param.Override[responses.ResponseInputItemUnionParam](item))
			}
		case m.Role == Assistant:
			if m.Text != "" {
				in = append(in, responses.ResponseInputItemParamOfMessage(m.Text, responses.EasyInputMessageRoleAssistant))
			}
			for _, t := range m.Calls {
				in = append(in, responses.ResponseInputItemParamOfFunctionCall(t.Args, t.ID, t.Name))
			}
		case m.Role == Tool:
			item := responses.ResponseInputItemParamOfFunctionCallOutput(m.Text)
			item.OfFunctionCallOutput.CallID = param.NewOpt(m.CallID)
			in = append(in, item)
		default:
			in = append(in, responses.ResponseInputItemParamOfMessage(m.Text, responses.EasyInputMessageRoleUser))
		}
	}
	p.Input.OfInputItemList = in
	service := responses.NewResponseService(c.openAIOptions()...)
	res, err := service.New(ctx, p)
	if err != nil {
		return out, openAIError(err)
	}
	return c.readResponse(out, res)
}

func (c Client) readResponse(out Response, res *responses.Response) (Response, error) {
	out.Model, out.ID, out.Metered = res.Model, res.ID, res.JSON.Usage.Valid()
	u := res.Usage
	out.Usage = Usage{
		Input: u.InputTokens, Cached: u.InputTokensDetails.CachedTokens, CacheWrite: u.InputTokensDetails.CacheWriteTokens,
		Output: u.OutputTokens, Reasoning: u.OutputTokensDetails.ReasoningTokens,
	}
	out.Finish = Stop
	var raw []json.RawMessage
	for _, item := range res.Output {
		raw = append(raw, json.RawMessage(item.RawJSON()))
		switch item.Type {
		case "function_call":
			out.Calls = append(out.Calls, ToolCall{item.CallID, item.Name, item.AsFunctionCall().Arguments})
		case "reasoning":
			for _, s := range item.Summary {
				out.Reasoning += s.Text
			}
		case "message":
			for _, part := range item.Content {
				out.Text += part.Text
				if part.Refusal != "" {
					out.Finish, out.Detail = Refusal, part.Refusal
				}
			}
		}
	}
	if len(raw) > 0 {
		b, err := json.Marshal(raw)
		if err != nil {
			return out, err
		}
		out.Raw = Raw{Responses, b}
	}
	switch res.Status {
	case "incomplete":
		out.Finish = Length
		if res.IncompleteDetails.Reason == "content_filter" {
			out.Finish = Filter
		}
	case "failed", "cancelled":
		return out, &Error{Code: string(res.Error.Code), Message: res.Error.Message}
	case "completed", "":
	default:
		return out, errors.New("the answer is " + string(res.Status) + ", which is not an end")
	}
	return out, nil
}
