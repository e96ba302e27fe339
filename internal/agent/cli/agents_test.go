package cli

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"metr/internal/agent"
	"metr/internal/agent/trajectory"
	"metr/internal/environment"
	"metr/internal/gateway"
	"metr/internal/gateway/standin"
	"metr/internal/model"
	"metr/internal/sandbox"
	"metr/internal/sandbox/native"
	"metr/internal/task"
)

var update = flag.Bool("update", false, "write the goldens anew")

func TestMain(m *testing.M) {
	os.Exit(m.Run())
}

// planted is a key that must be found nowhere in a box.
const planted = "sk-planted-0123456789abcdef0123456789abcdef"

// lacking ends a test for want of something: a failure in CI, a skip elsewhere.
func lacking(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

var shared = sync.OnceValues(native.New)

func boxes(t testing.TB) sandbox.Backend {
	t.Helper()
	b, err := shared()
	if err != nil {
		lacking(t, "no native sandbox on this machine: %v", err)
	}
	return b
}

// cache is where agents are installed, and whether name is.
func cache(t testing.TB, name string) string {
	t.Helper()
	dir, err := Dir()
	if err != nil {
		t.Fatal(err)
	}
	if _, there := Place(dir, name); !there {
		lacking(t, "agent %s is not installed in %s: run go run ./scripts/agents %s", name, dir, name)
	}
	return dir
}

func theTask() *task.Task {
	return &task.Task{ID: "t", Language: task.Python, Instruction: "Put the word goal into the file answer.txt, in place of start.\n", Workspace: task.Tree{
		"answer.txt": {Mode: 0o644, Data: []byte("start\n")}, "sub/b.txt": {Mode: 0o644, Data: []byte("two\n")}, "look.sh": {Mode: 0o755, Data: []byte(look)},
	}}
}

// line is the way to a stand-in server, whose key is planted.
func line(t testing.TB, protocol model.Protocol, limit gateway.Limit, s standin.Script) (*agent.Line, *standin.Server) {
	t.Helper()
	srv, err := standin.Start(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })
	version := "/v1"
	if protocol == model.Gemini {
		version = "/v1beta"
	}
	return &agent.Line{
		Gate:  gateway.New(gateway.Config{Retry: gateway.Retry{Tries: 2, First: time.Millisecond, Max: 5 * time.Millisecond}}),
		Model: model.Name{Provider: "stand-in", Model: "m-1", Effort: model.High}, Limit: limit,
		Provider: model.Provider{Name: "stand-in", BaseURL: srv.URL + version, Protocols: []model.Protocol{protocol}, Key: model.NewKey(planted)},
	}, srv
}

// shells are the names of the agents' tools that run a command, and the key of
// the command in their arguments.
var shells = map[string]string{"exec_command": "cmd", "Bash": "command", "bash": "command", "run_shell_command": "command"}

// does runs the command with whichever tool the agent has for it, and then says
// that it is done.
func does(command string) standin.Script {
	return func(r standin.Request) standin.Turn {
		for _, name := range r.Tools {
			key, ok := shells[name]
			if !ok {
				continue
			}
			if strings.Contains(r.Last, "looked") {
				return standin.Turn{Text: "The file says goal now."}
			}
			args, _ := json.Marshal(map[string]string{key: command, "description": "Write the answer"})
			return standin.Turn{Text: "I write it.", Calls: []standin.Call{{ID: "call_1", Name: name, Args: string(args)}}}
		}
		return standin.Turn{Text: "Title"}
	}
}

// look is what every agent is made to run: the edit, and a search of all that it
// can read for the key.
const look = `printf 'goal\n' >answer.txt
grep -rsl "planted-[0]123456789" /home /tmp /etc /proc/[0-9]*/environ /proc/[0-9]*/cmdline . | sed 's/^/FOUND in /'
echo looked
`

// efforts is what goes out where the user asks for a high effort; the others
// have no setting for it.
var efforts = map[string]string{"codex": "reasoning.effort=high", "claude": "output_config.effort=high", "opencode": "reasoning_effort=high", "copilot": "reasoning_effort=high"}

// TestAgents drives each agent from its own package, in a real box, through the
// gateway, to an edit of a file.
func TestAgents(t *testing.T) {
	for _, p := range programs() {
		t.Run(p.name, func(t *testing.T) {
			dir := cache(t, p.name)
			b := boxes(t)
			t.Setenv("OPENAI_API_KEY", planted)
			t.Setenv("ANTHROPIC_API_KEY", planted)
			ln, srv := line(t, p.protocol, gateway.Limit{}, does("sh look.sh"))
			a, err := New(p.name, Config{Backend: b, Host: environment.New(t.TempDir(), b, nil), Line: ln, Cache: dir, Limits: task.Limits{Wall: 3 * time.Minute}})
			if err != nil {
				t.Fatal(err)
			}
			w, err := a.Solve(t.Context(), theTask(), 1)
			if err != nil {
				for _, r := range srv.Requests() {
					t.Logf("asked: %s %s %d tools %v: %.300s", r.Path, r.Model, r.Turns, r.Tools, r.Last)
				}
				t.Fatalf("%v\n%s", err, w.Trajectory)
			}
			if c := w.Patch.Changes; len(c) != 1 || c[0].Path != "answer.txt" || string(c[0].Data) != "goal\n" {
				t.Errorf("the patch is %+v", c)
			}
			if w.Ending != task.Completed || w.Calls < 2 || w.Tokens.In == 0 || w.Failed != "" || w.Model != "stand-in/m-1@high" {
				t.Errorf("%+v", w)
			}
			if w.Sent == nil || w.Sent.Effort != efforts[p.name] {
				t.Errorf("the effort went out as %+v, want %q", w.Sent, efforts[p.name])
			}
			tr, err := trajectory.Decode(w.Trajectory)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(w.Trajectory, []byte(planted)) || bytes.Contains(w.Trajectory, []byte("FOUND")) || bytes.Contains(w.Trajectory, []byte("metr-attempt-")) {
				t.Error("a key is in the box, or in the trajectory")
			}
			for _, r := range srv.Requests() {
				if bytes.Contains(r.Body, []byte("metr-attempt-")) {
					t.Error("the attempt's token went out in a body")
				}
			}
			called := slices.ContainsFunc(tr.Steps, func(s trajectory.Step) bool {
				return len(s.ToolCalls) > 0 && s.Observation != nil && strings.Contains(s.Observation.Results[0].Content, "looked")
			})
			last := tr.Steps[len(tr.Steps)-1]
			if !called || !strings.Contains(last.Message, "goal now") {
				t.Errorf("the trajectory lacks the tool call with its result (%v) or the last word: %s", called, w.Trajectory)
			}
			golden(t, filepath.Join("testdata", p.name+".trajectory.json"), steady(t, w.Trajectory))
		})
	}
}

// A server that speaks Chat Completions alone will do for codex: the gateway
// translates.
func TestCodexOverChat(t *testing.T) {
	dir, b := cache(t, "codex"), boxes(t)
	srv := standin.New(does("sh look.sh"))
	asked := ""
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/chat/completions" {
			http.NotFound(w, r)
			return
		}
		asked = r.URL.Path
		srv.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	ln, _ := line(t, model.Chat, gateway.Limit{}, does("true"))
	ln.Provider.BaseURL, ln.Provider.Open = front.URL+"/v1", true
	a, err := New("codex", Config{Backend: b, Host: environment.New(t.TempDir(), b, nil), Line: ln, Cache: dir, Limits: task.Limits{Wall: 3 * time.Minute}})
	if err != nil {
		t.Fatal(err)
	}
	w, err := a.Solve(t.Context(), theTask(), 1)
	if err != nil || w.Ending != task.Completed || len(w.Patch.Changes) != 1 || asked == "" {
		t.Errorf("%v: ended as %q (%s), patch %+v, asked %q", err, w.Ending, w.Detail, w.Patch, asked)
	}
}

// An agent whose budget is spent ends, and is said to have ended so, in each
// protocol.
func TestAgentsBudget(t *testing.T) {
	for _, p := range []program{claude(), codex(), gemini()} {
		t.Run(p.name, func(t *testing.T) {
			dir, b := cache(t, p.name), boxes(t)
			ln, _ := line(t, p.protocol, gateway.Limit{Calls: 1}, does("sh look.sh"))
			a, err := New(p.name, Config{Backend: b, Host: environment.New(t.TempDir(), b, nil), Line: ln, Cache: dir, Limits: task.Limits{Wall: 3 * time.Minute}})
			if err != nil {
				t.Fatal(err)
			}
			w, err := a.Solve(t.Context(), theTask(), 1)
			if err != nil || w.Ending != task.OverSpent || w.Calls != 1 || !strings.Contains(w.Detail, "the budget of the attempt (1 calls)") {
				t.Errorf("ended as %q (%s), %d calls, %v", w.Ending, w.Detail, w.Calls, err)
			}
			if _, err := trajectory.Decode(w.Trajectory); err != nil {
				t.Error(err)
			}
		})
	}
}

// steady is a trajectory without what differs from run to run.
func steady(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", "  "); err != nil {
		t.Fatal(err)
	}
	s := out.String()
	for pattern, with := range map[string]string{
		`"timestamp": "[^"]*"`: `"timestamp": "2026-01-01T00:00:00Z"`,
		`"(prompt_tokens|completion_tokens|cached_tokens|total_prompt_tokens|total_completion_tokens|total_cached_tokens)": \d+`: `"$1": 1`,
		`"run_shell_command[-_][^"]*"`: `"call"`, `(?i)Process Group PGID: \d+|Background PIDs: [^\\]*|chunk id: [0-9a-f]+|wall time: [0-9.]+ seconds`: "-",
	} {
		s = regexp.MustCompile(pattern).ReplaceAllString(s, with)
	}
	return append([]byte(s), '\n')
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, got) {
		t.Errorf("%s:\ngot:\n%s\nwant:\n%s", file, got, want)
	}
}
