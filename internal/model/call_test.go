package model_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"metr/internal/gateway/standin"
	"metr/internal/model"
)

func client(t *testing.T, name string, protocol model.Protocol, s standin.Script) (model.Client, *standin.Server) {
	t.Helper()
	srv, err := standin.Start(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })
	base := srv.URL + "/v1"
	if name == "google" {
		base += "beta"
	}
	p, err := model.Lookup(name, base, func(string) string { return "sk-0123456789-secret" })
	if err != nil {
		t.Fatal(err)
	}
	return model.Client{Provider: p, Protocol: protocol}, srv
}

var protocols = []struct {
	provider string
	protocol model.Protocol
}{{"openai", model.Responses}, {"openai", model.Chat}, {"vllm", model.Chat}, {"anthropic", model.Messages}, {"google", model.Gemini}}

// What a model or its provider would not do is a Finish; what failed is an error.
func TestFinishes(t *testing.T) {
	for _, tt := range []struct {
		name string
		turn standin.Turn
		want map[model.Protocol]model.Finish // "": as under ""; no entry: an error
	}{
		{"stop", standin.Turn{Text: "yes"}, map[model.Protocol]model.Finish{"": model.Stop}},
		{"length", standin.Turn{Text: "yes", Finish: standin.Length}, map[model.Protocol]model.Finish{"": model.Length}},
		{"tools", standin.Turn{Calls: []standin.Call{{Name: "f", Args: `{"a":1}`}}}, map[model.Protocol]model.Finish{"": model.ToolCalls}},
		{"refusal", standin.Turn{Text: "I will not", Finish: standin.Refusal}, map[model.Protocol]model.Finish{"": model.Refusal, model.Gemini: model.Filter}},
		{"filter", standin.Turn{Text: "so", Finish: standin.Filter}, map[model.Protocol]model.Finish{"": model.Filter, model.Messages: model.Refusal}},
		{"overflow", standin.Turn{Status: 400, Code: "context_length_exceeded", Message: "too many"}, map[model.Protocol]model.Finish{"": model.Overflow}},
		{"overflow in words", standin.Turn{Status: 400, Code: "invalid_request_error", Message: "prompt is too long: 9 tokens > 8 maximum"}, map[model.Protocol]model.Finish{"": model.Overflow}},
		{"failure", standin.Turn{Status: 500, Code: "internal", Message: "out of sorts"}, nil},
		{"no such model", standin.Turn{Status: 404, Code: "model_not_found", Message: "no"}, nil},
		{"reset", standin.Turn{Fault: standin.Reset}, nil},
		{"broken", standin.Turn{Text: "yes", Fault: standin.BrokenJSON}, nil},
		{"half", standin.Turn{Text: "yes", Fault: standin.Half}, nil},
	} {
		for _, p := range protocols {
			c, srv := client(t, p.provider, p.protocol, func(standin.Request) standin.Turn { return tt.turn })
			got, err := c.Call(t.Context(), model.Request{Model: "m", Messages: []model.Message{{Role: model.User, Text: "do it"}}})
			want, ok := tt.want[p.protocol]
			if !ok {
				want, ok = tt.want[""]
			}
			var e *model.Error
			switch {
			case !ok && !errors.As(err, &e):
				t.Errorf("%s, %s %s: %+v %v, want an error", tt.name, p.provider, p.protocol, got, err)
			case ok && (err != nil || got.Finish != want):
				t.Errorf("%s, %s %s: %+v %v, want %s", tt.name, p.provider, p.protocol, got, err, want)
			case ok && got.Finish == model.Refusal && p.protocol != model.Messages && got.Detail != tt.turn.Text:
				t.Errorf("%s, %s: the refusal says %q", tt.name, p.protocol, got.Detail)
			case err != nil && strings.Contains(err.Error(), "secret"):
				t.Errorf("%s: %v", tt.name, err)
			}
			if n := len(srv.Requests()); n != 1 {
				t.Errorf("%s, %s: %d requests: the client tried again by itself", tt.name, p.protocol, n)
			}
		}
	}
}

// What is asked for goes out as the provider wants it, and is recorded so.
func TestSent(t *testing.T) {
	temp, top, seed := 0.5, 0.9, int64(7)
	for _, tt := range []struct {
		provider string
		protocol model.Protocol
		fields   map[string]string
		dropped  string
	}{
		{"openai", model.Responses, map[string]string{"max_output_tokens": "99", "temperature": "0.5", "top_p": "0.9", "reasoning.effort": "high", "store": "false", "instructions": "brief"}, "seed,stop"},
		{"openai", model.Chat, map[string]string{"max_completion_tokens": "99", "temperature": "0.5", "top_p": "0.9", "seed": "7", "reasoning_effort": "high", "stop.0": "END", "max_tokens": ""}, ""},
		{"vllm", model.Chat, map[string]string{"max_tokens": "99", "reasoning_effort": "high", "max_completion_tokens": ""}, ""},
		{"anthropic", model.Messages, map[string]string{"max_tokens": "99", "temperature": "0.5", "output_config.effort": "high", "stop_sequences.0": "END", "system.0.text": "brief"}, "seed"},
		{"google", model.Gemini, map[string]string{"generationConfig.maxOutputTokens": "99", "generationConfig.seed": "7", "generationConfig.thinkingConfig.thinkingLevel": "high", "systemInstruction.parts.0.text": "brief"}, ""},
		{"llama.cpp", model.Completions, map[string]string{"max_tokens": "99", "seed": "7", "prompt": "brief\n\ndo it"}, "effort"},
	} {
		c, srv := client(t, tt.provider, tt.protocol, func(standin.Request) standin.Turn { return standin.Turn{Text: "ok", Model: "served"} })
		got, err := c.Call(t.Context(), model.Request{Model: "m", Effort: model.High, Temperature: &temp, TopP: &top, Seed: &seed, MaxTokens: 99, Stop: []string{"END"},
			Messages: []model.Message{{Role: model.System, Text: "brief"}, {Role: model.User, Text: "do it"}}})
		if err != nil {
			t.Errorf("%s: %v", tt.protocol, err)
			continue
		}
		body := srv.Requests()[0].Body
		for path, want := range tt.fields {
			if v := gjson.GetBytes(body, path).String(); v != want {
				t.Errorf("%s %s: %s went out as %q, want %q: %s", tt.provider, tt.protocol, path, v, want, body)
			}
		}
		if got.Model != "served" || got.Text != "ok" || strings.Join(got.Sent.Dropped, ",") != tt.dropped || got.Sent.Protocol != tt.protocol || got.Sent.MaxTokens != 99 {
			t.Errorf("%s: %+v", tt.protocol, got)
		}
	}
}

// A conversation goes back in full: with the provider's own turns, or with
// turns from elsewhere.
func TestConversation(t *testing.T) {
	for _, p := range protocols {
		c, srv := client(t, p.provider, p.protocol, standin.Steps(
			standin.Turn{Text: "let me see", Reasoning: "hm", Calls: []standin.Call{{ID: "call_a", Name: "f", Args: `{"a":1}`}, {ID: "call_b", Name: "f", Args: `{"a":2}`}}}, standin.Turn{Text: "done"}))
		for _, raw := range []bool{true, false} {
			r := model.Request{Model: "m", Messages: []model.Message{{Role: model.User, Text: "do it"}}, Tools: []model.ToolSpec{{Name: "f", Description: "d", Schema: map[string]any{"type": "object"}}}}
			first, err := c.Call(t.Context(), r)
			if err != nil || len(first.Calls) != 2 || first.Text != "let me see" || first.Reasoning != "hm" {
				t.Fatalf("%s: %+v %v", p.protocol, first, err)
			}
			m := first.Message()
			if !raw {
				m.Raw = model.Raw{}
			}
			r.Messages = append(r.Messages, m)
			for _, call := range first.Calls {
				var args struct{ A int }
				if err := json.Unmarshal([]byte(call.Args), &args); err != nil || args.A == 0 {
					t.Errorf("%s: the arguments are %q", p.protocol, call.Args)
				}
				r.Messages = append(r.Messages, model.Message{Role: model.Tool, CallID: call.ID, Name: call.Name, Text: "result of " + call.ID})
			}
			second, err := c.Call(t.Context(), r)
			if err != nil || second.Text != "done" || second.Finish != model.Stop {
				t.Errorf("%s: %+v %v", p.protocol, second, err)
			}
			all := srv.Requests()
			last := all[len(all)-1]
			if last.Turns != 1 || !strings.Contains(string(last.Body), "result of call_a") || !strings.Contains(string(last.Body), "result of call_b") {
				t.Errorf("%s: the second request has %d turns: %s", p.protocol, last.Turns, last.Body)
			}
			sealed := strings.Contains(string(last.Body), "signed") || strings.Contains(string(last.Body), "sealed") || strings.Contains(string(last.Body), "c2lnbmVk")
			if p.protocol != model.Chat && sealed != raw {
				t.Errorf("%s: sealed reasoning went back: %v, want %v", p.protocol, sealed, raw)
			}
		}
	}
}
