//go:build linux

package attack

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"metr/internal/sandbox"
	"metr/internal/task"
)

// Host is what a check has: the backend under attack, and the machine around it.
// Its methods end the check where the corpus itself fails.
type Host struct {
	Token  string // marks what belongs to this run, payloads know it
	Secret string // what no payload is told

	ctx     context.Context
	backend sandbox.Backend
	attack  *Attack
	boxes   []sandbox.Box
	after   []func()
	broken  []string // what the host saw
	told    []string // what the payload told
	tries   int
	nothing string
}

// small are the limits of an attack's boxes where it asks for nothing else.
var small = task.Limits{
	CPU: 10 * time.Second, Wall: 20 * time.Second, Memory: 256 << 20,
	Disk: 32 << 20, Procs: 48, Output: 256 << 10, FileSize: 16 << 20,
}

// Limits are those of the attack's boxes.
func (h *Host) Limits() task.Limits {
	l := h.attack.Limits
	put := func(dst *int64, v int64) {
		if *dst == 0 {
			*dst = v
		}
	}
	if l.CPU == 0 {
		l.CPU = small.CPU
	}
	if l.Wall == 0 {
		l.Wall = small.Wall
	}
	if l.Procs == 0 {
		l.Procs = small.Procs
	}
	put(&l.Memory, small.Memory)
	put(&l.Disk, small.Disk)
	put(&l.Output, small.Output)
	put(&l.FileSize, small.FileSize)
	return l
}

// Broken notes that the sandbox did not hold, and goes on.
func (h *Host) Broken(format string, args ...any) {
	h.broken = append(h.broken, fmt.Sprintf(format, args...))
}

// detail is all that broke, what the host saw first.
func (h *Host) detail() string {
	const most = 6
	var all []string
	for _, s := range append(h.broken, h.told...) {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	if len(all) > most {
		all = append(all[:most], fmt.Sprintf("and %d more", len(all)-most))
	}
	return strings.Join(all, "; ")
}

// Open opens a box that holds this program. It is closed when the check is over.
func (h *Host) Open(spec sandbox.Spec) sandbox.Box {
	spec.Self, spec.Limits = true, h.Limits()
	box, err := h.backend.Open(h.ctx, spec)
	if err != nil {
		panic(ours{fmt.Errorf("open a box: %w", err)})
	}
	h.boxes = append(h.boxes, box)
	return box
}

// Report is what came of one run of the payload.
type Report struct {
	sandbox.Result
	Said []string // in order
	Done bool     // it came to its last line
}

// Says reports whether the payload said, or printed in any way, that text.
func (r Report) Says(text string) bool { return bytes.Contains(r.Stdout, []byte(text)) }

func (h *Host) command(args []string) sandbox.Cmd {
	return sandbox.Cmd{
		Args: append([]string{sandbox.Self, payloadArg, h.attack.Name, h.Token, pidNamespace()}, args...),
		Env: []string{"GOMAXPROCS=2", "GOTRACEBACK=none", "GORACE=atexit_sleep_ms=0", // the last for tests with -race
			"GODEBUG=containermaxprocs=0,updatemaxprocs=0"}, // else the payload opens cgroup files itself
	}
}

// Run runs the payload to its last line. One that is killed on the way, but for
// a forbidden system call, is an error of ours: nothing is known then.
func (h *Host) Run(box sandbox.Box, args ...string) Report {
	r := h.Suffer(box, args...)
	if !r.Done && !(r.End == sandbox.Signaled && r.Signal == "SIGSYS") {
		panic(ours{fmt.Errorf("%w: %v: %.300s %.300s", errNoLastLine, r.Result, r.Stdout, r.Stderr)})
	}
	return r
}

// Suffer runs the payload, which need not come to its end.
func (h *Host) Suffer(box sandbox.Box, args ...string) Report {
	res, err := sandbox.Exec(h.ctx, box, h.command(args))
	if err != nil {
		if h.ctx.Err() == nil || context.Cause(h.ctx) == context.DeadlineExceeded {
			// Code under test that can make the instrument fail makes its attempt
			// invalid instead of wrong.
			h.Broken("the sandbox itself failed: %v", err)
		}
		panic(stop{})
	}
	return h.read(res)
}

func (h *Host) read(res sandbox.Result) Report {
	r := Report{Result: res}
	for line := range strings.Lines(string(res.Stdout)) {
		kind, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch kind {
		case "say":
			r.Said = append(r.Said, text)
		case "held":
			h.tries++
		case "breach":
			h.tries++
			h.told = append(h.told, text)
		case "done":
			r.Done = true
		case "fenced":
			h.Broken("the box shares the host's processes: not tried, since it would harm them")
			panic(stop{})
		}
	}
	return r
}

// Running is a payload under way.
type Running struct {
	h   *Host
	p   sandbox.Process
	out *lines
}

// Start starts the payload and returns when it says that it is ready.
func (h *Host) Start(box sandbox.Box, args ...string) *Running {
	c := h.command(args)
	out := &lines{ready: make(chan struct{})}
	c.Stdout = out
	p, err := box.Start(h.ctx, c)
	must(err)
	r := &Running{h, p, out}
	select {
	case <-out.ready:
	case <-time.After(h.Limits().Wall):
		r.Kill()
		panic(ours{fmt.Errorf("the payload did not become ready: %.300s", out.text())})
	case <-h.ctx.Done():
		r.Kill()
		panic(ours{context.Cause(h.ctx)})
	}
	return r
}

// Kill ends it.
func (r *Running) Kill() Report {
	r.p.Kill()
	res, err := r.p.Wait()
	if err != nil {
		r.h.Broken("the sandbox itself failed: %v", err)
		panic(stop{})
	}
	res.Stdout = r.out.text()
	return r.h.read(res)
}

// lines keeps what a payload writes and tells when it is ready.
type lines struct {
	mu    sync.Mutex
	buf   bytes.Buffer
	told  bool
	ready chan struct{}
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.buf.Len() < 1<<20 {
		l.buf.Write(p)
	}
	if !l.told && bytes.Contains(l.buf.Bytes(), []byte("ready \n")) {
		l.told = true
		close(l.ready)
	}
	return len(p), nil
}

func (l *lines) text() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.buf.Bytes())
}

// Folder makes a folder of the host that everybody may read and write, so that
// only the sandbox stands before it.
func (h *Host) Folder() string {
	dir, err := os.MkdirTemp("", h.Token+"-")
	must(err)
	h.after = append(h.after, func() { _ = os.RemoveAll(dir) })
	must(os.Chmod(dir, 0o777))
	return dir
}

// Plant writes a file of the host that everybody may read and write.
func (h *Host) Plant(path, text string) string {
	must(os.WriteFile(path, []byte(text), 0o666))
	must(os.Chmod(path, 0o666))
	return path
}

// Process starts a process of the host with the secret in its environment. It
// sleeps.
func (h *Host) Process() *exec.Cmd {
	c := exec.Command("sleep", "60")
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "METR_PLANTED_KEY=" + h.Secret}
	must(c.Start())
	h.after = append(h.after, func() { _ = c.Process.Kill(); _ = c.Wait() })
	return c
}

// alive reports whether a process of Process is neither gone, stopped, nor
// traced. A signal takes a moment.
func alive(c *exec.Cmd) bool {
	time.Sleep(30 * time.Millisecond)
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.Process.Pid))
	if err != nil {
		return false
	}
	f := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	return len(f) > 0 && (f[0][0] == 'S' || f[0][0] == 'R' || f[0][0] == 'D')
}

// clean takes everything away that the check made.
func (h *Host) clean() {
	for _, b := range h.boxes {
		_ = b.Close()
	}
	for i := len(h.after) - 1; i >= 0; i-- {
		h.after[i]()
	}
}

// snapshot is the content of a folder of the host, with modes and times.
func snapshot(dir string) string {
	var b strings.Builder
	must(filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		st, err := os.Lstat(p)
		if err != nil {
			return err
		}
		var text []byte
		if st.Mode().IsRegular() {
			if text, err = os.ReadFile(p); err != nil {
				return err
			}
		}
		fmt.Fprintf(&b, "%s %v %v %q\n", p, st.Mode(), st.ModTime(), text)
		return nil
	}))
	return b.String()
}
