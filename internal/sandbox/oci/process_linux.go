package oci

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"metr/internal/sandbox"
	"metr/internal/task"
)

// process is a command under way.
type process struct {
	box            *box
	limits         task.Limits
	ch             chan reply
	copies         sync.WaitGroup
	stdout, stderr *sandbox.Capture
	opened         []*os.File
	stop           func() bool
}

// Start has the stage start a container for c.
func (b *box) Start(ctx context.Context, c sandbox.Cmd) (sandbox.Process, error) {
	l := b.limits
	if c.Limits != (task.Limits{}) {
		l = sandbox.WithDefaults(c.Limits)
	}
	p := &process{box: b, limits: l}
	defer p.close()
	stdin, err := p.input(c.Stdin)
	if err != nil {
		return nil, err
	}
	stdout, err := p.output(c.Stdout, &p.stdout)
	if err != nil {
		return nil, err
	}
	stderr, err := p.output(c.Stderr, &p.stderr)
	if err != nil {
		return nil, err
	}
	dir := c.Dir
	if dir == "" {
		dir = sandbox.Home
	}
	var env []string
	if b.backend.image != nil {
		env = b.backend.image.env
	}
	r := request{Op: "start", Args: c.Args, Dir: dir, Env: Environ(env, c.Env), Limits: l, Write: slices.Clone(b.write)}
	if TooLong(r.Args, r.Env) { // the kernel would say so, but of the runtime's own start
		p.ch = make(chan reply, 1)
		p.ch <- reply{Result: &sandbox.Result{End: sandbox.NotStarted, Stderr: []byte("argument list too long")}}
	} else if p.ch, err = b.post(r, stdin, stdout, stderr); err != nil {
		return nil, err
	}
	p.stop = context.AfterFunc(ctx, p.Kill)
	return p, nil
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

// output returns the descriptor for what the command writes. All goes through
// pipes: a runtime would change the owner of a file it is given.
func (p *process) output(w io.Writer, kept **sandbox.Capture) (*os.File, error) {
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

// Wait returns how the command ended.
func (p *process) Wait() (sandbox.Result, error) {
	// The stage keeps the wall limit; this one is for a stage that does not answer.
	ctx, cancel := context.WithTimeoutCause(context.Background(), p.limits.Wall+startTime+30*time.Second,
		fmt.Errorf("the stage did not end the command within %v of its limit", startTime+30*time.Second))
	defer cancel()
	r, err := p.box.await(ctx, p.ch)
	p.stop()
	if err != nil {
		p.box.Close()
		return sandbox.Result{}, fmt.Errorf("sandbox oci: run: %w", err)
	}
	p.copies.Wait()
	res := *r.Result
	if p.stdout != nil {
		res.Stdout, res.StdoutN = p.stdout.Bytes(), p.stdout.N
	}
	if p.stderr != nil {
		res.Stderr, res.StderrN = append(res.Stderr, p.stderr.Bytes()...), p.stderr.N
	}
	if p.stdout != nil && res.StdoutN > p.limits.Output || p.stderr != nil && res.StderrN > p.limits.Output {
		res.Hit = append(res.Hit, "output")
	}
	if p.box.group != nil && p.box.group.ranOut() {
		res.Hit = append(res.Hit, "memory")
		if res.End == sandbox.Signaled {
			res.End, res.Signal = sandbox.OutOfMemory, ""
		}
	}
	return res, nil
}

// CPU is what the command has used so far.
func (p *process) CPU() (time.Duration, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	r, err := p.box.call(ctx, request{Op: "cpu"})
	return r.CPU, err
}

// Kill ends the command.
func (p *process) Kill() { _ = send(p.box.conn, request{Op: "kill"}) }
