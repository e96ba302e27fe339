package docker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"metr/internal/sandbox"
	"metr/internal/sandbox/oci"
	"metr/internal/task"
)

// process is a command in its container.
type process struct {
	x              *box
	id             string
	limits         task.Limits
	streams        client.HijackedResponse
	stdout, stderr *sandbox.Capture
	head           *sandbox.Capture // the start of stderr, where the container's init complains
	wait           client.ContainerWaitResult
	copied         chan error
	done           chan struct{} // closed when the container has ended
	stop           func() bool

	mu  sync.Mutex
	end sandbox.End
	cpu time.Duration // as last seen
}

// Start creates and starts a container for c.
func (x *box) Start(ctx context.Context, c sandbox.Cmd) (sandbox.Process, error) {
	l := x.limits
	if c.Limits != (task.Limits{}) {
		l = sandbox.WithDefaults(c.Limits)
	}
	if oci.TooLong(c.Args, c.Env) { // the daemon would say so as a failure of its own
		return refused{}, nil
	}
	p := &process{x: x, limits: l, head: &sandbox.Capture{Limit: 256}, copied: make(chan error, 1), done: make(chan struct{})}
	config, host := x.container(x.b.environ(c.Env), l)
	config.Entrypoint = c.Args
	config.WorkingDir = sandbox.Home
	if c.Dir != "" {
		config.WorkingDir = c.Dir
	}
	config.AttachStdout, config.AttachStderr = true, true
	config.OpenStdin, config.StdinOnce, config.AttachStdin = c.Stdin != nil, c.Stdin != nil, c.Stdin != nil
	made, err := x.b.api.ContainerCreate(ctx, client.ContainerCreateOptions{Config: config, HostConfig: host})
	if err != nil {
		return nil, fmt.Errorf("sandbox docker: create a container: %w", err)
	}
	p.id = made.ID
	if err := p.begin(ctx, c); err != nil {
		if p.streams.Conn != nil {
			p.streams.Close()
		}
		_ = x.remove(context.WithoutCancel(ctx), p.id)
		return nil, fmt.Errorf("sandbox docker: start %s: %w", c.Args[0], err)
	}
	p.stop = context.AfterFunc(ctx, p.Kill)
	return p, nil
}

// refused is a command that could not be started, for its arguments are too long.
type refused struct{}

func (refused) Wait() (sandbox.Result, error) {
	return sandbox.Result{End: sandbox.NotStarted, Stderr: []byte("argument list too long")}, nil
}
func (refused) CPU() (time.Duration, error) { return 0, nil }
func (refused) Kill()                       {}

func (p *process) begin(ctx context.Context, c sandbox.Cmd) error {
	api := p.x.b.api
	at, err := api.ContainerAttach(context.WithoutCancel(ctx), p.id, client.ContainerAttachOptions{Stream: true, Stdin: c.Stdin != nil, Stdout: true, Stderr: true})
	if err != nil {
		return err
	}
	p.streams = at.HijackedResponse
	stdout, stderr := c.Stdout, c.Stderr
	if stdout == nil {
		p.stdout = &sandbox.Capture{Limit: p.limits.Output}
		stdout = p.stdout
	}
	if stderr == nil {
		p.stderr = &sandbox.Capture{Limit: p.limits.Output}
		stderr = p.stderr
	}
	go func() {
		_, err := stdcopy.StdCopy(stdout, io.MultiWriter(p.head, stderr), p.streams.Reader)
		p.copied <- err
	}()
	p.wait = api.ContainerWait(context.WithoutCancel(ctx), p.id, client.ContainerWaitOptions{Condition: container.WaitConditionNextExit})
	if _, err := api.ContainerStart(ctx, p.id, client.ContainerStartOptions{}); err != nil {
		return err
	}
	if c.Stdin != nil {
		go func() { // ends when the reader does or the container's streams are closed
			_, _ = io.Copy(p.streams.Conn, c.Stdin)
			_ = p.streams.CloseWrite()
		}()
	}
	go p.watch()
	return nil
}

// watch ends a command that passes a limit.
func (p *process) watch() {
	wall := time.NewTimer(p.limits.Wall)
	defer wall.Stop()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-p.done:
			return
		case <-wall.C:
			p.kill(sandbox.TimedOut)
		case <-tick.C:
			if used, err := p.CPU(); err == nil && used > p.limits.CPU {
				p.kill(sandbox.CPUExceeded)
			}
		}
	}
}

// CPU is the daemon's count of the container's processor time.
func (p *process) CPU() (time.Duration, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	s, err := p.x.b.api.ContainerStats(ctx, p.id, client.ContainerStatsOptions{})
	if err != nil {
		return 0, fmt.Errorf("sandbox docker: %w", err)
	}
	defer s.Body.Close()
	var stats container.StatsResponse
	if err := json.NewDecoder(s.Body).Decode(&stats); err != nil {
		return 0, fmt.Errorf("sandbox docker: stats: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cpu = max(p.cpu, time.Duration(stats.CPUStats.CPUUsage.TotalUsage))
	return p.cpu, nil
}

// Kill ends the command.
func (p *process) Kill() { p.kill(sandbox.Killed) }

func (p *process) kill(why sandbox.End) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.end != "" {
		return
	}
	p.end = why
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	_, _ = p.x.b.api.ContainerKill(ctx, p.id, client.ContainerKillOptions{Signal: "KILL"}) // ended already: fine
}

// Wait returns how the container ended.
func (p *process) Wait() (sandbox.Result, error) {
	status, err := p.exit()
	close(p.done)
	p.stop()
	if err != nil {
		p.streams.Close()
		_ = p.x.remove(context.Background(), p.id)
		return sandbox.Result{}, fmt.Errorf("sandbox docker: run: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	select {
	case err = <-p.copied:
	case <-ctx.Done():
		err = errors.New("the daemon did not close the command's streams")
	}
	p.streams.Close()
	seen, ierr := p.x.b.api.ContainerInspect(ctx, p.id, client.ContainerInspectOptions{})
	p.x.removal.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
		defer cancel()
		_ = p.x.remove(ctx, p.id)
	})
	if err = errors.Join(err, ierr); err != nil {
		return sandbox.Result{}, fmt.Errorf("sandbox docker: run: %w", err)
	}
	return p.result(status, seen.Container.State), nil
}

// exit waits for the container's exit status.
func (p *process) exit() (int64, error) {
	late := time.NewTimer(p.limits.Wall + 60*time.Second)
	defer late.Stop()
	select {
	case r := <-p.wait.Result:
		if r.Error != nil {
			return 0, errors.New(r.Error.Message)
		}
		return r.StatusCode, nil
	case err := <-p.wait.Error:
		return 0, err
	case <-late.C:
		return 0, errors.New("the daemon did not end the container within a minute of its limit")
	}
}

func (p *process) result(status int64, state *container.State) sandbox.Result {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := sandbox.Result{End: sandbox.Exited, Code: int(status), CPU: p.cpu}
	if state != nil {
		began, _ := time.Parse(time.RFC3339Nano, state.StartedAt)
		ended, err := time.Parse(time.RFC3339Nano, state.FinishedAt)
		if err == nil && ended.After(began) {
			r.Wall = ended.Sub(began)
		}
	}
	switch signal := signals[status-128]; {
	case p.end != "":
		r.End, r.Code = p.end, 0
	case state != nil && state.OOMKilled && status != 0:
		r.End, r.Code = sandbox.OutOfMemory, 0
	case (status == 126 || status == 127) && bytes.HasPrefix(p.head.Bytes(), []byte("[FATAL tini")):
		r.End, r.Code = sandbox.NotStarted, 0
	case signal == "SIGXCPU":
		r.End, r.Code = sandbox.CPUExceeded, 0
	case signal == "SIGXFSZ":
		r.End, r.Code = sandbox.FileTooLarge, 0
	case signal != "":
		r.End, r.Code, r.Signal = sandbox.Signaled, 0, signal
	}
	if p.stdout != nil {
		r.Stdout, r.StdoutN = p.stdout.Bytes(), p.stdout.N
	}
	if p.stderr != nil {
		r.Stderr, r.StderrN = p.stderr.Bytes(), p.stderr.N
	}
	if r.StdoutN > p.limits.Output || r.StderrN > p.limits.Output {
		r.Hit = append(r.Hit, "output")
	}
	if state != nil && state.OOMKilled {
		r.Hit = append(r.Hit, "memory")
	}
	return r
}

// signals are those that end programs, by Linux's numbers.
var signals = map[int64]string{
	1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 9: "SIGKILL",
	10: "SIGUSR1", 11: "SIGSEGV", 12: "SIGUSR2", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM", 24: "SIGXCPU", 25: "SIGXFSZ", 31: "SIGSYS",
}
