package native

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"metr/internal/sandbox"
	"metr/internal/sandbox/native/boxinit"
	"metr/internal/task"
)

// process is a command under way in a box.
type process struct {
	box            *box
	limits         task.Limits
	ch             chan reply
	copies         sync.WaitGroup
	stdout, stderr *sandbox.Capture
	opened         []*os.File
	stop           func() bool
}

func (b *box) Start(ctx context.Context, c sandbox.Cmd) (sandbox.Process, error) {
	l := c.Limits
	if l == (task.Limits{}) {
		l = b.limits
	} else {
		l = sandbox.WithDefaults(l)
	}
	p := &process{box: b, limits: l}
	std, err := p.streams(c)
	if err != nil {
		p.close()
		return nil, err
	}
	dir := c.Dir
	if dir == "" {
		dir = sandbox.Home
	}
	start := boxinit.Start{
		Args: c.Args, Env: sandbox.Environ(c.Env), Dir: dir, CPU: int64(l.CPU), Wall: int64(l.Wall),
		Memory: l.Memory, FileSize: l.FileSize, Procs: int64(l.Procs), Files: maxOpen,
	}
	m := b.request(boxinit.OpStart)
	start.Encode(m)
	if len(m.B) > boxinit.MaxMessage { // longer than the kernel would take it
		p.ch = notStarted("the argument list is too long")
	} else {
		p.ch, err = b.post(m, std[:]...)
	}
	p.close()
	if err != nil {
		return nil, err
	}
	p.stop = context.AfterFunc(ctx, p.Kill)
	return p, nil
}

// notStarted is the reply to a command that init need not hear of.
func notStarted(why string) chan reply {
	var r reply
	(&boxinit.End{Why: boxinit.NotStarted, Message: why}).Encode(&r.body)
	ch := make(chan reply, 1)
	ch <- r
	return ch
}

// streams are the descriptors of the command's standard input, output and error.
func (p *process) streams(c sandbox.Cmd) (std [3]*os.File, err error) {
	if std[0], err = p.input(c.Stdin); err != nil {
		return std, err
	}
	if std[1], err = p.output(c.Stdout, &p.stdout); err != nil {
		return std, err
	}
	std[2], err = p.output(c.Stderr, &p.stderr)
	return std, err
}

// input returns the descriptor for the command's standard input, fed from r.
func (p *process) input(r io.Reader) (*os.File, error) {
	if f, ok := r.(*os.File); ok {
		return f, nil
	}
	if r == nil {
		f, err := os.Open(os.DevNull)
		p.opened = append(p.opened, f)
		return f, err
	}
	pr, pw, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p.opened = append(p.opened, pr)
	go func() { // ends when r does or the command's end of the pipe is closed
		_, _ = io.Copy(pw, r)
		pw.Close()
	}()
	return pr, nil
}

// output returns the descriptor for what the command writes.
func (p *process) output(w io.Writer, kept **sandbox.Capture) (*os.File, error) {
	if f, ok := w.(*os.File); ok {
		return f, nil
	}
	if w == nil {
		*kept = &sandbox.Capture{Limit: p.limits.Output}
		w = *kept
	}
	pr, pw, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p.opened = append(p.opened, pw)
	p.copies.Add(1)
	go func() {
		defer p.copies.Done()
		_, _ = io.Copy(w, pr)
		pr.Close()
	}()
	return pw, nil
}

// close gives up our copies of the command's descriptors.
func (p *process) close() {
	for _, f := range p.opened {
		f.Close()
	}
	p.opened = nil
}

func (p *process) Wait() (sandbox.Result, error) {
	// init keeps the wall limit; this one is for an init that does not answer.
	ctx, cancel := context.WithTimeoutCause(context.Background(), p.limits.Wall+30*time.Second,
		fmt.Errorf("sandbox: init did not end the command within %v of its limit", 30*time.Second))
	defer cancel()
	r, err := p.box.await(ctx, p.ch)
	p.stop()
	if err != nil {
		p.box.Close()
		return sandbox.Result{}, fmt.Errorf("sandbox: run: %w", err)
	}
	var e boxinit.End
	e.Decode(&r.body)
	res := p.result(&e)
	p.collect(&res)
	return res, nil
}

// collect adds what was written, when all of it has been.
func (p *process) collect(res *sandbox.Result) {
	p.copies.Wait()
	if p.stdout != nil {
		res.Stdout, res.StdoutN = p.stdout.Bytes(), p.stdout.N
	}
	if p.stderr != nil {
		res.Stderr, res.StderrN = append(res.Stderr, p.stderr.Bytes()...), p.stderr.N
	}
	if res.StdoutN > p.limits.Output || res.StderrN > p.limits.Output {
		res.Hit = append(res.Hit, "output")
	}
}

// maxOpen is how many files a process may hold open.
const maxOpen = 1024

// result puts what init saw into words.
func (p *process) result(e *boxinit.End) sandbox.Result {
	res := sandbox.Result{Wall: time.Duration(e.Wall), CPU: time.Duration(e.CPU), MaxRSS: e.MaxRSS}
	st := syscall.WaitStatus(e.Status)
	switch e.Why {
	case boxinit.ByWall:
		res.End = sandbox.TimedOut
	case boxinit.ByCPU:
		res.End = sandbox.CPUExceeded
	case boxinit.ByMemory:
		res.End = sandbox.OutOfMemory
	case boxinit.ByKill:
		res.End = sandbox.Killed
	case boxinit.NotStarted:
		res.End, res.Stderr = sandbox.NotStarted, []byte(e.Message)
	default:
		res.End, res.Code = sandbox.Exited, st.ExitStatus()
		if st.Signaled() {
			res.End, res.Code, res.Signal = signaled(st.Signal())
		}
	}
	if e.DiskFull {
		res.Hit = append(res.Hit, "disk")
	}
	if e.FilesFull {
		res.Hit = append(res.Hit, "number of files")
	}
	if g := p.box.group; g != nil {
		if g.ranOut() {
			res.Hit = append(res.Hit, "memory")
			if res.End == sandbox.Signaled {
				res.End, res.Signal = sandbox.OutOfMemory, ""
			}
		}
		if g.full() {
			res.Hit = append(res.Hit, "processes")
		}
	}
	return res
}

func signaled(s syscall.Signal) (sandbox.End, int, string) {
	switch s {
	case syscall.SIGXCPU:
		return sandbox.CPUExceeded, 0, ""
	case syscall.SIGXFSZ:
		return sandbox.FileTooLarge, 0, ""
	}
	return sandbox.Signaled, 0, unix.SignalName(s)
}

func (p *process) CPU() (time.Duration, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	r, err := p.box.call(ctx, p.box.request(boxinit.OpCPU))
	return time.Duration(r.body.NextInt()), err
}

func (p *process) Kill() { _, _ = p.box.post(p.box.request(boxinit.OpKill)) }
