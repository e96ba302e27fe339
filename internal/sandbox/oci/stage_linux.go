package oci

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"metr/internal/sandbox"
	"metr/internal/task"
)

// controlFD is where a stage finds its end of the socket, selfFD this program.
const (
	controlFD = 3
	selfFD    = 4
)

// startTime is what a runtime may take to bring a container up.
const startTime = 60 * time.Second

// stageBox is the state of a stage.
type stageBox struct {
	conn  *net.UnixConn
	self  *os.File
	setup setup
	count int

	mu      sync.Mutex
	running *running
	sendMu  sync.Mutex
}

// running is the command under way.
type running struct {
	mu    sync.Mutex
	began time.Time // when init said that it runs; zero before
	base  time.Duration
	spent time.Duration // as last seen
	end   sandbox.End   // why we killed it, if we did
}

// stop kills everything in the box, once, for the given reason.
func (r *running) stop(why sandbox.End) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.end == "" {
		r.look()
		r.end = why
		killAll()
	}
}

// look notes what the command has spent. The kernel forgets what the processes
// of a pid namespace used that goes down with them in it. The lock is held.
func (r *running) look() time.Duration {
	if !r.began.IsZero() {
		r.spent = max(r.spent, cpuSoFar()-r.base)
	}
	return r.spent
}

func killAll() { _ = unix.Kill(-1, unix.SIGKILL) }

func runStage() {
	c, err := conn(controlFD)
	if err != nil {
		return
	}
	_ = unix.CloseRange(selfFD+1, ^uint(0), unix.CLOSE_RANGE_CLOEXEC)
	syscall.CloseOnExec(selfFD)
	for s := unix.Signal(1); s < 32; s++ {
		if signal.Ignored(s) {
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
	b := &stageBox{conn: c, self: os.NewFile(selfFD, "self")}
	buf := make([]byte, maxMessage)
	for {
		var req request
		files, err := receive(c, buf, &req)
		if err != nil {
			return // metr is gone, and so is the box
		}
		switch req.Op {
		case "setup":
			b.setup = *req.Setup
			b.answer(reply{ID: req.ID}, b.prepare())
		case "start":
			b.start(req, files)
		case "kill":
			if r := b.current(); r != nil {
				r.stop(sandbox.Killed)
			}
		case "cpu":
			r := b.current()
			if r == nil {
				b.answer(reply{ID: req.ID}, errors.New("no command is running"))
				break
			}
			r.mu.Lock()
			rep := reply{ID: req.ID, CPU: r.look()}
			r.mu.Unlock()
			b.answer(rep, nil)
		case "listen":
			l, err := listen(req.Port)
			if err != nil {
				b.answer(reply{ID: req.ID}, err)
				break
			}
			b.answer(reply{ID: req.ID}, nil, l)
			l.Close()
		}
	}
}

func (b *stageBox) current() *running {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.running
}

// listen opens a socket on the box's own loopback.
func listen(port int) (*os.File, error) {
	l, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	if err != nil {
		return nil, err
	}
	defer l.Close()
	return l.File()
}

// loopback brings the network's lo up, which is all that it has.
func loopback() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	up, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	up.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, up)
}

func (b *stageBox) answer(r reply, err error, files ...*os.File) {
	if err != nil {
		r.Err = err.Error()
	}
	b.sendMu.Lock()
	defer b.sendMu.Unlock()
	if err := send(b.conn, r, files...); err != nil {
		os.Exit(0)
	}
}

func (b *stageBox) prepare() error {
	if err := unix.Setgroups(nil); err != nil && !errors.Is(err, unix.EPERM) {
		return err
	}
	unix.Umask(0o022)
	if err := b.setup.build(); err != nil {
		return err
	}
	if err := loopback(); err != nil {
		return fmt.Errorf("bring lo up: %w", err)
	}
	return unix.Sethostname([]byte("metr"))
}

// start has the runtime run a command; how it ended is answered later.
func (b *stageBox) start(req request, stdio []*os.File) {
	defer func() {
		for _, f := range stdio {
			f.Close()
		}
	}()
	b.count++
	id := fmt.Sprintf("c%d", b.count)
	dir := stageRun + "/" + id
	cmd, status, err := b.command(req, stdio, dir, id)
	if err != nil {
		b.answer(reply{ID: req.ID}, err)
		return
	}
	r := &running{}
	b.mu.Lock()
	err = cmd.Start()
	if err == nil {
		b.running = r
	}
	b.mu.Unlock()
	for _, f := range cmd.ExtraFiles[1:] {
		f.Close()
	}
	if err != nil {
		status.Close()
		b.answer(reply{ID: req.ID}, fmt.Errorf("%s: %w", b.setup.Runtime.Name, err))
		return
	}
	go b.watch(r, req.Limits)
	go func() {
		res, err := b.follow(r, status)
		_ = os.RemoveAll(dir)
		b.mu.Lock()
		b.running = nil
		b.mu.Unlock()
		if res != nil {
			res.Hit = full(stage)
		}
		b.answer(reply{ID: req.ID, Result: res}, err)
	}()
}

// command writes the bundle and makes the runtime's command line; status is our
// end of init's pipe.
func (b *stageBox) command(req request, stdio []*os.File, dir, id string) (*exec.Cmd, *os.File, error) {
	for _, d := range req.Write {
		if err := os.MkdirAll(stageRoot+d, 0o755); err != nil {
			return nil, nil, err
		}
	}
	spec, err := b.setup.spec(stageRoot, req)
	if err != nil {
		return nil, nil, err
	}
	text, err := json.Marshal(spec)
	if err != nil {
		return nil, nil, err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, nil, err
	}
	if err := os.WriteFile(dir+"/config.json", text, 0o644); err != nil {
		return nil, nil, err
	}
	status, theirs, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	return &exec.Cmd{
		Path: stageTool, Args: b.setup.Runtime.args(dir+"/state", dir+"/log", dir, id),
		Env: []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "XDG_RUNTIME_DIR=" + dir, "HOME=/nonexistent"},
		Dir: "/", Stdin: stdio[0], Stdout: stdio[1], Stderr: stdio[2],
		ExtraFiles:  []*os.File{b.self, theirs},
		SysProcAttr: &syscall.SysProcAttr{Setsid: true},
	}, status, nil
}

// follow reads what init tells until the command has ended, and returns when
// nothing of it is left.
func (b *stageBox) follow(r *running, status *os.File) (*sandbox.Result, error) {
	defer status.Close()
	lines := json.NewDecoder(bufio.NewReader(status))
	var res *sandbox.Result
	for res == nil {
		var t told
		err := lines.Decode(&t)
		if err != nil {
			if !errors.Is(err, io.EOF) {
				r.stop(sandbox.Killed)
			}
			break
		}
		if t.Started {
			r.mu.Lock()
			r.began, r.base = time.Now(), cpuSoFar()
			r.mu.Unlock()
		}
		res = t.Result
	}
	if res == nil {
		// The end of the pipe without a result: init is gone. Where that is not
		// our doing, the runtime is about to say why.
		time.Sleep(time.Millisecond)
	}
	log := b.log()
	killAll()
	drain()
	removeShared()
	r.mu.Lock()
	defer r.mu.Unlock()
	end := r.end
	r.end = sandbox.Killed // ends the watch
	switch {
	case end != "" && end != startFailed:
		if res == nil {
			res = &sandbox.Result{}
			if !r.began.IsZero() {
				res.Wall, res.CPU = time.Since(r.began), max(r.spent, reaped()-r.base)
			}
		}
		res.End, res.Code, res.Signal = end, 0, ""
	case res != nil:
	case r.began.IsZero():
		return nil, fmt.Errorf("%s did not start the container: %s", b.setup.Runtime.Name, log)
	default: // init was killed, which only the kernel can do
		res = &sandbox.Result{End: sandbox.Signaled, Signal: "SIGKILL", Wall: time.Since(r.began), CPU: max(r.spent, reaped()-r.base)}
	}
	return res, nil
}

// full names the limits of the file system at dir that are used up.
func full(dir string) (hit []string) {
	var st unix.Statfs_t
	if unix.Statfs(dir, &st) != nil {
		return nil
	}
	if st.Bavail == 0 {
		hit = append(hit, "disk")
	}
	if st.Ffree == 0 {
		hit = append(hit, "number of files")
	}
	return hit
}

// startFailed is the end of a command whose container does not come up in time.
const startFailed sandbox.End = "no start"

// log is what the runtime wrote about its failure.
func (b *stageBox) log() string {
	text, _ := os.ReadFile(fmt.Sprintf("%s/c%d/log", stageRun, b.count))
	text = bytes.TrimSpace(text)
	if len(text) > 2000 {
		text = text[len(text)-2000:]
	}
	if len(text) == 0 {
		return "it left no message"
	}
	return string(text)
}

// drain returns when no process but the stage is left in the box.
func drain() {
	for i := 0; ; i++ {
		pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
		if err == syscall.ECHILD {
			return
		}
		if pid == 0 {
			killAll()
			time.Sleep(time.Duration(min(i+1, 20)) * 100 * time.Microsecond)
		}
	}
}

// watch ends a command that passes a limit.
func (b *stageBox) watch(r *running, l task.Limits) {
	began := time.Now()
	for {
		time.Sleep(20 * time.Millisecond)
		r.mu.Lock()
		over, since, spent := r.end != "", r.began, r.look()
		r.mu.Unlock()
		switch {
		case over:
			return
		case since.IsZero():
			if time.Since(began) > startTime {
				r.stop(startFailed)
			}
		case time.Since(since) > l.Wall:
			r.stop(sandbox.TimedOut)
		case spent > l.CPU:
			r.stop(sandbox.CPUExceeded)
		case b.setup.Watch && residentMemory() > b.setup.Memory+watchSlack:
			r.stop(sandbox.OutOfMemory)
		}
	}
}

// watchSlack is what the runtime and init hold beside the command.
const watchSlack = 48 << 20
