package golang

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"metr/internal/grade/oracle"
	"metr/internal/sandbox"
	"metr/internal/task"
)

// A process without a sandbox, for the relay. The sandboxes are tested in their
// own packages.
type proc struct {
	cmd   *exec.Cmd
	began time.Time
}

func (p *proc) Wait() (sandbox.Result, error) {
	_ = p.cmd.Wait() // its status is read here
	s := p.cmd.ProcessState
	r := sandbox.Result{End: sandbox.Exited, Code: s.ExitCode(), Stderr: p.cmd.Stderr.(*bytes.Buffer).Bytes(), CPU: s.UserTime() + s.SystemTime()}
	if r.Code < 0 {
		r.End, r.Signal = sandbox.Signaled, s.String()
	}
	return r, nil
}

// CPU is the elapsed time: a process that hangs without working is ended too.
func (p *proc) CPU() (time.Duration, error) { return time.Since(p.began), nil }

func (p *proc) Kill() { p.cmd.Process.Kill() }

// open starts c as a judge or subject.
func open(ctx context.Context, c sandbox.Cmd) (*oracle.Peer, error) {
	inR, inW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	outR, outW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p := &proc{cmd: exec.CommandContext(ctx, c.Args[0], c.Args[1:]...), began: time.Now()}
	p.cmd.Dir, p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = c.Dir, inR, outW, &bytes.Buffer{}
	p.cmd.WaitDelay = time.Second
	err = p.cmd.Start()
	inR.Close()
	outW.Close()
	if err != nil {
		return nil, err
	}
	return oracle.NewPeer(p, inW, outR, nil, nil), nil
}

// verdict is the relay's result by test: the message, "" for a pass.
type verdict struct {
	oracle.Result
	tests map[string]string
	label map[string]task.Label
}

// judge runs a judge against subjects by number.
func judge(t testing.TB, c sandbox.Cmd, patience time.Duration, subjects ...sandbox.Cmd) verdict {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	peer, err := open(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	start := func(ctx context.Context, n int) (*oracle.Peer, error) { return open(ctx, subjects[n%len(subjects)]) }
	res, err := oracle.Run(ctx, peer, start, oracle.Limits{Call: patience, Wall: patience})
	if err != nil {
		t.Fatal(err)
	}
	v := verdict{Result: res, tests: map[string]string{}, label: map[string]task.Label{}}
	for _, r := range res.Tests {
		if (r.Status == task.Pass) != (r.Message == "") {
			t.Errorf("result %q: status %s with message %q", r.Name, r.Status, r.Message)
		}
		if v.tests[r.Name] == "" {
			v.tests[r.Name] = r.Message
		}
		v.label[r.Name] = r.Label
	}
	return v
}

// patience is how long a subject may take for an answer, far longer than the
// answers of these tests take.
const patience = 20 * time.Second

func tree(files map[string]string) task.Tree {
	t := task.Tree{}
	for p, s := range files {
		t[p] = file(s)
	}
	return t
}

// build lays b and runs its command.
func build(t testing.TB, b Build) {
	t.Helper()
	for p, f := range b.Files {
		name := filepath.Join(b.Dir, p)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.Command(b.Cmd.Args[0], b.Cmd.Args[1:]...)
	c.Dir = b.Cmd.Dir
	c.Env = append(os.Environ(), b.Cmd.Env...)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// judged builds and judges a candidate's package m, a table and a test file.
func judged(t testing.TB, candidate, table, test string) verdict {
	t.Helper()
	return judge(t, buildJudge(t, test), patience, buildSubject(t, candidate, table))
}

func buildSubject(t testing.TB, candidate, table string) sandbox.Cmd {
	t.Helper()
	workspace := tree(map[string]string{
		"go.mod": "module example.com/m\n\ngo 1.22\n", "internal/m/m.go": candidate,
		"checked/evil.go": "package main\n\nfunc init() { panic(\"left by the candidate\") }\n",
	})
	out := filepath.Join(t.TempDir(), "subject")
	b, err := Subject(workspace, tree(map[string]string{"subject/main.go": table}), t.TempDir(), "checked", out)
	if err != nil {
		t.Fatal(err)
	}
	build(t, b)
	return Run(out, b.Dir)
}

func buildJudge(t testing.TB, test string) sandbox.Cmd {
	t.Helper()
	out := filepath.Join(t.TempDir(), "judge")
	b, err := Judge(tree(map[string]string{"judge/a_test.go": test}), t.TempDir(), out)
	if err != nil {
		t.Fatal(err)
	}
	build(t, b)
	return Run(out, b.Dir)
}
