package golang

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"metr/internal/sandbox"
	"metr/internal/task"
)

// A stand-in for the relay: plain processes without a sandbox, frames passed as
// they are. The real one is tested in its own package.

type proc struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out io.Reader
	log bytes.Buffer
}

func start(t testing.TB, ctx context.Context, c sandbox.Cmd) *proc {
	t.Helper()
	p := &proc{cmd: exec.CommandContext(ctx, c.Args[0], c.Args[1:]...)}
	p.cmd.Dir = c.Dir
	p.cmd.Stderr = &p.log
	p.cmd.WaitDelay = time.Second
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if p.out, err = p.cmd.StdoutPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// patience is how long a subject may take for an answer. The candidates that
// answer at all do so in milliseconds.
const patience = 4 * time.Second

// kill ends the process and the reading of its output, which its children may
// hold open.
func (p *proc) kill() {
	p.cmd.Process.Kill()
	p.out.(io.Closer).Close()
}

func (p *proc) stop() {
	p.kill()
	p.cmd.Wait()
}

func (p *proc) read() ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(p.out, head[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > 16<<20 {
		return nil, fmt.Errorf("a frame of %d bytes", n)
	}
	body := make([]byte, n)
	_, err := io.ReadFull(p.out, body)
	return body, err
}

func (p *proc) write(body []byte) error {
	_, err := p.in.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...))
	return err
}

type verdict struct {
	tests map[string]string // name: "" for a pass, else the message
	label map[string]string
	done  int
	pairs int
	log   string
}

// judge runs the built judge against the built subject.
func judge(t testing.TB, judge, subject sandbox.Cmd, patience time.Duration) verdict {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	j := start(t, ctx, judge)
	defer j.stop()
	subs := map[int]*proc{}
	gone := map[int]string{}
	defer func() {
		for _, s := range subs {
			s.stop()
		}
	}()
	v := verdict{tests: map[string]string{}, label: map[string]string{}, done: -1}
	answer := func(body []byte) {
		if err := j.write(body); err != nil {
			t.Fatalf("the judge does not read: %v\n%s", err, j.log.String())
		}
	}
	for {
		frame, err := j.read()
		if err != nil {
			j.cmd.Wait()
			v.log = j.log.String()
			return v
		}
		var q struct {
			Op, Name, Label, Status, Message string
			To, Tests                        int
			Rows                             [][]int64
		}
		if err := json.Unmarshal(frame, &q); err != nil {
			t.Fatalf("judge sent %q: %v", frame, err)
		}
		switch q.Op {
		case "result":
			if (q.Status == "pass") != (q.Message == "") {
				t.Errorf("result %q: status %s with message %q", q.Name, q.Status, q.Message)
			}
			v.tests[q.Name], v.label[q.Name] = q.Message, q.Label
			continue
		case "pairs":
			v.pairs += len(q.Rows)
			continue
		case "done":
			v.done = q.Tests
			continue
		case "cpu":
			answer([]byte(`{"ok":1}`))
			continue
		case "restart":
			if s := subs[q.To]; s != nil {
				s.stop()
			}
			delete(subs, q.To)
			delete(gone, q.To)
			answer([]byte(`{"ok":null}`))
			continue
		}
		s := subs[q.To]
		if s == nil {
			s = start(t, ctx, subject)
			subs[q.To] = s
		}
		if gone[q.To] == "" {
			s.write(frame) // a dead one shows when it is read
			late := time.AfterFunc(patience, s.kill)
			reply, err := s.read()
			late.Stop()
			if err == nil && json.Valid(reply) {
				answer(reply)
				continue
			}
			s.stop()
			gone[q.To] = fmt.Sprintf("%v\n%s", s.cmd.ProcessState, s.log.String())
		}
		answer(fmt.Appendf(nil, `{"gone":%q}`, gone[q.To]))
	}
}

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
	return judge(t, buildJudge(t, test), buildSubject(t, candidate, table), patience)
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
