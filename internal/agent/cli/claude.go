package cli

import (
	"runtime"

	"github.com/tidwall/gjson"

	"metr/internal/agent/trajectory"
	"metr/internal/model"
	"metr/internal/sandbox"
	"metr/internal/task"
)

// claude is Anthropic's agent. It is not open source: it is installed from its
// own package and never bundled.
func claude() program {
	cpu := map[string]string{"arm64": "arm64"}[runtime.GOARCH]
	return program{
		name: "claude", protocol: model.Messages, lock: locked("claude"), scratch: []string{".claude"},
		files: func(p place) task.Tree {
			return task.Tree{".claude.json": file(`{"hasCompletedOnboarding":true}` + "\n")}
		},
		command: func(p place) sandbox.Cmd {
			args := []string{bin("@anthropic-ai/claude-code-linux-"+or(cpu, "x64"), "claude"), "-p", "--verbose", "--output-format", "stream-json",
				"--dangerously-skip-permissions", "--model", p.Model}
			env := []string{
				"ANTHROPIC_BASE_URL=" + p.URL, "ANTHROPIC_API_KEY=" + p.Token, "ANTHROPIC_MODEL=" + p.Model,
				// The same model for its side questions: the attempt has no other.
				"ANTHROPIC_SMALL_FAST_MODEL=" + p.Model, "ANTHROPIC_DEFAULT_HAIKU_MODEL=" + p.Model, "ANTHROPIC_DEFAULT_SONNET_MODEL=" + p.Model,
				"ANTHROPIC_DEFAULT_OPUS_MODEL=" + p.Model, "CLAUDE_CODE_SUBAGENT_MODEL=" + p.Model,
				"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1", "DISABLE_AUTOUPDATER=1", "DISABLE_TELEMETRY=1", "DISABLE_ERROR_REPORTING=1", "IS_SANDBOX=1",
			}
			switch p.Effort {
			case "":
			case model.None, model.Minimal: // it knows no less
				env = append(env, "CLAUDE_CODE_EFFORT_LEVEL="+string(model.Low))
			default:
				env = append(env, "CLAUDE_CODE_EFFORT_LEVEL="+string(p.Effort))
			}
			return sandbox.Cmd{Args: args, Env: env, Stdin: p.ask()}
		},
		reader: func() reader { return &claudeReader{} },
	}
}

// claudeReader reads claude --output-format stream-json: messages in the form of
// Anthropic's own protocol, and a result at the end.
type claudeReader struct{ message string }

func (c *claudeReader) line(l gjson.Result, b *trajectory.Builder, s *said) {
	switch l.Get("type").String() {
	case "assistant":
		c.assistant(l.Get("message"), b)
	case "user":
		l.Get("message.content").ForEach(func(_, part gjson.Result) bool {
			if part.Get("type").String() == "tool_result" {
				b.Result(part.Get("tool_use_id").String(), texts(part.Get("content")))
			}
			return true
		})
	case "result":
		s.done = l.Get("subtype").String() == "success" && !l.Get("is_error").Bool()
		switch sub := l.Get("subtype").String(); {
		case sub == "error_max_turns":
			s.ending = task.OutOfStep
		case !s.done:
			s.fail(b, or(l.Get("result").String(), or(texts(l.Get("errors")), sub)))
		}
	}
}

// assistant is one message, which may come in several lines: one for each part.
func (c *claudeReader) assistant(m gjson.Result, b *trajectory.Builder) {
	var t trajectory.Turn
	t.Model = m.Get("model").String()
	m.Get("content").ForEach(func(_, part gjson.Result) bool {
		switch part.Get("type").String() {
		case "text":
			t.Text += part.Get("text").String()
		case "thinking":
			t.Reasoning += part.Get("thinking").String()
		case "tool_use":
			t.Calls = append(t.Calls, trajectory.Call{ID: part.Get("id").String(), Name: part.Get("name").String(), Args: []byte(part.Get("input").Raw)})
		}
		return true
	})
	id := m.Get("id").String()
	same := id != "" && id == c.message
	if u := m.Get("usage"); u.Exists() && !same {
		cached := u.Get("cache_read_input_tokens").Int()
		m := trajectory.Metrics{
			PromptTokens: u.Get("input_tokens").Int() + cached + u.Get("cache_creation_input_tokens").Int(),
			CachedTokens: cached, CompletionTokens: u.Get("output_tokens").Int(),
		}
		if m.PromptTokens+m.CompletionTokens > 0 {
			t.Metrics = &m
		}
	}
	c.message = id
	if same {
		b.More(t)
	} else {
		b.Turn(t)
	}
}

// texts is the text of a value that is one, or a list of parts that have one.
func texts(v gjson.Result) string {
	if !v.IsArray() {
		return str(v)
	}
	out := ""
	v.ForEach(func(_, part gjson.Result) bool {
		if part.Type == gjson.String {
			out += part.String()
		} else if t := part.Get("text"); t.Exists() {
			out += t.String()
		} else {
			out += "[" + or(part.Get("type").String(), "something else") + "]"
		}
		return true
	})
	return out
}
