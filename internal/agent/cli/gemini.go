package cli

import (
	"strings"

	"github.com/tidwall/gjson"

	"metr/internal/agent/trajectory"
	"metr/internal/model"
	"metr/internal/sandbox"
	"metr/internal/task"
)

// gemini is Google's agent.
func gemini() program {
	return program{
		name: "gemini", protocol: model.Gemini, lock: locked("gemini"), node: true, scratch: []string{".gemini"},
		files: func(place) task.Tree {
			return task.Tree{".gemini/settings.json": file(`{"security":{"auth":{"selectedType":"gemini-api-key"}},"general":{"disableAutoUpdate":true,"disableUpdateNag":true},"privacy":{"usageStatisticsEnabled":false},"telemetry":{"enabled":false}}` + "\n")}
		},
		command: func(p place) sandbox.Cmd {
			return sandbox.Cmd{
				Args:  []string{p.Node, bin("@google/gemini-cli", "bundle", "gemini.js"), "--yolo", "--skip-trust", "-m", p.Model, "--output-format", "stream-json"},
				Env:   []string{"GEMINI_API_KEY=" + p.Token, "GOOGLE_GEMINI_BASE_URL=" + p.URL, "GEMINI_CLI_NO_RELAUNCH=true"},
				Stdin: p.ask(),
			}
		},
		reader: func() reader { return &geminiReader{} },
	}
}

// geminiReader reads gemini --output-format stream-json: messages in pieces,
// tools and their results, and a result at the end.
type geminiReader struct {
	text  strings.Builder
	model string
}

func (g *geminiReader) line(l gjson.Result, b *trajectory.Builder, s *said) {
	if l.Get("type").String() != "message" {
		g.flush(b)
	}
	switch l.Get("type").String() {
	case "init":
		g.model = l.Get("model").String()
	case "message":
		if l.Get("role").String() != "assistant" {
			return
		}
		if !l.Get("delta").Bool() {
			g.flush(b)
		}
		if g.text.Len() < trajectory.MaxText*4 {
			g.text.WriteString(l.Get("content").String())
		}
	case "tool_use":
		b.Call(trajectory.Call{ID: l.Get("tool_id").String(), Name: l.Get("tool_name").String(), Args: []byte(l.Get("parameters").Raw)})
	case "tool_result":
		out := l.Get("output").String()
		if e := l.Get("error.message").String(); e != "" {
			out = join(out, e)
		}
		b.Result(l.Get("tool_id").String(), out)
	case "error":
		text := l.Get("message").String()
		b.Note("%s", text)
		if strings.Contains(strings.ToLower(text), "loop") {
			s.ending = task.Looped
		}
	case "result":
		s.done = l.Get("status").String() == "success"
		if !s.done {
			s.fail(b, or(l.Get("error.message").String(), l.Get("status").String()))
		}
	}
}

func (g *geminiReader) flush(b *trajectory.Builder) {
	if g.text.Len() > 0 {
		b.Turn(trajectory.Turn{Model: g.model, Text: g.text.String()})
		g.text.Reset()
	}
}
