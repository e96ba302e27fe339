package agent

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"metr/internal/gateway"
	"metr/internal/model"
	"metr/internal/task"
)

func TestAbout(t *testing.T) {
	for name, tt := range map[string]struct {
		answers map[string]string
		want    task.Served
	}{
		"llama.cpp": {map[string]string{"/props": `{"build_info":"b1-x","model_path":"m.gguf","chat_template":"T"}`}, task.Served{Runtime: "llama.cpp", Version: "b1-x", Template: "sha256:e632b7095b0bf32c260fa4c539e9fd7b852d0de454e9be26f24d0d6f91d069d3"}},
		"ollama": {map[string]string{"/api/tags": `{"models":[{"name":"x:latest","digest":"abc","details":{"quantization_level":"Q4_K_M"}}]}`, "/api/version": `{"version":"0.6"}`, "/api/show": `{"template":"T"}`},
			task.Served{Runtime: "ollama", Version: "0.6", Digest: "sha256:abc", Quantization: "Q4_K_M", Template: "sha256:e632b7095b0bf32c260fa4c539e9fd7b852d0de454e9be26f24d0d6f91d069d3"}},
		"vllm":      {map[string]string{"/version": `{"version":"0.9"}`}, task.Served{Runtime: "vllm", Version: "0.9"}},
		"says none": {nil, task.Served{}},
		"no JSON":   {map[string]string{"/props": "{", "/version": "<html>"}, task.Served{}},
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if b, ok := tt.answers[r.URL.Path]; ok {
				_, _ = w.Write([]byte(b))
				return
			}
			http.NotFound(w, r)
		}))
		got := About(t.Context(), model.Provider{Name: "p", BaseURL: srv.URL + "/v1", Open: true}, model.Name{Model: "x"})
		srv.Close()
		tt.want.Provider = "p"
		if got.Runtime != tt.want.Runtime || got.Version != tt.want.Version || got.Template != tt.want.Template || got.Digest != tt.want.Digest || got.Quantization != tt.want.Quantization {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
	}
	if got := About(t.Context(), model.Provider{Name: "openai", BaseURL: "http://127.0.0.1:1/v1"}, model.Name{}); got.Runtime != "" {
		t.Errorf("a hosted provider was asked: %+v", got)
	}
}

func TestServedOfARecording(t *testing.T) {
	dir := t.TempDir()
	if got, err := ReadServed(os.DirFS(dir)); err != nil || len(got) != 0 {
		t.Errorf("%v %v", got, err)
	}
	for _, name := range []string{"a/b", "c/d"} {
		if err := WriteServed(dir, map[string]task.Served{name: {Provider: name}}); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := ReadServed(os.DirFS(dir)); err != nil || len(got) != 2 || got["c/d"].Provider != "c/d" {
		t.Errorf("%v %v", got, err)
	}
	if err := os.WriteFile(dir+"/served.json", []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadServed(os.DirFS(dir)); err == nil || !strings.Contains(err.Error(), "served.json") {
		t.Errorf("half a file: %v", err)
	}
}

func TestLine(t *testing.T) {
	seed := int64(7)
	l := Line{Model: model.Name{Provider: "p", Model: "m", Effort: model.High}, Settings: Settings{Seed: &seed, MaxTokens: 9}, About: task.Served{Runtime: "r"}}
	if r := l.Request(model.Message{Text: "x"}); r.Model != "m" || r.Effort != model.High || *r.Seed != 7 || r.MaxTokens != 9 || len(r.Messages) != 1 {
		t.Errorf("%+v", r)
	}
	var w Work
	l.Note(&w, gateway.Summary{Calls: 2, Usage: model.Usage{Input: 3, Output: 4}, Models: []string{"x"}, Efforts: []string{"e=high"}})
	if w.Model != "p/m@high" || w.Calls != 2 || w.Tokens.Out != 4 || w.Cost != nil || w.Served.Runtime != "r" || w.Served.Models[0] != "x" || w.Sent.Effort != "e=high" || l.About.Models != nil {
		t.Errorf("%+v %+v", w, w.Served)
	}
	for f, want := range map[model.Finish]task.Ending{model.Stop: "", model.ToolCalls: "", model.Length: task.Truncated, model.Refusal: task.Refused, model.Filter: task.Filtered, model.Overflow: task.Overflow, model.Budget: task.OverSpent} {
		if e, over := EndingOf(f); over != (want != "") || over && e != want {
			t.Errorf("%s: %q %v", f, e, over)
		}
	}
}
