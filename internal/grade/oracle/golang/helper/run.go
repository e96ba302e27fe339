package helper

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// wireChild marks a process that runs one test and writes its results to
// descriptor 5.
const wireChild = "METR_JUDGE_CHILD"

// wireMain runs every test in a process of its own, so that one that panics on
// what the candidate answered fails alone, and says done after the last. It is
// called by TestMain.
func wireMain(m *testing.M) int {
	if os.Getenv(wireChild) != "" {
		return m.Run()
	}
	conn := wireTheJudge().conn
	self, err := os.Executable()
	if err != nil {
		return wireBroken(err)
	}
	c := exec.Command(self, "-test.list=.")
	c.Env = append(os.Environ(), wireChild+"=1")
	list, err := c.Output()
	if err != nil {
		return wireBroken(err)
	}
	return wireAll(self, strings.Fields(string(list)), conn)
}

func wireBroken(err error) int {
	fmt.Fprintln(os.Stderr, "judge:", err)
	return 3
}

// wireAll runs the named tests one by one.
func wireAll(self string, names []string, conn wireConn) int {
	total := 0
	for i, name := range names {
		if i > 0 { // what the last test used; a fresh process has no memory of it
			for n := 0; n < 3; n++ {
				if err := wireFresh(conn, n); err != nil {
					return wireBroken(err)
				}
			}
		}
		results, err := wireOne(self, name)
		if err != nil {
			return wireBroken(err)
		}
		for _, r := range results {
			if err := conn.write(r.frame()); err != nil {
				return wireBroken(err)
			}
		}
		total += len(results)
	}
	if err := conn.write([]byte(fmt.Sprintf(`{"op":"done","tests":%d}`, total))); err != nil {
		return wireBroken(err)
	}
	return 0
}

// wireFresh ends a subject, if it runs.
func wireFresh(conn wireConn, n int) error {
	if err := conn.write([]byte(fmt.Sprintf(`{"op":"restart","to":%d}`, n))); err != nil {
		return err
	}
	_, err := conn.read()
	return err
}

// wireOutcome is one test's result.
type wireOutcome struct{ name, status, msg string }

func (o wireOutcome) frame() []byte {
	msg := o.msg
	if len(msg) > 4000 {
		msg = msg[:4000]
	}
	out := wireQuote([]byte(`{"op":"result","name":`), o.name)
	out = wireQuote(append(out, `,"label":`...), wireLabel(o.name))
	out = wireQuote(append(out, `,"status":`...), o.status)
	return append(wireQuote(append(out, `,"message":`...), strings.ToValidUTF8(msg, "\ufffd")), '}')
}

// wireOne runs one test in a process of its own and returns its results. A
// process that did not end as tests do passes nothing: a panic runs the test's
// clean-up before anyone says that it failed.
func wireOne(self, name string) ([]wireOutcome, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	c := exec.Command(self, "-test.run=^"+name+"$", "-test.timeout=0", "-test.parallel=1")
	c.Env = append(os.Environ(), wireChild+"=1")
	c.ExtraFiles = []*os.File{wireIn(), wireOut(), w}
	var text bytes.Buffer
	c.Stdout, c.Stderr = &text, &text
	if err := c.Start(); err != nil {
		w.Close()
		return nil, err
	}
	w.Close()
	var results []wireOutcome
	failed := false
	for in := (wireConn{r, nil}); ; {
		m, err := in.read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		o := wireOutcome{}
		o.name, _ = m["name"].(string)
		o.status, _ = m["status"].(string)
		o.msg, _ = m["message"].(string)
		failed = failed || o.status != "pass"
		results = append(results, o)
	}
	_ = c.Wait() // its status is read below
	os.Stderr.Write(text.Bytes())
	code := c.ProcessState.ExitCode()
	why := strings.TrimSpace(text.String())
	switch {
	case code == 3:
		return nil, fmt.Errorf("test %s lost the channel", name)
	case len(results) == 0 && code == 0:
		return []wireOutcome{{name, "fail", "the test never asked for its subject"}}, nil
	case len(results) == 0:
		return []wireOutcome{{name, "fail", why}}, nil
	case code != 0 && (code != 1 || !failed):
		for i := range results {
			if results[i].status == "pass" {
				results[i].status, results[i].msg = "fail", why
			}
		}
	}
	return results, nil
}

// The descriptors stay open as long as these live.
var (
	wireIn  = sync.OnceValue(func() *os.File { return os.NewFile(3, "answers") })
	wireOut = sync.OnceValue(func() *os.File { return os.NewFile(4, "questions") })
)

// measure runs call on the code before the patch, on that once more and on the
// candidate's, in six interleaved rounds at each size, and sends the processor
// times to the speed grader. prepare makes the arguments; its time is not
// counted.
func measure(t *testing.T, name string, sizes []int, prepare func(s *S, n int) []any, call func(s *S, args []any)) {
	t.Helper()
	j := wireTheJudge()
	text := j.text
	if text == nil {
		t.Fatal("measure: the test must call subject(t) first")
	}
	sub := func(to int) *S { return &S{T: t, j: j, to: to, text: text} }
	order := []*S{sub(1), sub(2), sub(0)}
	rows := []string{}
	for _, n := range sizes {
		for round := -1; round < 6; round++ { // round -1 warms up
			row := [3]int64{}
			for k := 0; k < 3; k++ {
				at := (round + 1 + k) % 3
				s := order[at]
				args := prepare(s, n)
				before := s.CPU()
				call(s, args)
				row[at] = s.CPU() - before
			}
			if round >= 0 {
				rows = append(rows, fmt.Sprintf("[%d,%d,%d,%d]", n, row[0], row[1], row[2]))
			}
		}
	}
	out := wireQuote([]byte(`{"op":"pairs","name":`), name)
	out = append(out, `,"rows":[`+strings.Join(rows, ",")+`]}`...)
	if err := j.conn.write(out); err != nil {
		t.Fatal(err)
	}
}
