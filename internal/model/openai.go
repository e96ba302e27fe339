package model

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/shared"
)

// openAIOptions leave the environment out: where and with which key is the
// provider's matter.
func (c Client) openAIOptions() []option.RequestOption {
	o := []option.RequestOption{option.WithBaseURL(c.Provider.BaseURL), option.WithHTTPClient(c.HTTP), option.WithMaxRetries(0)}
	switch key := c.Provider.Key.Reveal(); {
	case key == "":
	case c.Provider.KeyHeader != "":
		o = append(o, option.WithHeader(c.Provider.KeyHeader, key))
	default:
		o = append(o, option.WithHeader("Authorization", "Bearer "+key))
	}
	return o
}

func openAIError(err error) error {
	var e *openai.Error
	if !errors.As(err, &e) {
		return err
	}
	out := &Error{Status: e.StatusCode, Code: e.Code, Message: e.Message}
	if out.Code == "" {
		out.Code = e.Type
	}
	return out
}

func opt[T comparable](p *T) param.Opt[T] {
	if p == nil {
		return param.Opt[T]{}
	}
	return param.NewOpt(*p)
}

func (c Client) chat(ctx context.Context, r Request) (Response, error) {
	p := openai.ChatCompletionNewParams{Model: r.Model, Temperature: opt(r.Temperature), TopP: opt(r.TopP), Seed: opt(r.Seed)}
	out := Response{Sent: Sent{Temperature: r.Temperature, TopP: r.TopP, Seed: r.Seed, MaxTokens: r.MaxTokens}}
	if r.MaxTokens > 0 {
		if c.Provider.Open { // the older name, which every compatible server knows
			p.MaxTokens = param.NewOpt(r.MaxTokens)
		} else {
			p.MaxCompletionTokens = param.NewOpt(r.MaxTokens)
		}
	}
	if w, ok := r.Effort.Wire(Chat, r.Model); ok {
		p.ReasoningEffort = shared.ReasoningEffort(w.Value)
		out.Sent.Effort = w.Field + "=" + w.Value
	}
	if len(r.Stop) > 0 {
		p.Stop.OfStringArray = r.Stop
	}
	for _, t := range r.Tools {
		p.Tools = append(p.Tools, openai.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{Name: t.Name, Description: param.NewOpt(t.Description), Parameters: t.Schema}))
	}
	for _, m := range r.Messages {
		switch m.Role {
		case System:
			p.Messages = append(p.Messages, openai.SystemMessage(m.Text))
		case Tool:
			p.Messages = append(p.Messages, openai.ToolMessage(m.Text, m.CallID))
		case Assistant:
			a := openai.ChatCompletionAssistantMessageParam{}
			if m.Text != "" || len(m.Calls) == 0 {
				a.Content.OfString = param.NewOpt(m.Text)
			}
			for _, t := range m.Calls {
				a.ToolCalls = append(a.ToolCalls, openai.ChatCompletionMessageToolCallUnionParam{OfFunction: &openai.ChatCompletionMessageFunctionToolCallParam{
					ID: t.ID, Function: openai.ChatCompletionMessageFunctionToolCallFunctionParam{Name: t.Name, Arguments: t.Args},
				}})
			}
			p.Messages = append(p.Messages, openai.ChatCompletionMessageParamUnion{OfAssistant: &a})
		default:
			p.Messages = append(p.Messages, openai.UserMessage(m.Text))
		}
	}
	service := openai.NewChatCompletionService(c.openAIOptions()...)
	res, err := service.New(ctx, p)
	if err != nil {
		return out, openAIError(err)
	}
	out.Model, out.ID = res.Model, res.ID
	out.Usage, out.Metered = chatUsage(res.Usage, res.JSON.Usage.Valid())
	if len(res.Choices) == 0 {
		return out, errors.New("the answer holds no choice")
	}
	choice := res.Choices[0]
	m := choice.Message
	out.Text = m.Content
	for _, name := range []string{"reasoning_content", "reasoning"} { // how compatible servers call it
		if f, ok := m.JSON.ExtraFields[name]; ok && out.Reasoning == "" {
			_ = json.Unmarshal([]byte(f.Raw()), &out.Reasoning)
		}
	}
	for _, t := range m.ToolCalls {
		out.Calls = append(out.Calls, ToolCall{t.ID, t.Function.Name, t.Function.Arguments})
	}
	out.Finish = chatFinish(choice.FinishReason)
	if m.Refusal != "" {
		out.Finish, out.Detail = Refusal, m.Refusal
	}
	return out, nil
}

func chatFinish(s string) Finish {
	switch s {
	case "length", "max_tokens":
		return Length
	case "content_filter":
		return Filter
	case "tool_calls", "function_call":
		return ToolCalls
	}
	return Stop
}

func chatUsage(u openai.CompletionUsage, ok bool) (Usage, bool) {
	return Usage{
		Input: u.PromptTokens, Cached: u.PromptTokensDetails.CachedTokens, CacheWrite: u.PromptTokensDetails.CacheWriteTokens,
		Output: u.CompletionTokens, Reasoning: u.CompletionTokensDetails.ReasoningTokens,
	}, ok
}

func (c Client) completions(ctx context.Context, r Request) (Response, error) {
	var prompt []string
	for _, m := range r.Messages {
		prompt = append(prompt, m.Text)
	}
	p := openai.CompletionNewParams{Model: openai.CompletionNewParamsModel(r.Model), Temperature: opt(r.Temperature), TopP: opt(r.TopP), Seed: opt(r.Seed)}
	p.Prompt.OfString = param.NewOpt(strings.Join(prompt, "\n\n"))
	out := Response{Sent: Sent{Temperature: r.Temperature, TopP: r.TopP, Seed: r.Seed, MaxTokens: r.MaxTokens}}
	if r.MaxTokens > 0 {
		p.MaxTokens = param.NewOpt(r.MaxTokens)
	}
	if r.Effort != "" {
		out.Sent.Dropped = append(out.Sent.Dropped, "effort")
	}
	if len(r.Stop) > 0 {
		p.Stop.OfStringArray = r.Stop
	}
	if len(r.Tools) > 0 {
		return out, errors.New("completion mode has no tools: a base model without a chat template can only go on with a text; use the agent model, or a model that chats")
	}
	service := openai.NewCompletionService(c.openAIOptions()...)
	res, err := service.New(ctx, p)
	if err != nil {
		return out, openAIError(err)
	}
	out.Model, out.ID = res.Model, res.ID
	out.Usage, out.Metered = chatUsage(res.Usage, res.JSON.Usage.Valid())
	if len(res.Choices) == 0 {
		return out, errors.New("the answer holds no choice")
	}
	out.Text, out.Finish = res.Choices[0].Text, chatFinish(string(res.Choices[0].FinishReason))
	return out, nil
}
