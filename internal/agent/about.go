package agent

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"metr/internal/model"
	"metr/internal/task"
)

// About asks a compatible server what it runs: the same weights give different
// text under another runtime, version, quantisation or template. What it does
// not say stays empty; there is no error. Hosted providers are not asked.
func About(ctx context.Context, p model.Provider, name model.Name) task.Served {
	out := task.Served{Provider: p.Name}
	if !p.Open || p.Name == "openrouter" {
		return out
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	root := strings.TrimSuffix(p.BaseURL, "/v1")
	ask := func(method, path string, body any, into any) bool {
		b, _ := json.Marshal(body)
		req, err := http.NewRequestWithContext(ctx, method, root+path, bytes.NewReader(b))
		if err != nil {
			return false
		}
		p.Authorize(req.Header, model.Chat)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return false
		}
		defer res.Body.Close()
		data, err := io.ReadAll(io.LimitReader(res.Body, 16<<20))
		return err == nil && res.StatusCode == http.StatusOK && json.Unmarshal(data, into) == nil
	}
	template := func(s string) string {
		if s == "" {
			return ""
		}
		return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(s)))
	}
	var props struct { // llama.cpp
		Build    string `json:"build_info"`
		Template string `json:"chat_template"`
		Path     string `json:"model_path"`
		Runtime  string `json:"runtime"` // beyond llama.cpp's own: what scripts/smollm says
		Digest   string `json:"model_digest"`
		Quant    string `json:"quantization"`
	}
	if ask(http.MethodGet, "/props", nil, &props) && (props.Build != "" || props.Path != "") {
		out.Runtime, out.Version, out.Template = "llama.cpp", props.Build, template(props.Template)
		if props.Runtime != "" {
			out.Runtime = props.Runtime
		}
		out.Digest, out.Quantization = props.Digest, props.Quant
		return out
	}
	var version struct {
		Version string `json:"version"`
	}
	var tags struct { // Ollama
		Models []struct {
			Name, Model, Digest string
			Details             struct {
				Quantization string `json:"quantization_level"`
			}
		}
	}
	if ask(http.MethodGet, "/api/tags", nil, &tags) && ask(http.MethodGet, "/api/version", nil, &version) {
		out.Runtime, out.Version = "ollama", version.Version
		for _, m := range tags.Models {
			if m.Name == name.Model || m.Name == name.Model+":latest" {
				out.Digest, out.Quantization = "sha256:"+strings.TrimPrefix(m.Digest, "sha256:"), m.Details.Quantization
			}
		}
		var show struct{ Template string }
		if ask(http.MethodPost, "/api/show", map[string]string{"model": name.Model}, &show) {
			out.Template = template(show.Template)
		}
		return out
	}
	if ask(http.MethodGet, "/version", nil, &version) && version.Version != "" {
		out.Runtime, out.Version = "vllm", version.Version
	}
	return out
}
