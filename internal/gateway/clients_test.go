package gateway_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"
	"google.golang.org/genai"

	"metr/internal/gateway"
	"metr/internal/gateway/standin"
	"metr/internal/model"
)

// What the stand-in model says: a tool call first, an answer then.
var (
	answerText = "The answer is 42, äöü, as ever."
	script     = standin.Steps(
		standin.Turn{Reasoning: "Let me look.", Calls: []standin.Call{{ID: "call_1", Name: "look", Args: `{"path":"a b.txt","n":3}`}}, Usage: standin.Usage{Input: 100, Cached: 40, Output: 30, Reasoning: 10}},
		standin.Turn{Text: answerText, Usage: standin.Usage{Input: 200, Cached: 100, Output: 20, Reasoning: 5}, Model: "m-1-2026-01-02"},
	)
	wantUsage = model.Usage{Input: 300, Cached: 140, Output: 50, Reasoning: 15}
)

var schema = map[string]any{"type": "object", "properties": map[string]any{"path": map[string]any{"type": "string"}, "n": map[string]any{"type": "integer"}}, "required": []string{"path"}}

// said is what a client made of the two answers.
type said struct {
	tool, args, text string
}

// talk is a conversation of two turns with a client; key and base are where.
type talk func(t *testing.T, base, key string, stream bool) said

var talks = map[string]struct {
	provider string
	talk     talk
	// reasoning is false where the protocol's answers do not tell it apart, or a
	// stream does not say how much it was.
	reasoning bool
}{
	"chat":      {"openai", talkChat, true},
	"responses": {"openai", talkResponses, true},
	"messages":  {"anthropic", talkMessages, false},
	"gemini":    {"google", talkGemini, true},
}

func TestClients(t *testing.T) {
	for name, tt := range talks {
		for _, stream := range []bool{false, true} {
			how := "whole"
			if stream {
				how = "stream"
			}
			t.Run(name+"/"+how, func(t *testing.T) {
				b := setUp(t, script, gateway.Config{}, gateway.Spec{Model: model.Name{Provider: tt.provider}})
				got := tt.talk(t, b.url, b.attempt.Token(), stream)
				var args map[string]any
				if err := json.Unmarshal([]byte(got.args), &args); err != nil || got.tool != "look" || args["path"] != "a b.txt" || args["n"] != 3.0 {
					t.Errorf("the tool call came as %q %q (%v)", got.tool, got.args, err)
				}
				if got.text != answerText {
					t.Errorf("the answer came as %q", got.text)
				}
				s := b.summary(t)
				want := wantUsage
				if !tt.reasoning {
					want.Reasoning = 0
				}
				if s.Calls != 2 || s.Usage != want || s.Unknown != 0 || s.Failed != 0 || len(s.Refused) != 0 {
					t.Errorf("summary: %+v", s)
				}
				if strings.Join(s.Models, " ") != "m-1 m-1-2026-01-02" {
					t.Errorf("served by %q", s.Models)
				}
				for _, r := range b.server.Requests() {
					if strings.Contains(string(r.Body), b.attempt.Token()) || strings.Contains(strings.Join(r.Header.Values("Authorization"), ""), "metr-attempt") {
						t.Error("the attempt's token reached the provider")
					}
					if r.Stream != stream {
						t.Errorf("stream is %v upstream", r.Stream)
					}
					all := ""
					for _, v := range r.Header {
						all += strings.Join(v, " ") + " "
					}
					if strings.Count(all, planted) != 1 {
						t.Errorf("the provider's key went out %d times", strings.Count(all, planted))
					}
				}
			})
		}
	}
}

func talkChat(t *testing.T, base, key string, stream bool) said {
	c := openai.NewClient(option.WithBaseURL(base+"/v1"), option.WithAPIKey(key), option.WithMaxRetries(0))
	p := openai.ChatCompletionNewParams{Model: "m-1", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("look")},
		Tools: []openai.ChatCompletionToolUnionParam{openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{Name: "look", Parameters: schema})}}
	ask := func() openai.ChatCompletionMessage {
		if !stream {
			res, err := c.Chat.Completions.New(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			return res.Choices[0].Message
		}
		s := c.Chat.Completions.NewStreaming(t.Context(), p)
		acc := openai.ChatCompletionAccumulator{}
		for s.Next() {
			if chunk := s.Current(); len(chunk.Choices) == 0 {
				t.Error("the chunk with the usage came through, though the client did not ask for it")
			}
			acc.AddChunk(s.Current())
		}
		if s.Err() != nil {
			t.Fatal(s.Err())
		}
		return acc.Choices[0].Message
	}
	first := ask()
	out := said{tool: first.ToolCalls[0].Function.Name, args: first.ToolCalls[0].Function.Arguments}
	p.Messages = append(p.Messages, first.ToParam(), openai.ToolMessage("found", first.ToolCalls[0].ID))
	out.text = ask().Content
	return out
}

func talkResponses(t *testing.T, base, key string, stream bool) said {
	c := openai.NewClient(option.WithBaseURL(base+"/v1"), option.WithAPIKey(key), option.WithMaxRetries(0))
	in := responses.ResponseInputParam{responses.ResponseInputItemParamOfMessage("look", responses.EasyInputMessageRoleUser)}
	ask := func() *responses.Response {
		p := responses.ResponseNewParams{Model: "m-1", Tools: []responses.ToolUnionParam{responses.ToolParamOfFunction("look", schema, false)}}
		p.Input.OfInputItemList = in
		if !stream {
			res, err := c.Responses.New(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			return res
		}
		var last *responses.Response
		s := c.Responses.NewStreaming(t.Context(), p)
		for s.Next() {
			if e := s.Current(); e.Type == "response.completed" {
				r := e.AsResponseCompleted().Response
				last = &r
			}
		}
		if s.Err() != nil || last == nil {
			t.Fatal(s.Err(), last)
		}
		return last
	}
	var out said
	for _, item := range ask().Output {
		if item.Type == "function_call" {
			call := item.AsFunctionCall()
			out.tool, out.args = call.Name, call.Arguments
			in = append(in, responses.ResponseInputItemParamOfFunctionCall(call.Arguments, call.CallID, call.Name))
			res := responses.ResponseInputItemParamOfFunctionCallOutput("found")
			res.OfFunctionCallOutput.CallID = openai.String(call.CallID)
			in = append(in, res)
		}
	}
	out.text = ask().OutputText()
	return out
}

func talkMessages(t *testing.T, base, key string, stream bool) said {
	c := anthropic.NewClient(anthropicoption.WithBaseURL(base), anthropicoption.WithAPIKey(key), anthropicoption.WithMaxRetries(0))
	tool := anthropic.ToolUnionParamOfTool(anthropic.ToolInputSchemaParam{Properties: schema["properties"]}, "look")
	p := anthropic.MessageNewParams{Model: "m-1", MaxTokens: 1000, Tools: []anthropic.ToolUnionParam{tool},
		Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock("look"))}}
	ask := func() *anthropic.Message {
		if !stream {
			m, err := c.Messages.New(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		var m anthropic.Message
		s := c.Messages.NewStreaming(t.Context(), p)
		for s.Next() {
			if err := m.Accumulate(s.Current()); err != nil {
				t.Fatal(err)
			}
		}
		if s.Err() != nil {
			t.Fatal(s.Err())
		}
		return &m
	}
	var out said
	first := ask()
	for _, b := range first.Content {
		if b.Type == "tool_use" {
			out.tool, out.args = b.Name, string(b.Input)
			p.Messages = append(p.Messages, first.ToParam(), anthropic.NewUserMessage(anthropic.NewToolResultBlock(b.ID, "found", false)))
		}
	}
	for _, b := range ask().Content {
		out.text += b.Text
	}
	return out
}

func talkGemini(t *testing.T, base, key string, stream bool) said {
	c, err := genai.NewClient(t.Context(), &genai.ClientConfig{APIKey: key, Backend: genai.BackendGeminiAPI, HTTPOptions: genai.HTTPOptions{BaseURL: base}})
	if err != nil {
		t.Fatal(err)
	}
	cfg := &genai.GenerateContentConfig{Tools: []*genai.Tool{{FunctionDeclarations: []*genai.FunctionDeclaration{{Name: "look", ParametersJsonSchema: schema}}}}}
	contents := []*genai.Content{genai.NewContentFromText("look", genai.RoleUser)}
	ask := func() (parts []*genai.Part) {
		if !stream {
			res, err := c.Models.GenerateContent(context.Background(), "m-1", contents, cfg)
			if err != nil {
				t.Fatal(err)
			}
			return res.Candidates[0].Content.Parts
		}
		for res, err := range c.Models.GenerateContentStream(context.Background(), "m-1", contents, cfg) {
			if err != nil {
				t.Fatal(err)
			}
			parts = append(parts, res.Candidates[0].Content.Parts...)
		}
		return parts
	}
	var out said
	for _, p := range ask() {
		if p.FunctionCall != nil {
			b, _ := json.Marshal(p.FunctionCall.Args)
			out.tool, out.args = p.FunctionCall.Name, string(b)
			contents = append(contents, &genai.Content{Role: genai.RoleModel, Parts: []*genai.Part{p}},
				genai.NewContentFromFunctionResponse("look", map[string]any{"output": "found"}, genai.RoleUser))
		}
	}
	for _, p := range ask() {
		if !p.Thought {
			out.text += p.Text
		}
	}
	return out
}

// The model client of metr's own agents, through the gateway without a
// listener, says the same.
func TestOwnClient(t *testing.T) {
	for _, tt := range []struct {
		provider string
		protocol model.Protocol
	}{{"openai", model.Responses}, {"openai", model.Chat}, {"ollama", model.Chat}, {"anthropic", model.Messages}, {"google", model.Gemini}} {
		t.Run(tt.provider+"/"+string(tt.protocol), func(t *testing.T) {
			b := setUp(t, script, gateway.Config{}, gateway.Spec{Model: model.Name{Provider: tt.provider}})
			c := b.attempt.Client(tt.protocol)
			r := model.Request{Model: "m-1", Effort: model.High, Messages: []model.Message{{Role: model.System, Text: "be brief"}, {Role: model.User, Text: "look"}}, Tools: []model.ToolSpec{{Name: "look", Schema: schema}}}
			first, err := c.Call(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			if first.Finish != model.ToolCalls || len(first.Calls) != 1 || first.Calls[0].Name != "look" || first.Reasoning != "Let me look." || !first.Metered {
				t.Fatalf("first: %+v", first)
			}
			r.Messages = append(r.Messages, first.Message(), model.Message{Role: model.Tool, CallID: first.Calls[0].ID, Name: "look", Text: "found"})
			second, err := c.Call(t.Context(), r)
			if err != nil || second.Text != answerText || second.Finish != model.Stop || second.Model != "m-1-2026-01-02" {
				t.Fatalf("second: %+v %v", second, err)
			}
			if s := b.summary(t); s.Calls != 2 || s.Usage.Input != 300 || s.Usage.Cached != 140 || s.Usage.Output != 50 || len(s.Efforts) != 1 || s.Efforts[0] != second.Sent.Effort {
				t.Errorf("%+v, sent %+v", s, second.Sent)
			}
		})
	}
}

func TestCompletionMode(t *testing.T) {
	b := setUp(t, func(r standin.Request) standin.Turn {
		return standin.Turn{Text: r.Last + " fox", Finish: standin.Length}
	}, gateway.Config{}, gateway.Spec{Model: model.Name{Provider: "llama.cpp"}})
	c := b.attempt.Client(model.Completions)
	got, err := c.Call(t.Context(), model.Request{Model: "m-1", MaxTokens: 5, Messages: []model.Message{{Text: "the quick brown"}}})
	if err != nil || got.Text != "the quick brown fox" || got.Finish != model.Length {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := c.Call(t.Context(), model.Request{Model: "m-1", Messages: []model.Message{{Text: "x"}}, Tools: []model.ToolSpec{{Name: "look"}}}); err == nil || !strings.Contains(err.Error(), "base model") {
		t.Errorf("tools in completion mode: %v", err)
	}
	status, body := b.post(t, "/v1/completions", `{"model":"m-1","prompt":"a","stream":true}`)
	if status != 200 || !strings.Contains(body, "[DONE]") || strings.Contains(body, "prompt_tokens") {
		t.Errorf("%d %s", status, body)
	}
}
