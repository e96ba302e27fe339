package model

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for in, want := range map[string]Name{
		"openai/gpt-5.3-codex@high":          {"openai", "gpt-5.3-codex", High},
		"openai/gpt-5":                       {"openai", "gpt-5", ""},
		"ollama/qwen2.5-coder:1.5b":          {"ollama", "qwen2.5-coder:1.5b", ""},
		"openrouter/qwen/qwen3-coder@none":   {"openrouter", "qwen/qwen3-coder", None},
		"openai-compatible/team@model@v2":    {"openai-compatible", "team@model@v2", ""},
		"openai-compatible/team@high@v2@max": {"openai-compatible", "team@high@v2", Max},
		"vllm/x@HIGH":                        {"vllm", "x@HIGH", ""},
	} {
		got, err := Parse(in)
		if err != nil || got != want || got.String() != in {
			t.Errorf("%s: %+v %v", in, got, err)
		}
	}
	for _, in := range []string{"", "gpt-5", "/x", "openai/", "openai/@high", "openai/a b", "openai/a\nb"} {
		if got, err := Parse(in); err == nil {
			t.Errorf("%q is %+v", in, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("openai/a@high")
	f.Fuzz(func(t *testing.T, in string) {
		n, err := Parse(in)
		if err == nil && (n.String() != in || n.Provider == "" || n.Model == "") {
			t.Errorf("%q is %+v", in, n)
		}
	})
}

const secret = "sk-secret-0123456789"

// A key shows itself in none of the ways in which values are shown.
func TestKeysDoNotShow(t *testing.T) {
	k := NewKey(secret)
	type hidden struct {
		Name string
		key  Key
	}
	p := Provider{Name: "x", Key: k}
	var out bytes.Buffer
	for _, v := range []any{k, &k, []Key{k}, map[string]Key{"a": k}, hidden{"x", k}, &hidden{"x", k}, p, &p, struct{ P *Provider }{&p}, Client{Provider: p}, fmt.Errorf("with %v", k)} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		b, _ := json.Marshal(v)
		out.Write(b)
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v)
	}
	for _, form := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret)} {
		if strings.Contains(out.String(), form) {
			t.Errorf("a key was shown as %q", form)
		}
	}
	if k.Reveal() != secret || !k.Set() || NewKey("").Set() || (Key{}).Reveal() != "" {
		t.Error("a key is not what it was made of")
	}
}

func TestLookup(t *testing.T) {
	env := map[string]string{"OPENAI_API_KEY": secret, "GOOGLE_API_KEY": "g", "OLLAMA_HOST": "box:9", "AZURE_OPENAI_API_KEY": "a", "AZURE_OPENAI_ENDPOINT": "https://r.openai.azure.com/"}
	get := func(k string) string { return env[k] }
	for _, tt := range []struct{ name, base, wantURL, wantKey, header string }{
		{"openai", "", "https://api.openai.com/v1/responses", secret, "Authorization"},
		{"openai", "http://127.0.0.1:1/v1/", "http://127.0.0.1:1/v1/responses", secret, "Authorization"},
		{"google", "", "https://generativelanguage.googleapis.com/v1beta/models/m:generateContent", "g", "X-Goog-Api-Key"},
		{"ollama", "", "http://box:9/v1/chat/completions", "", ""},
		{"azure", "", "https://r.openai.azure.com/openai/v1/responses", "a", "Api-Key"},
		{"llama.cpp", "", "http://127.0.0.1:8080/v1/chat/completions", "", ""},
		{"openai-compatible", "https://h.example/api", "https://h.example/api/chat/completions", "", ""},
	} {
		p, err := Lookup(tt.name, tt.base, get)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		method := ""
		if p.Protocols[0] == Gemini {
			method = "generateContent"
		}
		h := http.Header{}
		p.Authorize(h, p.Protocols[0])
		if got := p.URL(p.Protocols[0], "m", method); got != tt.wantURL || p.Key.Reveal() != tt.wantKey || tt.header != "" && !strings.HasSuffix(h.Get(tt.header), tt.wantKey) || tt.header == "" && len(h) != 0 {
			t.Errorf("%s: %s, headers %v", tt.name, got, h)
		}
	}
	env["ANTHROPIC_API_KEY"] = secret + "\n" + secret
	for name, want := range map[string]string{
		"nobody": "known are openai, anthropic", "openrouter": "set OPENROUTER_API_KEY", "openai-compatible": "--base-url", "anthropic": "ANTHROPIC_API_KEY",
	} {
		if _, err := Lookup(name, "", get); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, base := range []string{"ftp://x", "x", "http://", "http://user:pw@x/v1", "http://x/v1?key=1"} {
		if _, err := Lookup("vllm", base, get); err == nil || strings.Contains(err.Error(), "pw") {
			t.Errorf("%s: %v", base, err)
		}
	}
}

func TestPrices(t *testing.T) {
	table, err := Table()
	if err != nil {
		t.Fatal(err)
	}
	find := func(s string) Price {
		n, _ := Parse(s)
		p, ok := table.Find(n)
		if !ok {
			t.Fatalf("%s has no price", s)
		}
		return p
	}
	for _, tt := range []struct {
		name string
		u    Usage
		want float64
	}{
		{"openai/gpt-5@high", Usage{Input: 1_000_000, Cached: 200_000, Output: 10_000}, 0.8*1.25 + 0.2*0.125 + 0.1},
		{"openai/gpt-5-2025-08-07", Usage{Input: 8, Output: 1}, 0.00002},
		{"anthropic/claude-haiku-4-5-20251001", Usage{Input: 1000, Cached: 300, CacheWrite: 500, CacheWrite1h: 100, Output: 10}, (200 + 30 + 400*1.25 + 200 + 50) / 1e6},
		{"google/gemini-2.5-pro", Usage{Input: 200_000, Output: 1000}, 0.26},
		{"google/gemini-2.5-pro", Usage{Input: 200_001, Output: 1000}, 0.5150025},
	} {
		p := find(tt.name)
		if got := p.Cost(tt.u); got != FromDollars(tt.want) {
			t.Errorf("%s %+v costs %v, want %v", tt.name, tt.u, got, FromDollars(tt.want))
		}
		if bound := p.Bound(tt.u.Input, tt.u.Output); bound < p.Cost(tt.u) {
			t.Errorf("%s %+v costs %v, bound %v", tt.name, tt.u, p.Cost(tt.u), bound)
		}
		if p.Source == "" || p.Date == "" {
			t.Errorf("%s: %+v", tt.name, p)
		}
	}
	for _, s := range []string{"openai/nobody-knows", "ollama/llama3", "openrouter/gpt-5"} {
		n, _ := Parse(s)
		if p, ok := table.Find(n); ok {
			t.Errorf("%s has the price %+v", s, p)
		}
	}
	for _, bad := range []string{
		"[[model]]\nname = 'a/b'\nin = 1\nout = 1", "[[model]]\nname = 'a/b'\nsource = 'x'\ndate = '2026-01-01'\nout = 1", "[[model]]\nfoo = 1",
		"[[model]]\nname = 'a/b'\nin = 1\nout = 1\nup_to = 5\nsource = 'x'\ndate = '2026-01-01'",
	} {
		if _, err := ReadPrices([]byte(bad)); err == nil || !strings.HasPrefix(err.Error(), "price table: ") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestParsePrice(t *testing.T) {
	u := Usage{Input: 1_000_000, Cached: 500_000, Output: 1_000_000}
	for in, want := range map[string]float64{"local": 0, "1,2": 3, "1, 0.5, 2": 2.75, "0,0": 0} {
		p, err := ParsePrice(in)
		if err != nil || p.Cost(u) != FromDollars(want) || p.Source == "" {
			t.Errorf("%q: %v %v", in, p.Cost(u), err)
		}
	}
	for _, in := range []string{"", "1", "1,2,3,4", "a,b", "-1,2", "NaN,1", "1,Inf"} {
		if _, err := ParsePrice(in); err == nil {
			t.Errorf("%q is a price", in)
		}
	}
}

func TestEffortWire(t *testing.T) {
	for _, tt := range []struct {
		p     Protocol
		model string
		want  []string // in the order of Efforts
	}{
		{Responses, "m", []string{"none", "minimal", "low", "medium", "high", "xhigh", "max"}},
		{Chat, "m", []string{"none", "minimal", "low", "medium", "high", "xhigh", "max"}},
		{Messages, "m", []string{"disabled", "low", "low", "medium", "high", "xhigh", "max"}},
		{Gemini, "gemini-3.1-pro", []string{"minimal", "minimal", "low", "medium", "high", "high", "high"}},
		{Gemini, "gemini-2.5-flash", []string{"0", "512", "1024", "8192", "24576", "24576", "24576"}},
		{Gemini, "gemini-2.5-pro", []string{"128", "512", "1024", "8192", "24576", "24576", "24576"}},
	} {
		var got []string
		for _, e := range Efforts {
			w, ok := e.Wire(tt.p, tt.model)
			if w.IsTokens {
				w.Value = fmt.Sprint(w.Tokens)
			}
			if !ok || w.Field == "" {
				t.Errorf("%s %s: no place for it", tt.p, e)
			}
			got = append(got, w.Value)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s %s: %q, want %q", tt.p, tt.model, got, tt.want)
		}
	}
	if _, ok := High.Wire(Completions, "m"); ok {
		t.Error("completions have an effort")
	}
	if _, ok := Effort("").Wire(Chat, "m"); ok {
		t.Error("no effort was said")
	}
}

func TestErrorFinish(t *testing.T) {
	for _, tt := range []struct {
		status        int
		code, message string
		want          Finish
	}{
		{400, "context_length_exceeded", "", Overflow},
		{400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum", Overflow},
		{400, "INVALID_ARGUMENT", "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).", Overflow},
		{400, "", "the request exceeds the available context size, try increasing it", Overflow},
		{400, "content_filter", "The response was filtered", Filter},
		{402, BudgetCode, "", Budget},
		{402, "billing_error", BudgetCode + ": the budget", Budget},
		{400, "invalid_request_error", "unknown parameter", ""},
		{401, "invalid_api_key", "", ""},
		{429, "rate_limit_exceeded", "context window", ""},
		{500, "", "context length", ""},
		{402, "insufficient_credits", "", ""},
	} {
		if got := ErrorFinish(tt.status, tt.code, tt.message); got != tt.want {
			t.Errorf("%d %s %q: %q, want %q", tt.status, tt.code, tt.message, got, tt.want)
		}
	}
}

// An error says what happened without the key, whatever the server says.
func TestErrorsHoldNoKey(t *testing.T) {
	c := Client{Provider: Provider{Key: NewKey(secret)}}
	_, err := c.failed(Response{}, &Error{Status: 401, Code: "x" + secret, Message: "wrong key " + secret})
	var e *Error
	if !errors.As(err, &e) || e.Status != 401 || strings.Contains(err.Error(), secret) || strings.Contains(fmt.Sprintf("%+v", e.Message+e.Code), secret) {
		t.Errorf("%v", err)
	}
	_, err = c.failed(Response{}, fmt.Errorf("dial with %s", secret))
	if err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("%v", err)
	}
}
