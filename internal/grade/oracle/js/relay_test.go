package js

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

func lay(t testing.TB, s Step) {
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

func node() string {
	if n := os.Getenv("METR_TEST_NODE"); n != "" {
		return n
	}
	return "node"
}

func start(t testing.TB, ctx context.Context, s Step) *proc {
	t.Helper()
	args := append([]string(nil), s.Cmd.Args...)
	for i, a := range args {
		if a == "node" {
			args[i] = node()
		}
	}
	p := &proc{cmd: exec.CommandContext(ctx, args[0], args[1:]...)}
	p.cmd.Dir = s.Cmd.Dir
	p.cmd.Stderr = &p.log
	p.cmd.WaitDelay = time.Second
	in, err := p.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.in, p.out = in, out
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("%v: node is needed by this test", err)
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
	done  bool
	log   string
	pairs int
}

// run judges with steps: the judge and the subjects by number.
func run(t testing.TB, judge Step, subjects ...Step) verdict {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	lay(t, judge)
	for _, s := range subjects {
		lay(t, s)
	}
	j := start(t, ctx, judge)
	defer j.stop()
	subs := map[int]*proc{}
	gone := map[int]string{}
	defer func() {
		for _, s := range subs {
			s.stop()
		}
	}()
	v := verdict{tests: map[string]string{}, label: map[string]string{}}
	lose := func(n int, why string) {
		gone[n] = why
		if err := j.write(fmt.Appendf(nil, `{"gone":%q}`, why)); err != nil {
			t.Fatal(err)
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
			if v.tests[q.Name] == "" {
				v.tests[q.Name] = q.Message
			}
			v.label[q.Name] = q.Label
			continue
		case "pairs":
			v.pairs += len(q.Rows)
			continue
		case "done":
			v.done = true
			continue
		case "cpu":
			if err := j.write([]byte(`{"ok":1}`)); err != nil {
				t.Fatal(err)
			}
			continue
		case "restart":
			if s := subs[q.To]; s != nil {
				s.stop()
			}
			delete(subs, q.To)
			delete(gone, q.To)
			if err := j.write([]byte(`{"ok":null}`)); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if gone[q.To] != "" {
			lose(q.To, gone[q.To])
			continue
		}
		s := subs[q.To]
		if s == nil {
			s = start(t, ctx, subjects[q.To])
			subs[q.To] = s
		}
		s.write(frame) // a dead one shows when it is read
		late := time.AfterFunc(patience, s.kill)
		reply, err := s.read()
		late.Stop()
		if err != nil || !json.Valid(reply) {
			s.stop()
			lose(q.To, fmt.Sprintf("%v\n%s", s.cmd.ProcessState, s.log.String()))
			continue
		}
		if err := j.write(reply); err != nil {
			t.Fatal(err)
		}
	}
}

// judged runs one test file against one module in src/m.js.
func judged(t testing.TB, module, test string) verdict {
	t.Helper()
	return judgedFiles(t, map[string]string{"src/m.js": module, "package.json": `{"type": "module"}`}, test)
}

func judgedFiles(t testing.TB, workspace map[string]string, test string) verdict {
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
	j, err := Judge(judgeDir, task.Tree{"a.test.mjs": {Data: []byte(test)}})
	if err != nil {
		t.Fatal(err)
	}
	var subs []Step
	for range 3 {
		s, err := Subject(t.TempDir(), work, "")
		if err != nil {
			t.Fatal(err)
		}
		subs = append(subs, s)
	}
	return run(t, j, subs...)
}
