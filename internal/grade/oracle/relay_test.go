package oracle

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"metr/internal/sandbox"
	"metr/internal/task"
)

// fakeProcess is a goroutine that plays a process.
type fakeProcess struct {
	done chan struct{}
	end  sync.Once
	res  sandbox.Result
	cpu  time.Duration
}

func (p *fakeProcess) Wait() (sandbox.Result, error) { <-p.done; return p.res, nil }
func (p *fakeProcess) CPU() (time.Duration, error)   { return p.cpu, nil }
func (p *fakeProcess) Kill()                         { p.end.Do(func() { p.res.End = sandbox.Killed; close(p.done) }) }

type wire struct {
	net.Conn
	frames frames
}

// say sends a body and returns the answer's body, "" at the stream's end.
func (w *wire) say(body string) string {
	if writeFrame(w, []byte(body)) != nil {
		return ""
	}
	return w.hear()
}

func (w *wire) hear() string {
	b, err := w.frames.next()
	if err != nil {
		return ""
	}
	return string(b[headerLen:])
}

// play starts f as a process over in-memory pipes.
func play(f func(w *wire)) *Peer {
	inside, outside := net.Pipe()
	p := &fakeProcess{done: make(chan struct{}), res: sandbox.Result{End: sandbox.Exited, Code: 7}}
	w := &wire{Conn: inside}
	w.frames.r = inside
	go func() {
		f(w)
		p.end.Do(func() { close(p.done) })
		inside.Close()
	}()
	return NewPeer(p, outside, outside, func() { inside.Close() }, nil)
}

// judging runs a judge's script against a subject's.
func judging(t *testing.T, judge, subject func(w *wire), lim Limits) (Result, error) {
	t.Helper()
	j := play(judge)
	defer j.Close()
	return Run(context.Background(), j, func(context.Context, int) (*Peer, error) { return play(subject), nil }, lim)
}

func answers(list ...string) func(w *wire) {
	return func(w *wire) {
		for _, a := range list {
			if w.hear() == "" || writeFrame(w, []byte(a)) != nil {
				return
			}
		}
	}
}

func TestRelayPassesQuestionsAndVerdicts(t *testing.T) {
	var got []string
	res, err := judging(t, func(w *wire) {
		got = append(got, w.say(`{"op":"load","to":0,"name":"m"}`), w.say(`{"op":"len","to":0,"obj":1}`),
			w.say(`{"op":"cpu","to":0}`), w.say(`{"op":"restart","to":0}`), w.say(`{"op":"load","to":0,"name":"m"}`))
		writeFrame(w, []byte(`{"op":"result","name":"test_edge_a","label":"edge","status":"pass"}`))
		writeFrame(w, []byte(`{"op":"pairs","name":"p","rows":[[1,2,3,4]]}`))
		writeFrame(w, []byte(`{"op":"weak","why":"w"}`))
		writeFrame(w, []byte(`{"op":"done","tests":1}`))
	}, answers(`{"ok": {"h":1,"k":"module"}}`, `{"ok":3}`), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"ok":{"h":1,"k":"module"}} {"ok":3} {"ok":0} {"ok":null} {"ok":{"h":1,"k":"module"}}`
	if s := strings.Join(got, " "); s != want {
		t.Errorf("the judge heard %s; want %s", s, want)
	}
	if len(res.Tests) != 1 || res.Tests[0].Label != task.Edge || res.Weak != "w" || len(res.Pairs) != 1 || res.Calls != 3 {
		t.Errorf("%+v", res)
	}
}

func TestLostSubjects(t *testing.T) {
	stall := func(w *wire) { w.hear(); w.hear() }
	for name, c := range map[string]struct {
		subject func(w *wire)
		reason  string
	}{
		"ends":           {answers(), "the program ended: exit status 7"},
		"rubbish":        {answers("rubbish"), "broken reply: byte 0: expected '{'"},
		"verdict":        {answers(`{"op":"done","tests":0}`), "broken reply: byte 6"},
		"huge length":    {func(w *wire) { w.hear(); w.Write([]byte{0xff, 0xff, 0xff, 0xff}) }, "broken reply: a frame of 4294967295 bytes"},
		"empty frame":    {func(w *wire) { w.hear(); w.Write([]byte{0, 0, 0, 0}) }, "broken reply: an empty frame"},
		"half a frame":   {func(w *wire) { w.hear(); w.Write([]byte{0, 0, 0, 9, 'a'}) }, "broken reply: the stream ended within a frame"},
		"says nothing":   {stall, "wall time limit exceeded: no answer in"},
		"does not read":  {func(w *wire) { time.Sleep(time.Minute) }, "wall time limit exceeded: the program does not read"},
		"half then none": {func(w *wire) { w.hear(); w.Write([]byte{0, 0, 0, 9, 'a'}); w.hear() }, "wall time limit exceeded: no answer in"},
	} {
		var first, second string
		res, err := judging(t, func(w *wire) {
			first = w.say(`{"op":"load","to":0,"name":"m"}`)
			second = w.say(`{"op":"len","to":0,"obj":1}`)
			writeFrame(w, []byte(`{"op":"done","tests":0}`))
		}, c.subject, Limits{Call: 20 * time.Millisecond, Wall: 100 * time.Millisecond})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !strings.HasPrefix(res.Gone, c.reason) || !strings.HasPrefix(first, `{"gone":"`) || second != first {
			t.Errorf("%s: %q, the judge heard %s and %s; want %q twice", name, res.Gone, first, second, c.reason)
		}
	}
}

func TestCPULimitNamesItself(t *testing.T) {
	j := play(func(w *wire) {
		w.say(`{"op":"load","to":0,"name":"m","limit_ms":30}`)
		writeFrame(w, []byte(`{"op":"done","tests":0}`))
	})
	defer j.Close()
	res, err := Run(context.Background(), j, func(context.Context, int) (*Peer, error) {
		p := play(func(w *wire) { w.hear(); w.hear() })
		p.proc.(*fakeProcess).cpu = 40 * time.Millisecond
		return p, nil
	}, Limits{Wall: time.Minute})
	if err != nil || res.Gone != "cpu time limit exceeded: more than 30ms for one call" {
		t.Errorf("%q, %v", res.Gone, err)
	}
}

func TestBrokenJudgeIsOurError(t *testing.T) {
	for name, c := range map[string]struct {
		judge  func(w *wire)
		reason string
	}{
		"dies":        {func(w *wire) {}, "the judge ended before it was done (exit status 7)"},
		"fork dies":   {func(w *wire) { writeFrame(w, []byte(`{"end":3,"error":"x"}`)) }, "the judge ended before it was done (status 3)"},
		"breaks down": {func(w *wire) { writeFrame(w, []byte(`{"op":"broken","message":"bad test"}`)) }, "broke down: bad test"},
		"miscounts":   {func(w *wire) { writeFrame(w, []byte(`{"op":"done","tests":2}`)) }, "ran 2 tests and reported 0"},
		"bad status":  {func(w *wire) { writeFrame(w, []byte(`{"op":"result","name":"a","status":"ok"}`)) }, "expected pass or fail"},
		"bad subject": {func(w *wire) { w.say(`{"op":"load","to":9,"name":"m"}`) }, "subject 9"},
		"not JSON":    {func(w *wire) { writeFrame(w, []byte(`x`)) }, "broken frame"},
	} {
		_, err := judging(t, c.judge, answers(), Limits{})
		if err == nil || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: %v; want an error with %q", name, err, c.reason)
		}
	}
}

func TestJudgeOverItsTimeIsTheCandidates(t *testing.T) {
	for name, judge := range map[string]func(w *wire){
		"cpu":  func(w *wire) { writeFrame(w, []byte(`{"end":-24,"error":"cpu"}`)) },
		"wall": func(w *wire) { w.hear() },
	} {
		res, err := judging(t, judge, answers(), Limits{Run: 100 * time.Millisecond})
		if err != nil || res.Late == "" {
			t.Errorf("%s: %+v, %v", name, res, err)
		}
	}
}

func TestCancelEndsAll(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	j := play(func(w *wire) { w.say(`{"op":"load","to":0,"name":"m"}`) })
	defer j.Close()
	_, err := Run(ctx, j, func(context.Context, int) (*Peer, error) {
		return play(func(w *wire) { w.hear(); cancel(); w.hear() }), nil
	}, Limits{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v; want context.Canceled", err)
	}
}

func TestOpenFailureIsOurError(t *testing.T) {
	j := play(func(w *wire) { w.say(`{"op":"load","to":0,"name":"m"}`) })
	defer j.Close()
	boom := errors.New("boom")
	_, err := Run(context.Background(), j, func(context.Context, int) (*Peer, error) { return nil, boom }, Limits{})
	if !errors.Is(err, boom) {
		t.Errorf("%v; want %v", err, boom)
	}
}

// Frames of any cut arrive whole or as an error, never as a panic.
func FuzzFrames(f *testing.F) {
	f.Add([]byte{0, 0, 0, 1, 'a', 0, 0, 0, 2, 'b', 'c'}, 3)
	f.Add([]byte{0xff, 0, 0, 0}, 1)
	f.Fuzz(func(t *testing.T, in []byte, chunk int) {
		fr := frames{r: &chunks{in, max(1, chunk%7)}}
		total := 0
		for {
			b, err := fr.next()
			if err != nil {
				break
			}
			if len(b) <= headerLen {
				t.Fatal("an empty frame passed")
			}
			total += len(b)
		}
		if total > len(in) {
			t.Fatalf("%d bytes came from %d", total, len(in))
		}
	})
}

type chunks struct {
	b []byte
	n int
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.b) == 0 {
		return 0, errors.New("end")
	}
	n := copy(p[:min(len(p), c.n)], c.b)
	c.b = c.b[n:]
	return n, nil
}
