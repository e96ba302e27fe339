package gateway_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"metr/internal/gateway"
	"metr/internal/gateway/standin"
	"metr/internal/model"
)

func price(t testing.TB, s string) *model.Price {
	t.Helper()
	p, err := model.ParsePrice(s)
	if err != nil {
		t.Fatal(err)
	}
	return &p
}

// The limit on output is put into calls that name none, and made smaller where
// the budget does not afford what they name.
func TestClamp(t *testing.T) {
	for _, tt := range []struct {
		provider, path, body, field string
		limit                       gateway.Limit
		want                        int64
	}{
		{"openai", "/v1/chat/completions", hello, "max_completion_tokens", gateway.Limit{Tokens: 1 << 20}, 16384},
		{"openai", "/v1/chat/completions", hello, "max_completion_tokens", gateway.Limit{}, 0},
		{"ollama", "/v1/chat/completions", hello, "max_tokens", gateway.Limit{Tokens: 1 << 20}, 16384},
		{"openai", "/v1/responses", `{"model":"m-1","input":"x","max_output_tokens":50}`, "max_output_tokens", gateway.Limit{Tokens: 1 << 20}, 50},
		{"openai", "/v1/responses", `{"model":"m-1","input":"x","max_output_tokens":50000}`, "max_output_tokens", gateway.Limit{Tokens: 5000}, 5000 - 2048 - 53},
		{"anthropic", "/v1/messages", `{"model":"m-1","max_tokens":4000,"messages":[]}`, "max_tokens", gateway.Limit{USD: model.Dollar / 100}, (10_000 - 2048 - 48) / 2},
		{"google", "/v1beta/models/m-1:generateContent", `{"contents":[]}`, "generationConfig.maxOutputTokens", gateway.Limit{Tokens: 1 << 20}, 16384},
	} {
		b := setUp(t, ok, gateway.Config{}, gateway.Spec{Model: model.Name{Provider: tt.provider}, Limit: tt.limit, Price: price(t, "1,2")})
		status, body := b.post(t, tt.path, tt.body)
		if status != 200 {
			t.Fatal(tt, status, body)
		}
		if got := gjson.GetBytes(b.server.Requests()[0].Body, tt.field).Int(); got != tt.want {
			t.Errorf("%s %s %s: %s is %d, want %d", tt.provider, tt.body, tt.limit, tt.field, got, tt.want)
		}
	}
}

// A refusal for want of budget names the budget in the protocol's own shape.
func TestRefusalByBudget(t *testing.T) {
	run := gateway.NewBudget(gateway.Limit{Tokens: 100})
	for _, tt := range []struct {
		provider, path, body, message string
		cfg                           gateway.Config
		limit                         gateway.Limit
	}{
		{"openai", "/v1/chat/completions", hello, "error.message", gateway.Config{}, gateway.Limit{USD: 1000}},
		{"openai", "/v1/responses", `{"model":"m-1","input":"x"}`, "error.message", gateway.Config{Run: run}, gateway.Limit{}},
		{"anthropic", "/v1/messages", `{"model":"m-1","max_tokens":4000,"messages":[]}`, "error.message", gateway.Config{}, gateway.Limit{Tokens: 100}},
		{"google", "/v1beta/models/m-1:streamGenerateContent?alt=sse", `{"contents":[]}`, "error.message", gateway.Config{}, gateway.Limit{Tokens: 100}},
	} {
		b := setUp(t, ok, tt.cfg, gateway.Spec{Model: model.Name{Provider: tt.provider}, Limit: tt.limit, Price: price(t, "1,2")})
		status, body := b.post(t, tt.path, tt.body)
		whose := "the attempt"
		if tt.cfg.Run != nil {
			whose = "the whole run"
		}
		if m := gjson.Get(body, tt.message).String(); status != 402 || !strings.Contains(m, "the budget of "+whose+" (") {
			t.Errorf("%s: %d %s", tt.path, status, body)
		}
		if len(b.server.Requests()) != 0 || len(b.events.of(gateway.RefusedBudget)) != 1 || !b.summary(t).Exhausted {
			t.Errorf("%s: %+v", tt.path, b.events.all)
		}
		got, err := b.attempt.Client("").Call(t.Context(), model.Request{Model: "m-1", Messages: []model.Message{{Role: model.User, Text: "x"}}})
		if err != nil || got.Finish != model.Budget {
			t.Errorf("%s: the client says %+v %v", tt.path, got, err)
		}
	}
}

func TestNoDollarsWithoutAPrice(t *testing.T) {
	g := gateway.New(gateway.Config{})
	spec := gateway.Spec{Model: model.Name{Provider: "ollama", Model: "x"}, Provider: provider(t, "ollama", "http://127.0.0.1:1"), Limit: gateway.Limit{USD: model.Dollar}}
	if _, err := g.Open(spec); err == nil || !strings.Contains(err.Error(), "price of ollama/x is not known") {
		t.Errorf("%v", err)
	}
	free := model.Free()
	spec.Price = &free
	if a, err := g.Open(spec); err != nil {
		t.Error(err)
	} else {
		a.Close()
	}
}

// Cost is what the answers say was used; unknown stays unknown.
func TestCost(t *testing.T) {
	turn := standin.Turn{Text: "ok", Usage: standin.Usage{Input: 1_000_000, Cached: 500_000, Output: 100_000}}
	b := setUp(t, func(r standin.Request) standin.Turn {
		turn := turn
		turn.NoUsage = r.Last == "no usage"
		return turn
	}, gateway.Config{}, gateway.Spec{Price: price(t, "2,0.5,10")})
	ask := func(text string) {
		body, _ := json.Marshal(map[string]any{"model": "m-1", "messages": []any{map[string]string{"role": "user", "content": text}}})
		if status, got := b.post(t, "/v1/chat/completions", string(body)); status != 200 {
			t.Fatal(status, got)
		}
	}
	ask("x")
	if s := b.summary(t); s.Cost == nil || fmt.Sprintf("%.6f", *s.Cost) != "2.250000" || s.Spent.USD != 9*model.Dollar/4 {
		t.Errorf("%+v", s)
	}
	ask("no usage")
	if s := b.summary(t); s.Cost != nil || s.Unknown != 1 || s.Spent.USD <= 9*model.Dollar/4 {
		t.Errorf("%+v", s)
	}
}
