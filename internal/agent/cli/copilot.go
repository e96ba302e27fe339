package cli

import (
	"runtime"

	"github.com/tidwall/gjson"

	"metr/internal/agent/trajectory"
	"metr/internal/model"
	"metr/internal/sandbox"
)

// copilot is GitHub's agent, offline and with a model of one's own. It is not
// open source: it is installed from its own package and never bundled.
func copilot() program {
	cpu := map[string]string{"arm64": "arm64"}[runtime.GOARCH]
	return program{
		name: "copilot", protocol: model.Chat, lock: locked("copilot"), scratch: []string{".copilot"},
		command: func(p place) sandbox.Cmd {
			args := []string{
				bin("@github/copilot-linux-"+or(cpu, "x64"), "copilot"), "--prompt=" + p.argument(), "--allow-all-tools", "--allow-all-paths",
				"--disable-builtin-mcps", "--no-auto-update", "--output-format", "json",
			}
			if p.Effort != "" {
				args = append(args, "--reasoning-effort", string(p.Effort))
			}
			return sandbox.Cmd{
				Args: args,
				Env: []string{
					"COPILOT_OFFLINE=true", "COPILOT_PROVIDER_BASE_URL=" + p.URL + "/v1", "COPILOT_PROVIDER_API_KEY=" + p.Token, "COPILOT_MODEL=" + p.Model,
				},
			}
		},
		reader: func() reader { return &copilotReader{} },
	}
}

// copilotReader reads copilot --output-format json: events with their data.
type copilotReader struct{}

func (*copilotReader) line(l gjson.Result, b *trajectory.Builder, s *said) {
	d := l.Get("data")
	switch l.Get("type").String() {
	case "assistant.message":
		t := trajectory.Turn{Time: l.Get("timestamp").Time(), Text: d.Get("content").String(), Reasoning: d.Get("reasoningText").String()}
		d.Get("toolRequests").ForEach(func(_, c gjson.Result) bool {
			t.Calls = append(t.Calls, trajectory.Call{ID: c.Get("toolCallId").String(), Name: c.Get("name").String(), Args: []byte(c.Get("arguments").Raw)})
			return true
		})
		b.Turn(t)
	case "assistant.usage":
		b.Measure(trajectory.Metrics{PromptTokens: d.Get("inputTokens").Int(), CachedTokens: d.Get("cacheReadTokens").Int(), CompletionTokens: d.Get("outputTokens").Int()})
	case "tool.execution_complete":
		out := or(d.Get("result.content").String(), d.Get("error.message").String())
		b.Result(d.Get("toolCallId").String(), out)
	case "session.error":
		s.fail(b, d.Get("message").String())
	case "result":
		code := l.Get("exitCode")
		if !code.Exists() {
			code = d.Get("exitCode")
		}
		s.done = code.Int() == 0
		if s.done {
			s.failed = ""
		}
	}
}
