package js_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"metr/internal/grade/oracle"
	"metr/internal/grade/oracle/js"
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

func lay(t testing.TB, s js.Step) {
	t.Helper()
	for p, f := range s.Files {
		name := filepath.Join(s.Dir, p)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// command is a step's command with the node that METR_TEST_NODE names, if any.
func command(s js.Step) sandbox.Cmd {
	c := s.Cmd
	if n := os.Getenv("METR_TEST_NODE"); n != "" {
		c.Args = slices.Clone(c.Args)
		c.Args[slices.Index(c.Args, "node")] = n
	}
	return c
}

// run judges with steps: the judge and the subjects by number.
func run(t testing.TB, j js.Step, patience time.Duration, subjects ...js.Step) verdict {
	t.Helper()
	lay(t, j)
	var cmds []sandbox.Cmd
	for _, s := range subjects {
		lay(t, s)
		cmds = append(cmds, command(s))
	}
	return judge(t, command(j), patience, cmds...)
}

// judged runs one test file against one module in src/m.js.
func judged(t testing.TB, module, test string, limit time.Duration) verdict {
	t.Helper()
	return judgedFiles(t, map[string]string{"src/m.js": module, "package.json": `{"type": "module"}`}, test, limit)
}

func judgedFiles(t testing.TB, workspace map[string]string, test string, limit time.Duration) verdict {
	t.Helper()
	work, judgeDir := t.TempDir(), t.TempDir()
	for p, s := range workspace {
		name := filepath.Join(work, p)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(s), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	j, err := js.Judge(judgeDir, task.Tree{"a.test.mjs": {Data: []byte(test)}})
	if err != nil {
		t.Fatal(err)
	}
	var subs []js.Step
	for range 3 {
		s, err := js.Subject(t.TempDir(), work, "")
		if err != nil {
			t.Fatal(err)
		}
		subs = append(subs, s)
	}
	return run(t, j, limit, subs...)
}
