package cli

import (
	"encoding/json"

	"github.com/tidwall/gjson"

	"metr/internal/agent/trajectory"
	"metr/internal/model"
	"metr/internal/sandbox"
	"metr/internal/task"
)

// opencode is the agent of SST. Of its programs, the one for x86-64 that runs on
// every such processor is installed.
func opencode() program {
	return program{
		name: "opencode", protocol: model.Chat, lock: locked("opencode"), only: "linux/amd64", scratch: []string{".opencode"},
		files: func(p place) task.Tree {
			name := "metr/" + p.Model
			m := map[string]any{"name": p.Model, "tool_call": true, "limit": map[string]int{"context": 200_000, "output": 16_384}}
			if p.Effort != "" {
				m["options"] = map[string]string{"reasoningEffort": string(p.Effort)}
			}
			config, _ := json.MarshalIndent(map[string]any{
				"$schema": "https://opencode.ai/config.json", "model": name, "small_model": name, "autoupdate": false, "share": "disabled",
				"permission": map[string]string{"bash": "allow", "edit": "allow", "webfetch": "deny"},
				"provider": map[string]any{"metr": map[string]any{
					"npm": "@ai-sdk/openai-compatible", "name": "metr", "models": map[string]any{p.Model: m},
					"options": map[string]string{"baseURL": p.URL + "/v1", "apiKey": "{env:METR_TOKEN}"},
				}},
			}, "", "  ")
			return task.Tree{".config/opencode/opencode.json": file(string(config) + "\n")}
		},
		command: func(p place) sandbox.Cmd {
			return sandbox.Cmd{
				Args:  []string{bin("opencode-linux-x64-baseline", "bin", "opencode"), "run", "--format", "json"},
				Env:   []string{"METR_TOKEN=" + p.Token, "OPENCODE_DISABLE_MODELS_FETCH=1", "OPENCODE_DISABLE_AUTOUPDATE=1", "OPENCODE_DISABLE_LSP_DOWNLOAD=1", "OPENCODE_DISABLE_DEFAULT_PLUGINS=1"},
				Stdin: p.ask(),
			}
		},
		reader: func() reader { return &opencodeReader{} },
	}
}

// opencodeReader reads opencode run --format json: parts of messages, each step
// between its start and its finish.
type opencodeReader struct{}

func (*opencodeReader) line(l gjson.Result, b *trajectory.Builder, s *said) {
	p := l.Get("part")
	switch l.Get("type").String() {
	case "text":
		b.Turn(trajectory.Turn{Text: p.Get("text").String()})
	case "reasoning":
		b.Turn(trajectory.Turn{Reasoning: p.Get("text").String()})
	case "tool_use":
		id := p.Get("callID").String()
		b.Call(trajectory.Call{ID: id, Name: p.Get("tool").String(), Args: []byte(p.Get("state.input").Raw)})
		b.Result(id, or(p.Get("state.output").String(), p.Get("state.error").String()))
	case "step_finish":
		t := p.Get("tokens")
		b.Measure(trajectory.Metrics{
			PromptTokens: t.Get("input").Int() + t.Get("cache.read").Int() + t.Get("cache.write").Int(), CachedTokens: t.Get("cache.read").Int(),
			CompletionTokens: t.Get("output").Int() + t.Get("reasoning").Int(),
		})
		s.done = p.Get("reason").String() == "stop"
	case "error":
		s.fail(b, or(l.Get("error.data.message").String(), l.Get("error.name").String()))
	}
}
