//go:build unix

// Package none runs commands as plain processes of the host, with a folder in
// place of a box. It isolates nothing: the host's files and network are within
// reach, memory and disk have no limit, and a program can leave processes
// behind that detach themselves. It exists for machines where nothing better
// works and for code that its user trusts; a run that used it is marked so.
package none

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"metr/internal/sandbox"
	"metr/internal/sandbox/files"
	"metr/internal/task"
)

// Backend runs without isolation.
type Backend struct{}

// Name is "none".
func (Backend) Name() string { return "none" }

// Probe says what it lacks.
func (Backend) Probe(context.Context) []sandbox.Check {
	return []sandbox.Check{{Name: "isolation", Detail: "none: programs under test run with your rights on your files", Fix: "use --sandbox native"}}
}

// Open makes a folder that stands for the box.
func (Backend) Open(_ context.Context, spec sandbox.Spec) (sandbox.Box, error) {
	root, err := os.MkdirTemp("", "metr-none-")
	if err != nil {
		return nil, err
	}
	b := &box{root: root, limits: sandbox.WithDefaults(spec.Limits)}
	for _, d := range []string{sandbox.Work, sandbox.Home, "/tmp", filepath.Dir(sandbox.Self)} {
		if err := os.MkdirAll(root+d, 0o755); err != nil {
			return nil, err
		}
	}
	layers := spec.Layers
	if spec.Self {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		layers = append([]sandbox.Layer{{Host: self, Box: sandbox.Self}}, layers...)
	}
	for _, l := range layers {
		if l.Host == l.Box {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(root+l.Box), 0o755); err != nil {
			return nil, err
		}
		if err := os.Symlink(l.Host, root+l.Box); err != nil {
			return nil, err
		}
	}
	return b, nil
}

type box struct {
	root   string
	limits task.Limits
}

// Path is p below the folder that stands for the box, or p itself where the
// host has it at the same place.
func (b *box) Path(p string) string {
	if strings.HasPrefix(p, b.root+"/") {
		return p
	}
	for _, d := range []string{sandbox.Work, sandbox.Home, "/tmp"} {
		if p == d || strings.HasPrefix(p, d+"/") {
			return b.root + p
		}
	}
	if _, err := os.Lstat(b.root + p); err == nil {
		return b.root + p
	}
	return p
}

// Close removes the folder, with what its owner closed to himself.
func (b *box) Close() error {
	if os.RemoveAll(b.root) == nil {
		return nil
	}
	if root, err := os.OpenRoot(b.root); err == nil {
		_ = files.Unlock(root)
		root.Close()
	}
	return os.RemoveAll(b.root)
}

func (b *box) Put(_ context.Context, dir string, t task.Tree) error {
	at := b.Path(dir)
	if !strings.HasPrefix(at, b.root+"/") { // never a folder of the host's own
		at = b.root + dir
	}
	root, err := os.OpenRoot(b.root)
	if err != nil {
		return fmt.Errorf("sandbox none: put: %w", err)
	}
	defer root.Close()
	to, err := files.Make(root, at[len(b.root)+1:], nil)
	if err == nil {
		err = files.Put(to, t)
		to.Close()
	}
	if err != nil {
		return fmt.Errorf("sandbox none: put into %s: %w", dir, err)
	}
	return nil
}

func (b *box) Get(_ context.Context, dir string, limit int64) (task.Tree, error) {
	from, rel := b.root, "."
	if at := b.Path(dir); strings.HasPrefix(at, b.root+"/") {
		rel = at[len(b.root)+1:]
	} else {
		from = at // a layer, which lies where the host has it
	}
	root, err := os.OpenRoot(from)
	if err == nil {
		defer root.Close()
		var at *os.Root
		if at, err = files.Open(root, rel); err == nil {
			defer at.Close()
			var t task.Tree
			if t, err = files.Get(at, limit); err == nil || errors.Is(err, sandbox.ErrTooLarge) {
				return t, err
			}
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return task.Tree{}, nil
	}
	return nil, fmt.Errorf("sandbox none: get %s: %w", dir, err)
}

type process struct {
	cmd    *exec.Cmd
	limits task.Limits
	out    *sandbox.Capture
	errOut *sandbox.Capture
	began  time.Time
	mu     sync.Mutex
	end    sandbox.End
	done   chan struct{}
	failed error // the program could not be started
}

func (b *box) Start(ctx context.Context, c sandbox.Cmd) (sandbox.Process, error) {
	l := b.limits
	if c.Limits != (task.Limits{}) {
		l = sandbox.WithDefaults(c.Limits)
	}
	p := &process{limits: l, began: time.Now(), done: make(chan struct{})}
	name := c.Args[0]
	if strings.HasPrefix(name, "/") {
		name = b.Path(name)
	}
	p.cmd = exec.Command(name, c.Args[1:]...)
	p.cmd.Args[0] = c.Args[0]
	p.cmd.Dir = b.root + sandbox.Home
	if c.Dir != "" {
		p.cmd.Dir = b.Path(c.Dir)
	}
	p.cmd.Env = append(sandbox.Env(), "PATH="+os.Getenv("PATH"), "HOME="+b.root+sandbox.Home, "TMPDIR="+b.root+"/tmp")
	p.cmd.Env = append(p.cmd.Env, c.Env...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.cmd.Stdin = c.Stdin
	p.cmd.WaitDelay = time.Second
	p.cmd.Stdout, p.cmd.Stderr = c.Stdout, c.Stderr
	if c.Stdout == nil {
		p.out = &sandbox.Capture{Limit: l.Output}
		p.cmd.Stdout = p.out
	}
	if c.Stderr == nil {
		p.errOut = &sandbox.Capture{Limit: l.Output}
		p.cmd.Stderr = p.errOut
	}
	if err := p.cmd.Start(); err != nil {
		p.failed = err
		return p, nil
	}
	go p.watch(ctx)
	return p, nil
}

func (p *process) stop(why sandbox.End) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.end == "" {
		p.end = why
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	}
}

func (p *process) watch(ctx context.Context) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-p.done:
			return
		case <-ctx.Done():
			p.stop(sandbox.Killed)
		case <-tick.C:
			if time.Since(p.began) > p.limits.Wall {
				p.stop(sandbox.TimedOut)
			}
			if cpu, err := p.CPU(); err == nil && cpu > p.limits.CPU {
				p.stop(sandbox.CPUExceeded)
			}
		}
	}
}

func (p *process) Kill() { p.stop(sandbox.Killed) }

func (p *process) Wait() (sandbox.Result, error) {
	if p.failed != nil {
		return sandbox.Result{End: sandbox.NotStarted, Stderr: []byte(p.failed.Error())}, nil
	}
	err := p.cmd.Wait()
	close(p.done)
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) && !isPipe(err) {
		return sandbox.Result{}, fmt.Errorf("sandbox none: %w", err)
	}
	st := p.cmd.ProcessState
	r := sandbox.Result{End: sandbox.Exited, Code: st.ExitCode(), Wall: time.Since(p.began), CPU: st.UserTime() + st.SystemTime()}
	if ws, ok := st.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		r.End, r.Code, r.Signal = sandbox.Signaled, 0, signalName(ws.Signal())
	}
	p.mu.Lock()
	if p.end != "" {
		r.End, r.Signal = p.end, ""
	}
	p.mu.Unlock()
	if p.out != nil {
		r.Stdout, r.StdoutN = p.out.Bytes(), p.out.N
	}
	if p.errOut != nil {
		r.Stderr, r.StderrN = p.errOut.Bytes(), p.errOut.N
	}
	return r, nil
}

func isPipe(err error) bool { return errors.Is(err, io.ErrClosedPipe) || errors.Is(err, syscall.EPIPE) }
