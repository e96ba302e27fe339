package session_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"metr/internal/agent/session"
	"metr/internal/gateway"
	"metr/internal/gateway/standin"
	"metr/internal/model"
	"metr/internal/sandbox"
	"metr/internal/sandbox/native"
	"metr/internal/sandbox/none"
	"metr/internal/task"
)

func TestMain(m *testing.M) {
	os.Exit(m.Run())
}

// planted is a key that must be found nowhere in a box.
const planted = "sk-planted-0123456789abcdef0123456789abcdef"

func boxes(t testing.TB) sandbox.Backend {
	t.Helper()
	b, err := native.New()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("no native sandbox on this machine: %v", err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func theTask() *task.Task {
	return &task.Task{ID: "t", Language: task.Python, Workspace: task.Tree{
		"a.txt": {Mode: 0o644, Data: []byte("one\n")}, "sub/b.txt": {Mode: 0o644, Data: []byte("two\n")},
		"run.sh": {Mode: 0o755, Data: []byte("#!/bin/sh\n")}, "node_modules/own.js": {Mode: 0o644, Data: []byte("1\n")},
	}}
}

// access is the way to a stand-in server whose key is planted.
func access(t testing.TB, s standin.Script) (*gateway.Attempt, *standin.Server) {
	t.Helper()
	srv, err := standin.Start(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })
	a, err := gateway.New(gateway.Config{}).Open(gateway.Spec{
		ID: "t/1", Scope: "t/1", Model: model.Name{Provider: "openai", Model: "m-1"},
		Provider: model.Provider{Name: "openai", BaseURL: srv.URL + "/v1", Protocols: []model.Protocol{model.Responses, model.Chat}, Key: model.NewKey(planted)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return a, srv
}

func open(t testing.TB, cfg session.Config, tk *task.Task) *session.Session {
	t.Helper()
	s, err := session.Open(t.Context(), cfg, tk)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func sh(t testing.TB, s *session.Session, script string) string {
	t.Helper()
	r, err := s.Run(t.Context(), sandbox.Cmd{Args: []string{"sh", "-c", script}})
	if err != nil {
		t.Fatal(err)
	}
	if !r.OK() {
		t.Fatalf("%s: %v: %s%s", script, r, r.Stdout, r.Stderr)
	}
	return string(r.Stdout)
}

// What the agent did to the workspace is the patch, and nothing of what tools
// leave behind.
func TestPatch(t *testing.T) {
	s := open(t, session.Config{Backend: boxes(t), Git: true, Scratch: []string{".agent", "log.txt"}}, theTask())
	sh(t, s, `printf 'one\nmore\n' >a.txt; rm sub/b.txt; mkdir -p new/deep; echo x >new/deep/c; chmod 644 run.sh; ln -s a.txt link
		mkdir -p __pycache__ target/debug .agent sub/.git node_modules/other nm/node_modules
		echo x >__pycache__/a.pyc; echo x >sub/m.pyc; echo Signature: >target/CACHEDIR.TAG; echo x >target/debug/big; echo x >.agent/state; echo x >log.txt
		echo x >sub/.git/config; echo 2 >node_modules/own.js; echo x >node_modules/other/x.js; echo x >nm/node_modules/y.js`)
	r, err := s.Finish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range r.Patch.Changes {
		name := c.Path
		if c.Delete {
			name = "-" + name
		}
		got = append(got, name)
	}
	want := []string{"a.txt", "link", "new/deep/c", "node_modules/other/x.js", "node_modules/own.js", "run.sh", "-sub/b.txt"}
	if !slices.Equal(got, want) {
		t.Errorf("the patch has %q, want %q", got, want)
	}
	if _, err := theTask().Workspace.Apply(r.Patch); err != nil {
		t.Error(err)
	}
	if r.CPU <= 0 || r.Failed != "" {
		t.Errorf("%v, %q", r.CPU, r.Failed)
	}
	if again, err := s.Finish(t.Context()); err != nil || len(again.Patch.Changes) != len(want) {
		t.Errorf("a second Finish: %+v %v", again, err)
	}
}

// An agent may do to its repository what it wants.
func TestRepository(t *testing.T) {
	b := boxes(t)
	s := open(t, session.Config{Backend: b, Git: true}, theTask())
	if !s.HasGit() {
		t.Fatal("the box has no git")
	}
	first := sh(t, s, "git log --format='%H %an %s'; git remote; git status --porcelain; git ls-files | tr '\\n' ' '")
	const want = " metr Start\na.txt node_modules/own.js run.sh sub/b.txt "
	if !strings.HasSuffix(first, want) || strings.Count(first, "\n") != 1 {
		t.Errorf("the repository says %q, want ...%q", first, want)
	}
	other := open(t, session.Config{Backend: b, Git: true}, theTask())
	if again := sh(t, other, "git log --format='%H %an %s'"); again != strings.SplitAfter(first, "\n")[0] {
		t.Errorf("another attempt starts from another commit: %q, %q", again, first)
	}
	sh(t, s, "echo 1 >a.txt && git commit -qam work && git checkout -q -b b && rm -rf .git")
	r, err := s.Finish(t.Context())
	if err != nil || len(r.Patch.Changes) != 1 || string(r.Patch.Changes[0].Data) != "1\n" {
		t.Errorf("%+v %v", r.Patch, err)
	}
}

// A program in the box reaches its model with the token, and no key is there.
func TestGateway(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", planted)
	a, srv := access(t, func(standin.Request) standin.Turn {
		return standin.Turn{Text: "forty-two", Usage: standin.Usage{Input: 10, Cached: 4, Output: 3}}
	})
	s := open(t, session.Config{Backend: boxes(t), Attempt: a, Env: []string{"A=1"}}, theTask())
	const ask = `import json, os, sys, urllib.request
def call(path, body, token):
    r = urllib.request.Request(os.environ["U"] + path, json.dumps(body).encode(), {"Authorization": "Bearer " + token, "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(r) as a: return a.status, json.load(a)
    except urllib.error.HTTPError as e: return e.code, e.read().decode()
m = [{"role": "user", "content": "hello"}]
print(call("/v1/chat/completions", {"model": "m-1", "messages": m}, os.environ["T"])[1]["choices"][0]["message"]["content"])
print(call("/v1/chat/completions", {"model": "m-2", "messages": m}, os.environ["T"])[0])
print(call("/v1/chat/completions", {"model": "m-1", "messages": m}, "sk-other")[0])
`
	r, err := s.Run(t.Context(), sandbox.Cmd{Args: []string{"python3", "-c", ask}, Env: []string{"U=" + s.URL(), "T=" + s.Token()}})
	if err != nil || !r.OK() {
		t.Fatalf("%v %v %s", r, err, r.Stderr)
	}
	if out := string(r.Stdout); !strings.HasPrefix(out, "forty-two\n40") || !strings.HasSuffix(out, "401\n") {
		t.Errorf("the program was told %q", out)
	}
	found := sh(t, s, `grep -rsl "planted-[0]123456789" /work /home /tmp /etc /proc/[0-9]*/environ /proc/[0-9]*/cmdline | sed 's/^/FOUND in /'; env`)
	if strings.Contains(found, "FOUND") || strings.Contains(found, planted) {
		t.Errorf("the key is in the box: %s", found)
	}
	if !strings.Contains(found, "\nA=1\n") {
		t.Errorf("the session's environment is not there: %s", found)
	}
	got, err := s.Finish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	u := got.Usage
	if u.Calls != 1 || got.Tokens() != (task.Tokens{In: 10, Cached: 4, Out: 3}) || u.Refused[gateway.RefusedModel] != 1 || u.Refused[gateway.RefusedToken] != 1 {
		t.Errorf("usage %+v", u)
	}
	if n := len(srv.Requests()); n != 1 {
		t.Errorf("%d calls went out", n)
	}
	r, err = s.Run(t.Context(), sandbox.Cmd{Args: []string{"python3", "-c", ask}, Env: []string{"U=" + s.URL(), "T=" + s.Token()}})
	if err != nil || r.OK() || len(srv.Requests()) != 1 {
		t.Errorf("after Finish the token is still worth something: %v %v", r, err)
	}
}

// The gateway's place is taken before the agent comes.
func TestPortIsTaken(t *testing.T) {
	a, srv := access(t, func(standin.Request) standin.Turn { return standin.Turn{Text: "from the model"} })
	s := open(t, session.Config{Backend: boxes(t), Attempt: a}, theTask())
	const squat = `import json, os, socket, urllib.request
for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
    x = socket.socket(family, socket.SOCK_STREAM)
    x.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    x.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        x.bind((host, 61617))
        x.listen()
        print("squatted", host)
    except OSError: pass
r = urllib.request.Request(os.environ["U"] + "/v1/chat/completions", json.dumps({"model": "m-1", "messages": [{"role": "user", "content": "x"}]}).encode(), {"Authorization": "Bearer " + os.environ["T"]})
print(json.load(urllib.request.urlopen(r))["choices"][0]["message"]["content"])
`
	r, err := s.Run(t.Context(), sandbox.Cmd{Args: []string{"python3", "-c", squat}, Env: []string{"U=" + s.URL(), "T=" + s.Token()}})
	if err != nil || string(r.Stdout) != "from the model\n" || len(srv.Requests()) != 1 {
		t.Errorf("%v %v: %s%s", r, err, r.Stdout, r.Stderr)
	}
}

// The agent's limits hold, and are an outcome.
func TestLimits(t *testing.T) {
	b := boxes(t)
	s := open(t, session.Config{Backend: b, Limits: task.Limits{Wall: 1e9}}, theTask())
	r, err := s.Run(t.Context(), sandbox.Cmd{Args: []string{"sh", "-c", "echo half >a.txt; sleep 60"}})
	if err != nil || r.End != sandbox.TimedOut {
		t.Errorf("%v %v", r, err)
	}
	got, err := s.Finish(t.Context())
	if err != nil || len(got.Patch.Changes) != 1 {
		t.Errorf("the work before the limit is lost: %+v %v", got, err)
	}
	s = open(t, session.Config{Backend: b}, theTask())
	sh(t, s, "head -c 300M /dev/zero >big")
	if got, err = s.Finish(t.Context()); err != nil || got.Failed != "the agent left more than 256 MiB in its workspace" {
		t.Errorf("%q %v", got.Failed, err)
	}
}

// A sandbox that cannot lead to the gateway says so, and what to do.
func TestNoListener(t *testing.T) {
	b := none.Backend{}
	a, _ := access(t, standin.Steps(standin.Turn{Text: "x"}))
	if s, err := session.Open(t.Context(), session.Config{Backend: b, Attempt: a}, theTask()); !errors.Is(err, session.ErrNoListener) {
		t.Errorf("%v %v", s, err)
	}
}
