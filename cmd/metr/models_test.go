package main

import (
	"strings"
	"sync/atomic"

	"github.com/rogpeppe/go-internal/testscript"

	"metr/internal/gateway/standin"
)

// right are answers to the tasks of testdata/small.
var right = map[string]string{
	"add(a, b)": "def add(a, b):\n    return a + b\n",
	"neg(a)":    "def neg(a):\n    return -a\n",
}

func answer(asked string) string {
	for head, code := range right {
		if strings.Contains(asked, head) {
			return code
		}
	}
	return ""
}

// pupil answers as the model's name says. healed is whether what fails works by
// now.
func pupil(healed *atomic.Bool) standin.Script {
	return func(r standin.Request) standin.Turn {
		asked := string(r.Body)
		code := "calc.py\n\n```python\n" + answer(asked) + "```\n"
		switch r.Model {
		case "right":
			return standin.Turn{Text: "Sure.\n\n" + code, Usage: standin.Usage{Input: 100, Cached: 40, Output: 20, Reasoning: 5}, Model: "right-2026-01-01"}
		case "thinks":
			return standin.Turn{Text: "<think>\n```python\ndef add(): pass\n```\n</think>\n" + code}
		case "wrong":
			return standin.Turn{Text: strings.ReplaceAll(code, "return ", "return 1 + ")}
		case "prose":
			return standin.Turn{Text: "You add the numbers."}
		case "refuses":
			return standin.Turn{Text: "I will not.", Finish: standin.Refusal}
		case "filtered":
			return standin.Turn{Finish: standin.Filter}
		case "cut":
			return standin.Turn{Text: "Let me begin by", Finish: standin.Length}
		case "small":
			return standin.Turn{Status: 400, Code: "context_length_exceeded", Message: "the context length is 12 tokens"}
		case "flaky":
			if !healed.Load() {
				return standin.Turn{Status: 401, Code: "invalid_api_key", Message: "wrong key " + r.Header.Get("Authorization")}
			}
			return standin.Turn{Text: code}
		case "tools":
			return standin.Steps(
				standin.Turn{Calls: []standin.Call{{Name: "shell", Args: `{"command":"ls; env"}`}, {Name: "read", Args: `{"path":"calc.py"}`}}},
				standin.Turn{Calls: []standin.Call{{Name: "edit", Args: `{"path":"calc.py","old":"    raise NotImplementedError","new":"` + body(asked) + `"}`}}},
				standin.Turn{Calls: []standin.Call{{Name: "submit", Args: `{}`}}},
			)(r)
		case "circles":
			return standin.Turn{Calls: []standin.Call{{Name: "shell", Args: `{"command":"true"}`}}}
		}
		return standin.Turn{Status: 404, Code: "model_not_found", Message: "no such model"}
	}
}

// body is the line that a task's function lacks.
func body(asked string) string {
	_, b, _ := strings.Cut(answer(asked), "\n")
	return strings.TrimRight(b, "\n")
}

// slotKey finds a script's server in its environment.
type slotKey struct{}

// serve starts a stand-in server and sets URL to it; serve heal makes what fails
// work; serve stop ends it.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	type server struct {
		*standin.Server
		healed atomic.Bool
	}
	slot := ts.Value(slotKey{}).(*any)
	switch s, _ := (*slot).(*server); {
	case neg || len(args) > 1:
		ts.Fatalf("usage: serve [heal|stop]")
	case len(args) == 0:
		s = &server{}
		var err error
		s.Server, err = standin.Start(pupil(&s.healed))
		ts.Check(err)
		ts.Defer(func() { s.Close() })
		ts.Setenv("URL", s.URL+"/v1")
		*slot = s
	default:
		if args[0] == "heal" {
			s.healed.Store(true)
		} else {
			ts.Check(s.Close())
		}
	}
}
