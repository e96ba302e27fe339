package gateway_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"metr/internal/gateway"
	"metr/internal/gateway/standin"
	"metr/internal/model"
)

// noNetwork fails the test when it is used.
type noNetwork struct{ t *testing.T }

func (n noNetwork) RoundTrip(*http.Request) (*http.Response, error) {
	n.t.Error("the network was used")
	return nil, fmt.Errorf("no network")
}

// Conversations with every client, recorded and replayed: the same bytes,
// without network, though ids, dates and ports differ.
func TestReplay(t *testing.T) {
	for name, tt := range talks {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			tape, err := gateway.CreateTape(filepath.Join(dir, "tape.jsonl"))
			if err != nil {
				t.Fatal(err)
			}
			spec := gateway.Spec{Scope: "task/1", Model: model.Name{Provider: tt.provider}, Price: price(t, "1,2")}
			b := setUp(t, script, gateway.Config{Tape: tape}, spec)
			first := tt.talk(t, b.url, b.attempt.Token(), true)
			firstWhole := tt.talk(t, b.url, b.attempt.Token(), false)
			sum := b.summary(t)
			if err := tape.Close(); err != nil {
				t.Fatal(err)
			}
			b.server.Close()

			played, err := gateway.ReadTape(os.DirFS(dir))
			if err != nil {
				t.Fatal(err)
			}
			if played.Len() != 4 || strings.Join(played.Scopes(), ",") != "task/1" {
				t.Fatalf("%d calls of %q", played.Len(), played.Scopes())
			}
			r := setUp(t, nil, gateway.Config{Replay: played, HTTP: noNetwork{t}}, spec)
			if got := tt.talk(t, r.url, r.attempt.Token(), true); got != first {
				t.Errorf("%+v, recorded %+v", got, first)
			}
			if got := tt.talk(t, r.url, r.attempt.Token(), false); got != firstWhole {
				t.Errorf("%+v, recorded %+v", got, firstWhole)
			}
			got := r.summary(t)
			if got.Usage != sum.Usage || *got.Cost != *sum.Cost || got.Calls != sum.Calls || fmt.Sprint(got.Models) != fmt.Sprint(sum.Models) {
				t.Errorf("%+v, recorded %+v", got, sum)
			}
		})
	}
}

func TestReplayIsByteIdentical(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tape.jsonl")
	tape, err := gateway.CreateTape(path)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	b := setUp(t, func(standin.Request) standin.Turn {
		n++
		return standin.Turn{Text: fmt.Sprint("answer ", n, " with \xff bytes")}
	}, gateway.Config{Tape: tape}, gateway.Spec{Scope: "s"})
	body := func(id, day string) string {
		return `{"stream":true,"model":"m-1","prompt_cache_key":"` + id + `","messages":[{"role":"user","content":"today is ` + day + `, session ` + id + `, at http://127.0.0.1:` + day[8:] + `123"}]}`
	}
	const id1, id2 = "6f1e2d3c-0000-4000-8000-00000000000a", "11111111-2222-4333-8444-555555555555"
	var recorded []string
	for range 2 { // the same request twice has two answers
		_, got := b.post(t, "/v1/chat/completions", body(id1, "2026-11-23"))
		recorded = append(recorded, got)
	}
	if recorded[0] == recorded[1] {
		t.Fatal("the script gives one answer")
	}
	if err := tape.Close(); err != nil {
		t.Fatal(err)
	}
	played, err := gateway.ReadTape(os.DirFS(filepath.Dir(path)))
	if err != nil {
		t.Fatal(err)
	}
	r := setUp(t, nil, gateway.Config{Replay: played, HTTP: noNetwork{t}}, gateway.Spec{Scope: "s"})
	for i, want := range recorded {
		if status, got := r.post(t, "/v1/chat/completions", body(id2, "2027-01-02")); status != 200 || got != want {
			t.Errorf("answer %d: %d\n%q\n%q", i, status, got, want)
		}
	}
	// A third time, another question and another scope are not in it.
	for range 1 {
		status, got := r.post(t, "/v1/chat/completions", body(id2, "2027-01-02"))
		if status != 404 || !strings.Contains(got, "replay_miss") || !strings.Contains(got, "the recording does not hold this call") {
			t.Errorf("%d %s", status, got)
		}
	}
	if status, _ := r.post(t, "/v1/chat/completions", hello); status != 404 || len(r.events.of(gateway.RefusedReplay)) != 2 {
		t.Errorf("%d, %+v", status, r.events.all)
	}
}

// With Cache, what the recording does not hold is asked for and recorded.
func TestCache(t *testing.T) {
	tape, err := gateway.CreateTape(filepath.Join(t.TempDir(), "tape.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer tape.Close()
	b := setUp(t, ok, gateway.Config{Tape: tape, Replay: tape, Cache: true}, gateway.Spec{Scope: "s", Limit: gateway.Limit{Tokens: 1 << 20}})
	b.post(t, "/v1/chat/completions", hello)
	spent := b.summary(t).Spent
	b.open(t, gateway.Spec{Scope: "s", Limit: gateway.Limit{Tokens: 1 << 20}})
	status, _ := b.post(t, "/v1/chat/completions", hello)
	if len(b.server.Requests()) != 1 || status != 200 || spent.Calls != 1 || b.summary(t).Spent.Calls != 0 {
		t.Errorf("%d requests, spent %+v, then %+v", len(b.server.Requests()), spent, b.summary(t).Spent)
	}
}

func TestTapeErrors(t *testing.T) {
	for text, want := range map[string]string{
		"{":                      "",
		"{\n{}\n":                "tape.jsonl:1",
		"{\"v\":2}\n":            "version 2 is not known",
		"{\"v\":1}\n\n{\"v\":1}": "",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "tape.jsonl"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := gateway.ReadTape(os.DirFS(dir))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := gateway.ReadTape(os.DirFS(t.TempDir())); err == nil {
		t.Error("an empty folder is a recording")
	}
}

// The planted key goes to the provider and nowhere else, whatever the provider
// does with it.
func TestKeyIsFoundNowhere(t *testing.T) {
	leaks := []standin.Turn{
		{Text: "your key is " + planted + ", is it not"},
		{Text: "in pieces: " + planted + " and " + planted, Piece: 3},
		{Status: 401, Code: "invalid_api_key", Message: "Incorrect API key provided: " + planted},
		{Status: 400, Code: planted, Message: "bad " + planted},
		{Status: 500, Code: "x", Message: planted},
		{Fault: standin.Half, Text: planted + planted},
		{Text: base64.StdEncoding.EncodeToString([]byte(planted))[:50] + "no"},
		{Text: fmt.Sprintf("%x", planted)},
	}
	for _, name := range []string{"openai", "anthropic", "google", "vllm", "azure"} {
		dir := t.TempDir()
		path := filepath.Join(dir, "tape.jsonl")
		tape, err := gateway.CreateTape(path)
		if err != nil {
			t.Fatal(err)
		}
		spans := tracetest.NewInMemoryExporter()
		tp := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
		var seen bytes.Buffer // all that comes out
		for i, turn := range leaks {
			b := setUp(t, func(r standin.Request) standin.Turn { return turn }, gateway.Config{Tape: tape, Tracer: tp.Tracer("test")},
				gateway.Spec{ID: fmt.Sprint(i), Scope: fmt.Sprint(i), Model: model.Name{Provider: name}})
			for _, protocol := range []model.Protocol{model.Chat, model.Responses, model.Messages, model.Gemini} {
				c := b.attempt.Client(protocol)
				got, err := c.Call(t.Context(), model.Request{Model: "m-1", Messages: []model.Message{{Role: model.User, Text: "say " + planted}}})
				fmt.Fprintf(&seen, "%+v %#v %v %+v %#v\n", got, got, err, c, c)
			}
			_, body := b.post(t, "/v1/chat/completions", `{"model":"m-1","stream":true,"messages":[]}`)
			fmt.Fprintf(&seen, "%s %+v %+v\n", body, b.events.all, b.summary(t))
			for _, e := range b.events.all {
				fmt.Fprintf(&seen, "%+v\n", e.Call)
			}
		}
		for _, s := range spans.GetSpans() {
			fmt.Fprintf(&seen, "%+v %v %v\n", s, s.Attributes, s.Status)
		}
		if err := tape.Close(); name == "openai" && (err == nil || !strings.Contains(err.Error(), "in hexadecimal")) {
			t.Errorf("a recording with a hole passes for whole: %v", err)
		} else if err != nil {
			fmt.Fprintln(&seen, err)
		}
		recorded, err := os.ReadFile(path)
		if err != nil || len(recorded) == 0 && name != "azure" {
			t.Fatalf("%s: the recording is empty (%v)", name, err)
		}
		for what, all := range map[string][]byte{"what comes out": seen.Bytes(), "the recording": recorded} {
			if i := bytes.Index(all, []byte(planted)); i >= 0 {
				t.Errorf("%s: the key is in %s: ...%s", name, what, all[max(0, i-80):i])
			}
		}
		if bytes.Contains(recorded, fmt.Appendf(nil, "%x", planted)) {
			t.Errorf("%s: the key is in the recording in hexadecimal", name)
		}
		if bytes.Contains(seen.Bytes(), []byte("metr-attempt-")) || bytes.Contains(recorded, []byte("metr-attempt-")) {
			t.Errorf("%s: an attempt's token came out", name)
		}
	}
}

func TestSpans(t *testing.T) {
	spans := tracetest.NewInMemoryExporter()
	tp := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	b := setUp(t, script, gateway.Config{Tracer: tp.Tracer("test")}, gateway.Spec{Model: model.Name{Provider: "google"}})
	talkGemini(t, b.url, b.attempt.Token(), true)
	got := spans.GetSpans()
	if len(got) != 2 {
		t.Fatalf("%d spans", len(got))
	}
	attrs := map[string]string{}
	for _, a := range got[1].Attributes {
		attrs[string(a.Key)] = a.Value.Emit()
	}
	for k, want := range map[string]string{
		"gen_ai.operation.name": "generate_content", "gen_ai.provider.name": "gcp.gemini", "gen_ai.request.model": "m-1", "gen_ai.response.model": "m-1-2026-01-02",
		"gen_ai.usage.input_tokens": "200", "gen_ai.usage.output_tokens": "20", "gen_ai.response.finish_reasons": `["STOP"]`,
	} {
		if attrs[k] != want {
			t.Errorf("%s is %q, want %q", k, attrs[k], want)
		}
	}
	if got[1].Name != "generate_content m-1" {
		t.Errorf("the span is called %q", got[1].Name)
	}
}
