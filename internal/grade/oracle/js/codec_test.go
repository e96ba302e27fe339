package js_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"os/exec"
	"testing"
	"time"

	"metr/internal/grade/oracle/js"
)

// The subject answers any frame with one frame of JSON, or ends; it never hangs
// and never sends anything else.
func FuzzSubject(f *testing.F) {
	for _, s := range []string{
		`{"op":"exec","src":"function f(x){return x}","file":"a.js"}`, `{"op":"call","obj":1,"name":"f","args":[{"i":"-0x1f"}],"copy":true}`,
		`{"op":"get","obj":1,"name":"f"}`, `{"op":"call","obj":2,"name":null,"args":[{"f":"nan"},{"s":"ANg="},{"S":[1]},{"D":[[1,{"O":[["__proto__",2]]}]]},{"d":1},{"b":"AA=="},{"u":0},{"T":[]}]}`,
		`{"op":"new","obj":2,"args":[{"cb":2}]}`, `{"op":"iter","obj":1}`, `{"op":"call","obj":9}`, `[]`, `null`, `{`, `{"op":"item","obj":1,"key":{"h":1}}`, `{"op":"exec","src":"throw {get then(){throw 1}}"}`,
	} {
		f.Add([]byte(s))
	}
	step, err := js.Subject(f.TempDir(), f.TempDir(), "")
	if err != nil {
		f.Fatal(err)
	}
	lay(f, step)
	var p *pipe // lives on while it answers
	f.Cleanup(func() {
		if p != nil {
			p.stop()
		}
	})
	f.Fuzz(func(t *testing.T, body []byte) {
		if bytes.Contains(body, []byte("exec")) && !bytes.Contains(body, []byte("function f(x)")) && !bytes.Contains(body, []byte("then()")) {
			return // foreign code may do as it likes
		}
		if p == nil {
			p = startPipe(t, step)
			if p.write([]byte(`{"op":"exec","src":"function f(x){return x}","file":"a.js"}`)) != nil {
				t.Fatal("the subject did not start")
			}
			if _, err := p.read(); err != nil {
				t.Fatal(err)
			}
		}
		end := func() {
			p.stop()
			p = nil
		}
		late := time.AfterFunc(20*time.Second, p.kill)
		err := p.write(body)
		var reply []byte
		if err == nil {
			reply, err = p.read()
		}
		if !late.Stop() {
			t.Fatal("no answer")
		}
		if err != nil { // it ended
			end()
			return
		}
		var m map[string]json.RawMessage
		if json.Unmarshal(reply, &m) != nil || m["ok"] == nil && m["err"] == nil && m["cb"] == nil {
			t.Fatalf("reply %q", reply)
		}
		if m["cb"] != nil {
			end() // it waits for the judge's function
		}
	})
}

// pipe is a subject that is asked without the relay.
type pipe struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out io.ReadCloser
}

func startPipe(t testing.TB, s js.Step) *pipe {
	t.Helper()
	c := command(s)
	p := &pipe{cmd: exec.Command(c.Args[0], c.Args[1:]...)}
	p.cmd.Dir = c.Dir
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

func (p *pipe) kill() {
	p.cmd.Process.Kill()
	p.out.Close()
}

func (p *pipe) stop() {
	p.kill()
	_ = p.cmd.Wait() // it was killed
}

func (p *pipe) read() ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(p.out, head[:]); err != nil {
		return nil, err
	}
	body := make([]byte, binary.BigEndian.Uint32(head[:]))
	_, err := io.ReadFull(p.out, body)
	return body, err
}

func (p *pipe) write(body []byte) error {
	_, err := p.in.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...))
	return err
}
