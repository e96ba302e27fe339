package gateway_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"metr/internal/gateway"
	"metr/internal/gateway/standin"
	"metr/internal/model"
)

func ok(standin.Request) standin.Turn { return standin.Turn{Text: "ok"} }

// Every attack is refused, put on record, and does not reach the provider.
func TestAttacks(t *testing.T) {
	for _, tt := range []struct {
		name   string
		path   string
		body   string
		header []string
		status int
		kind   gateway.Kind
	}{
		{"another model", "/v1/chat/completions", `{"model":"gpt-dearest","messages":[]}`, nil, 404, gateway.RefusedModel},
		{"another model, by a second key", "/v1/chat/completions", `{"model":"m-1","messages":[],"model":"gpt-dearest"}`, nil, 400, gateway.RefusedRequest},
		{"another model, by a key in capitals", "/v1/chat/completions", `{"model":"m-1","messages":[],"Model":"gpt-dearest"}`, nil, 400, gateway.RefusedRequest},
		{"another model, by an escaped key", "/v1/chat/completions", `{"model":"m-1","messages":[],"mod\u0065l":"gpt-dearest"}`, nil, 400, gateway.RefusedRequest},
		{"another model, by a letter that folds", "/v1/chat/completions", `{"model":"m-1","messages":[],"max_to\u212Aens":9}`, nil, 400, gateway.RefusedRequest},
		{"another model, as a fallback", "/v1/chat/completions", `{"model":"m-1","messages":[],"models":["gpt-dearest"]}`, nil, 400, gateway.RefusedRequest},
		{"tokens by an older spelling", "/v1/chat/completions", `{"model":"m-1","messages":[],"maxTokens":9}`, nil, 400, gateway.RefusedRequest},
		{"no model", "/v1/chat/completions", `{"messages":[]}`, nil, 400, gateway.RefusedRequest},
		{"no token", "/v1/chat/completions", hello, []string{"Authorization", ""}, 401, gateway.RefusedToken},
		{"a made-up token", "/v1/chat/completions", hello, []string{"Authorization", "", "X-Api-Key", "metr-attempt-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}, 401, gateway.RefusedToken},
		{"two tokens", "/v1/chat/completions", hello, []string{"X-Api-Key", "other"}, 400, gateway.RefusedHeader},
		{"a host by header", "/v1/chat/completions", hello, []string{"X-Forwarded-Host", "evil.example"}, 400, gateway.RefusedHeader},
		{"an address by header", "/v1/chat/completions", hello, []string{"X-Original-URL", "/v1/files"}, 400, gateway.RefusedHeader},
		{"an account by header", "/v1/chat/completions", hello, []string{"OpenAI-Organization", "org-other"}, 400, gateway.RefusedHeader},
		{"a method by header", "/v1/chat/completions", hello, []string{"X-HTTP-Method-Override", "DELETE"}, 400, gateway.RefusedHeader},
		{"a header named by Connection", "/v1/chat/completions", hello, []string{"Connection", "Authorization"}, 400, gateway.RefusedHeader},
		{"another address", "/v1/files", hello, nil, 404, gateway.RefusedProtocol},
		{"an address with dots", "/v1/chat/../files", hello, nil, 404, gateway.RefusedProtocol},
		{"a method in the address", "/v1beta/models/m-1:batchEmbedContents", `{}`, nil, 404, gateway.RefusedProtocol},
		{"a protocol that the provider does not speak", "/v1/messages", `{"model":"m-1","max_tokens":5,"messages":[]}`, nil, 400, gateway.RefusedProtocol},
		{"state at the provider", "/v1/responses", `{"model":"m-1","input":"x","previous_response_id":"resp_1"}`, nil, 400, gateway.RefusedRequest},
		{"work in the background", "/v1/responses", `{"model":"m-1","input":"x","background":true}`, nil, 400, gateway.RefusedRequest},
		{"an item by its name", "/v1/responses", `{"model":"m-1","input":[{"type":"item_reference","id":"msg_1"}]}`, nil, 400, gateway.RefusedRequest},
		{"an image by its address", "/v1/chat/completions", `{"model":"m-1","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"http://10.0.0.1/"}}]}]}`, nil, 400, gateway.RefusedRequest},
		{"a file behind a text", "/v1/responses", `{"model":"m-1","input":[{"role":"user","content":"x","content":[{"type":"input_file","file_id":"file_1"}]}]}`, nil, 400, gateway.RefusedRequest},
		{"a file behind an escape", "/v1/responses", `{"model":"m-1","input":[{"role":"user","content":[{"type":"text","text":"x","typ\u0065":"input_file","file_id":"file_1"}]}]}`, nil, 400, gateway.RefusedRequest},
		{"a file", "/v1/responses", `{"model":"m-1","input":[{"role":"user","content":[{"type":"input_file","file_id":"file_1"}]}]}`, nil, 400, gateway.RefusedRequest},
		{"tokens that are no number", "/v1/chat/completions", `{"model":"m-1","messages":[],"max_tokens":"9"}`, nil, 400, gateway.RefusedRequest},
		{"tokens below nothing", "/v1/chat/completions", `{"model":"m-1","messages":[],"max_tokens":-1}`, nil, 400, gateway.RefusedRequest},
		{"a thousand answers", "/v1/chat/completions", `{"model":"m-1","messages":[],"n":1000}`, nil, 400, gateway.RefusedRequest},
		{"no JSON", "/v1/chat/completions", `{"model":"m-1"`, nil, 400, gateway.RefusedRequest},
		{"an encoded body", "/v1/chat/completions", hello, []string{"Content-Encoding", "gzip"}, 415, gateway.RefusedRequest},
		{"a body that is too long", "/v1/chat/completions", `{"model":"m-1","messages":[{"role":"user","content":"` + strings.Repeat("x", 1<<16) + `"}]}`, nil, 413, gateway.RefusedRequest},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := setUp(t, ok, gateway.Config{Limits: gateway.Limits{Request: 1 << 16}}, gateway.Spec{})
			status, body := b.post(t, tt.path, tt.body, tt.header...)
			got := b.events.of(tt.kind)
			if status != tt.status || len(got) != 1 || len(b.events.all) != 1 {
				t.Errorf("status %d, want %d; %d events of %s; all: %+v; %s", status, tt.status, len(got), tt.kind, b.events.all, body)
			}
			if n := len(b.server.Requests()); n != 0 {
				t.Errorf("%d requests reached the provider", n)
			}
			if s := b.summary(t); s.Refused[tt.kind] != 1 {
				t.Errorf("summary: %+v", s)
			}
			if status, _ := b.post(t, "/v1/chat/completions", hello); status != 200 {
				t.Errorf("the attempt's own call is answered %d afterwards", status)
			}
		})
	}
}

// A token is good for its own attempt's listener alone, and for nothing once
// the attempt is over.
func TestForeignToken(t *testing.T) {
	b := setUp(t, ok, gateway.Config{}, gateway.Spec{})
	theirs := &events{}
	other, err := b.gate.Open(gateway.Spec{ID: "a2", Model: model.Name{Provider: "openai", Model: "m-2"}, Provider: provider(t, "openai", b.server.URL), Recorder: theirs})
	if err != nil {
		t.Fatal(err)
	}
	status, body := b.post(t, "/v1/chat/completions", strings.ReplaceAll(hello, "m-1", "m-2"), "Authorization", "", "X-Api-Key", other.Token())
	if status != 401 || !strings.Contains(body, "another attempt") || len(b.events.of(gateway.RefusedToken)) != 1 || len(theirs.all) != 0 {
		t.Errorf("%d %s; events here %+v, there %+v", status, body, b.events.all, theirs.all)
	}
	shared := httptest.NewServer(b.gate)
	defer shared.Close()
	b.url = shared.URL
	if status, body = b.post(t, "/v1/chat/completions", strings.ReplaceAll(hello, "m-1", "m-2")); status != 404 {
		t.Errorf("the other attempt's model with this attempt's token: %d %s", status, body)
	}
	if status, body = b.post(t, "/v1/chat/completions", hello); status != 200 {
		t.Errorf("on a shared listener: %d %s", status, body)
	}
	other.Close()
	if status, _ = b.post(t, "/v1/chat/completions", strings.ReplaceAll(hello, "m-1", "m-2"), "Authorization", "", "X-Api-Key", other.Token()); status != 401 {
		t.Errorf("a closed attempt's token is answered %d", status)
	}
}

// A request whose line names a host, and one with two lengths, as no client
// library would send them.
func TestRawSmuggling(t *testing.T) {
	b := setUp(t, ok, gateway.Config{}, gateway.Spec{})
	auth := "Authorization: Bearer " + b.attempt.Token() + "\r\n"
	for name, text := range map[string]string{
		"a host in the request line": "POST http://evil.example/v1/chat/completions HTTP/1.1\r\nHost: x\r\n" + auth + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(hello), hello),
		"two lengths":                "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n" + auth + "Content-Length: 5\r\nContent-Length: 60\r\n\r\n" + hello,
		"a length and chunks":        "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n" + auth + "Content-Length: 5\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
		"a trailer":                  "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n" + auth + "Transfer-Encoding: chunked\r\nTrailer: X-Api-Key\r\n\r\n0\r\nX-Api-Key: k\r\n\r\n",
		"CONNECT":                    "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n" + auth + "\r\n",
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(b.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
		_, _ = io.WriteString(conn, text)
		answer := make([]byte, 64)
		n, _ := io.ReadAtLeast(conn, answer, 12)
		conn.Close()
		if line := string(answer[:n]); !strings.HasPrefix(line, "HTTP/1.1 4") && !strings.HasPrefix(line, "HTTP/1.1 501") {
			t.Errorf("%s: %q", name, line)
		}
	}
	if n := len(b.server.Requests()); n != 0 {
		t.Errorf("%d requests reached the provider", n)
	}
}

// An agent that starts itself again and again, all at once, ends at its budget.
func TestRecursionEndsAtTheBudget(t *testing.T) {
	limit := gateway.Limit{Tokens: 40_000, Calls: 12}
	b := setUp(t, func(standin.Request) standin.Turn {
		return standin.Turn{Text: "go on", Usage: standin.Usage{Input: 1000, Output: 500}}
	}, gateway.Config{}, gateway.Spec{Limit: limit})
	var wg sync.WaitGroup
	var ask func(depth int)
	ask = func(depth int) {
		defer wg.Done()
		status, _ := b.post(t, "/v1/chat/completions", `{"model":"m-1","messages":[],"max_tokens":1000}`)
		if status == http.StatusOK && depth < 8 {
			wg.Add(2)
			go ask(depth + 1)
			go ask(depth + 1)
		}
	}
	wg.Add(4)
	for range 4 {
		go ask(0)
	}
	wg.Wait()
	s := b.summary(t)
	if !s.Exhausted || s.Spent.Calls > limit.Calls || s.Spent.Tokens > limit.Tokens || len(b.server.Requests()) > int(limit.Calls) || s.Calls == 0 {
		t.Errorf("%+v, %d requests reached the provider", s, len(b.server.Requests()))
	}
	if len(b.events.of(gateway.RefusedBudget)) == 0 {
		t.Error("nothing is on record")
	}
}

// A stream that would not end is ended, by its length and not by its time.
func TestEndlessStream(t *testing.T) {
	b := setUp(t, func(standin.Request) standin.Turn {
		return standin.Turn{Text: strings.Repeat("again ", 100), Fault: standin.Endless}
	}, gateway.Config{}, gateway.Spec{})
	_, body := b.post(t, "/v1/chat/completions", `{"model":"m-1","stream":true,"messages":[],"max_tokens":50}`)
	if len(body) > 4<<20 || len(b.events.of(gateway.Cut)) != 1 || len(b.events.of(gateway.Broken)) != 1 {
		t.Errorf("%d bytes, events %+v", len(body), b.events.all)
	}
}

// What runs at the provider, or makes a call dearer, is taken out.
func TestStripped(t *testing.T) {
	b := setUp(t, ok, gateway.Config{}, gateway.Spec{})
	status, body := b.post(t, "/v1/responses", `{"model":"openai/m-1","input":"x","service_tier":"priority","tools":[{"type":"web_search"},{"type":"function","name":"look","parameters":{}},{"type":"code_interpreter"}]}`,
		"Anthropic-Beta", "x", "X-Stainless-Lang", "go")
	if status != 200 {
		t.Fatal(status, body)
	}
	r := b.server.Requests()[0]
	if got := string(r.Body); got != `{"model":"m-1","input":"x","tools":[{"type":"function","name":"look","parameters":{}}]}` {
		t.Errorf("what went out: %s", got)
	}
	if status, body := b.post(t, "/v1/chat/completions", `{"model":"m-1","messages":[],"promptCacheKey":"x"}`); status != 200 {
		t.Errorf("a key that the gateway does not know: %d %s", status, body)
	}
	if r.Header.Get("Anthropic-Beta") != "" || r.Header.Get("X-Stainless-Lang") != "" || r.Header.Get("User-Agent") != "metr" {
		t.Errorf("headers: %v", r.Header)
	}
	if got := b.events.of(gateway.Stripped); len(got) != 1 || !strings.Contains(got[0].Reason, "web_search, code_interpreter") {
		t.Errorf("%+v", got)
	}
}

// A compatible server that speaks chat alone says so in words.
func TestProtocolNotServed(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	b := setUp(t, ok, gateway.Config{}, gateway.Spec{Model: model.Name{Provider: "ollama"}, Provider: provider(t, "ollama", srv.URL)})
	status, body := b.post(t, "/v1/messages", `{"model":"m-1","max_tokens":9,"messages":[]}`)
	if status != 404 || !strings.Contains(body, "does not speak the protocol messages") || !strings.Contains(body, "choose an agent that speaks chat completions") {
		t.Errorf("%d %s", status, body)
	}
}

func TestModels(t *testing.T) {
	b := setUp(t, ok, gateway.Config{}, gateway.Spec{Aliases: []string{"small-fast"}})
	get := func(path string) (int, string) {
		req, _ := http.NewRequest(http.MethodGet, b.url+path, nil)
		req.Header.Set("Authorization", "Bearer "+b.attempt.Token())
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		all, _ := io.ReadAll(res.Body)
		return res.StatusCode, string(all)
	}
	for path, want := range map[string]string{"/v1/models": `"id":"m-1"`, "/v1/models/m-1": `"id":"m-1"`, "/v1beta/models": `"name":"models/m-1"`} {
		if status, body := get(path); status != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if status, _ := get("/v1/models/other"); status != 404 {
		t.Errorf("another model is shown: %d", status)
	}
	if status, _ := b.post(t, "/v1/chat/completions", strings.ReplaceAll(hello, "m-1", "small-fast")); status != 200 {
		t.Errorf("by an alias: %d", status)
	}
	if got := b.server.Requests()[0].Model; got != "m-1" {
		t.Errorf("an alias went out as %q", got)
	}
}

func TestCounting(t *testing.T) {
	b := setUp(t, ok, gateway.Config{}, gateway.Spec{Model: model.Name{Provider: "anthropic"}, Limit: gateway.Limit{Tokens: 1}})
	status, body := b.post(t, "/v1/messages/count_tokens", `{"model":"m-1","messages":[]}`)
	if s := b.summary(t); status != 200 || !strings.Contains(body, "17") || s.Spent.Tokens != 0 || s.Usage.Input != 0 {
		t.Errorf("%d %s %+v", status, body, s)
	}
}
