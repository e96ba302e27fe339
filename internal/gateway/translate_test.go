package gateway_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"metr/internal/gateway"
	"metr/internal/gateway/standin"
	"metr/internal/model"
)

// chatOnly is a server that speaks Chat Completions alone.
func chatOnly(t *testing.T, s standin.Script) (*standin.Server, string) {
	srv := standin.New(s)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/chat/completions") {
			http.NotFound(w, r)
			return
		}
		srv.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	return srv, front.URL
}

// A client of Responses has its conversation with a server of Chat Completions.
func TestTranslation(t *testing.T) {
	for _, stream := range []bool{false, true} {
		srv, url := chatOnly(t, script)
		b := setUp(t, ok, gateway.Config{}, gateway.Spec{Model: model.Name{Provider: "ollama"}, Provider: provider(t, "ollama", url), Limit: gateway.Limit{Tokens: 1 << 20}})
		got := talkResponses(t, b.url, b.attempt.Token(), stream)
		var args map[string]any
		if err := json.Unmarshal([]byte(got.args), &args); err != nil || got.tool != "look" || args["path"] != "a b.txt" || got.text != answerText {
			t.Errorf("stream %v: %+v %v", stream, got, err)
		}
		s := b.summary(t)
		if s.Calls != 2 || s.Usage != wantUsage || s.Spent.Tokens != 350 || s.Failed != 0 {
			t.Errorf("stream %v: %+v", stream, s)
		}
		if n := len(b.events.of(gateway.Translated)); n != 1 {
			t.Errorf("%d events say that it was translated", n)
		}
		last := srv.Requests()[1]
		for path, want := range map[string]string{
			"messages.#": "3", "messages.0.role": "user", "messages.1.tool_calls.0.function.name": "look", "messages.2.role": "tool", "messages.2.tool_call_id": "call_1",
			"messages.2.content": "found", "tools.0.function.name": "look", "model": "m-1",
		} {
			if v := gjson.GetBytes(last.Body, path).String(); v != want {
				t.Errorf("%s is %q, want %q: %s", path, v, want, last.Body)
			}
		}
		if gjson.GetBytes(last.Body, "max_tokens").Int() != 16384 {
			t.Errorf("the limit on output went out as %s", gjson.GetBytes(last.Body, "max_tokens"))
		}
	}
}

// Tools that take a text, as codex's patches, are functions on the way there and
// texts again on the way back; orders come first and in one.
func TestTranslationOfCustomTools(t *testing.T) {
	srv, url := chatOnly(t, func(r standin.Request) standin.Turn {
		return standin.Turn{Text: "patching", Calls: []standin.Call{{ID: "c1", Name: "apply_patch", Args: `{"input":"*** Begin\n\"x\""}`}}, Finish: standin.ToolCalls}
	})
	b := setUp(t, ok, gateway.Config{}, gateway.Spec{Model: model.Name{Provider: "llama.cpp"}, Provider: provider(t, "llama.cpp", url)})
	for _, stream := range []string{"false", "true"} {
		status, body := b.post(t, "/v1/responses", `{"model":"m-1","stream":`+stream+`,"instructions":"A","reasoning":{"effort":"low"},"tools":[{"type":"custom","name":"apply_patch","format":{"type":"grammar"}}],
			"input":[{"type":"message","role":"developer","content":[{"type":"input_text","text":"B"}]},{"type":"message","role":"user","content":[{"type":"input_text","text":"do"}]},
			{"type":"reasoning","summary":[],"encrypted_content":"x"},{"type":"custom_tool_call","call_id":"c0","name":"apply_patch","input":"p"},{"type":"custom_tool_call_output","call_id":"c0","output":"done"}]}`)
		if status != 200 || !strings.Contains(body, `"input":"*** Begin\n\"x\"","name":"apply_patch","status":"completed","type":"custom_tool_call"`) {
			t.Errorf("%d %s", status, body)
		}
		all := srv.Requests()
		doc := gjson.ParseBytes(all[len(all)-1].Body)
		for path, want := range map[string]string{
			"messages.0.content": "A\n\nB", "messages.0.role": "system", "messages.1.content": "do", "messages.2.tool_calls.0.function.arguments": `{"input":"p"}`,
			"messages.3.content": "done", "messages.#": "4", "reasoning_effort": "low", "tools.0.function.parameters.required.0": "input",
		} {
			if v := doc.Get(path).String(); v != want {
				t.Errorf("%s is %q, want %q", path, v, want)
			}
		}
	}
}

// What breaks off in the one protocol breaks off in the other.
func TestTranslationOfFaults(t *testing.T) {
	for _, fault := range []standin.Fault{standin.Half, standin.HalfClean, standin.BrokenJSON} {
		_, url := chatOnly(t, func(standin.Request) standin.Turn {
			return standin.Turn{Text: "an answer of some length, so that there is a middle", Fault: fault}
		})
		b := setUp(t, ok, gateway.Config{}, gateway.Spec{Model: model.Name{Provider: "vllm"}, Provider: provider(t, "vllm", url)})
		b.post(t, "/v1/responses", `{"model":"m-1","stream":true,"input":"x"}`)
		if s := b.summary(t); s.Broken != 1 || s.Calls != 0 {
			t.Errorf("fault %d: %+v", fault, s)
		}
	}
}
