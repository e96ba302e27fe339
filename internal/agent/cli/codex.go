package cli

import (
	"fmt"
	"runtime"

	"github.com/tidwall/gjson"

	"metr/internal/agent/trajectory"
	"metr/internal/model"
	"metr/internal/sandbox"
	"metr/internal/task"
)

// codex is OpenAI's agent. Its own sandbox is off: the box is one.
func codex() program {
	cpu, triple := "x64", "x86_64-unknown-linux-musl"
	if runtime.GOARCH == "arm64" {
		cpu, triple = "arm64", "aarch64-unknown-linux-musl"
	}
	return program{
		name: "codex", protocol: model.Responses, lock: locked("codex"),
		files: func(p place) task.Tree {
			config := fmt.Sprintf(`model = %q
model_provider = "metr"
check_for_update_on_startup = false
[model_providers.metr]
name = "metr"
base_url = %q
env_key = "METR_TOKEN"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 2
[analytics]
enabled = false
[history]
persistence = "none"
`, p.Model, p.URL+"/v1")
			if p.Effort == model.Max { // it knows no more
				p.Effort = model.XHigh
			}
			if p.Effort != "" {
				config = fmt.Sprintf("model_reasoning_effort = %q\n", p.Effort) + config
			}
			return task.Tree{".codex/config.toml": file(config)}
		},
		command: func(p place) sandbox.Cmd {
			return sandbox.Cmd{
				Args:  []string{bin("@openai/codex-linux-"+cpu, "vendor", triple, "bin", "codex"), "exec", "--json", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", "-"},
				Env:   []string{"METR_TOKEN=" + p.Token, "RUST_LOG=error"},
				Stdin: p.ask(),
			}
		},
		reader: func() reader { return &codexReader{} },
	}
}

// codexReader reads codex exec --json: items that begin, go on and are
// completed, in turns.
type codexReader struct{}

func (*codexReader) line(l gjson.Result, b *trajectory.Builder, s *said) {
	switch l.Get("type").String() {
	case "turn.completed":
		s.done, s.failed = true, ""
		u := l.Get("usage")
		b.Measure(trajectory.Metrics{PromptTokens: u.Get("input_tokens").Int(), CachedTokens: u.Get("cached_input_tokens").Int(), CompletionTokens: u.Get("output_tokens").Int()})
	case "turn.failed":
		s.done = false
		s.fail(b, l.Get("error.message").String())
	case "error":
		b.Note("%s", l.Get("message").String()) // it goes on after some
	case "item.completed":
		codexItem(l.Get("item"), b)
	}
}

func codexItem(it gjson.Result, b *trajectory.Builder) {
	id, kind := it.Get("id").String(), it.Get("type").String()
	call := func(name string, args gjson.Result, result string) {
		raw := args.Raw
		if raw == "" {
			raw = "{}"
		}
		b.Turn(trajectory.Turn{Calls: []trajectory.Call{{ID: id, Name: name, Args: []byte(raw)}}})
		b.Result(id, result)
	}
	switch kind {
	case "agent_message":
		b.Turn(trajectory.Turn{Text: it.Get("text").String()})
	case "reasoning":
		b.Turn(trajectory.Turn{Reasoning: it.Get("text").String()})
	case "error":
		b.Note("%s", it.Get("message").String())
	case "command_execution":
		out := it.Get("aggregated_output").String()
		if code := it.Get("exit_code"); code.Exists() && code.Int() != 0 {
			out += fmt.Sprintf("\n[exit status %d]", code.Int())
		}
		call(kind, gjson.Parse(`{"command":`+or(it.Get("command").Raw, `""`)+`}`), out)
	case "file_change":
		call(kind, gjson.Parse(`{"changes":`+or(it.Get("changes").Raw, "[]")+`}`), it.Get("status").String())
	case "mcp_tool_call":
		call(or(it.Get("tool").String(), kind), it.Get("arguments"), str(it.Get("result")))
	case "web_search":
		call(kind, gjson.Parse(`{"query":`+or(it.Get("query").Raw, `""`)+`}`), "")
	case "todo_list":
		call(kind, gjson.Parse(`{"items":`+or(it.Get("items").Raw, "[]")+`}`), "")
	}
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
