package native

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"metr/internal/sandbox"
	"metr/internal/task"
)

// controlFD is where an init finds its end of the socket.
const controlFD = 3

// Init turns this process into a box's init if it was started as one, and then
// never returns; otherwise it does nothing.
func Init() {
	if os.Args[0] != InitName {
		return
	}
	debug.SetGCPercent(-1) // it lives shortly and allocates little
	debug.SetMemoryLimit(48 << 20)
	c, err := conn(controlFD)
	if err != nil {
		os.Exit(125)
	}
	b := &initBox{conn: c}
	b.changed.L = &b.mu
	b.serve()
	os.Exit(0) // takes the pid namespace down
}

// initBox is the state of a box's init.
type initBox struct {
	conn  *net.UnixConn
	setup setup
	spawn chan func()

	mu      sync.Mutex
	changed sync.Cond
	running *running
	sendMu  sync.Mutex
}

type exit struct {
	status syscall.WaitStatus
	usage  syscall.Rusage
}

// running is the command under way.
type running struct {
	pid  int
	exit *exit // set, under the box's lock, when it was reaped
	mu   sync.Mutex
	end  sandbox.End // why we killed it, if we did
	base time.Duration
}

// stop kills the command, once, for the given reason.
func (r *running) stop(why sandbox.End) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.end == "" {
		r.end = why
		killAll()
	}
}

func killAll() { _ = unix.Kill(-1, unix.SIGKILL) }

func (b *initBox) serve() {
	// What metr was started with must not reach commands: descriptors that it
	// inherited, and signals that were ignored (a caught signal goes back to its
	// default at exec, an ignored one stays ignored).
	_ = unix.CloseRange(controlFD+1, ^uint(0), unix.CLOSE_RANGE_CLOEXEC)
	for s := unix.Signal(1); s < 32; s++ {
		if signal.Ignored(s) {
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
	unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
	buf := make([]byte, maxMessage)
	for {
		var req request
		files, err := receive(b.conn, buf, &req)
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
			b.mu.Lock()
			if r := b.running; r != nil {
				r.stop(sandbox.Killed)
			}
			b.mu.Unlock()
		case "cpu":
			b.mu.Lock()
			r := b.running
			b.mu.Unlock()
			if r == nil {
				b.answer(reply{ID: req.ID}, errors.New("no command is running"))
				break
			}
			b.answer(reply{ID: req.ID, CPU: liveCPU(false)}, nil)
		case "put":
			b.answer(reply{ID: req.ID}, b.put(req.Dir, files[0]))
		case "get":
			large, err := b.get(req.Dir, req.Max, files[0])
			files[0].Close()
			b.answer(reply{ID: req.ID, Large: large}, err)
		}
		if req.Op != "start" {
			for _, f := range files {
				f.Close()
			}
		}
	}
}

func (b *initBox) answer(r reply, err error) {
	if err != nil {
		r.Err = err.Error()
	}
	b.sendMu.Lock()
	defer b.sendMu.Unlock()
	if err := send(b.conn, r); err != nil {
		os.Exit(0)
	}
}

func (b *initBox) prepare() error {
	if err := unix.Setgroups(nil); err != nil && !errors.Is(err, unix.EPERM) {
		return err
	}
	unix.Umask(0o022)
	if err := buildRoot(&b.setup); err != nil {
		return err
	}
	if err := loopbackUp(); err != nil {
		return fmt.Errorf("loopback: %w", err)
	}
	if err := unix.Sethostname([]byte("metr")); err != nil {
		return err
	}
	// Commands are started from one thread, so that what is dropped on that
	// thread is dropped for all of them and init itself keeps it.
	b.spawn = make(chan func())
	ready := make(chan error)
	go func() {
		runtime.LockOSThread()
		ready <- unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
		for f := range b.spawn {
			f()
		}
	}()
	if err := <-ready; err != nil {
		return err
	}
	child := make(chan os.Signal, 1)
	signal.Notify(child, unix.SIGCHLD)
	go b.reap(child)
	return nil
}

// reap collects every child, orphans of dead commands too.
func (b *initBox) reap(child <-chan os.Signal) {
	for range child {
		for {
			var e exit
			pid, err := syscall.Wait4(-1, &e.status, syscall.WNOHANG, &e.usage)
			if err == syscall.EINTR {
				continue
			}
			if pid <= 0 || err != nil {
				break
			}
			b.mu.Lock()
			if b.running != nil && b.running.pid == pid {
				b.running.exit = &e
				b.changed.Broadcast()
			}
			b.mu.Unlock()
		}
	}
}

func (b *initBox) start(req request, files []*os.File) {
	closeAll := func() {
		for _, f := range files {
			f.Close()
		}
	}
	path, err := lookPath(req.Args[0], req.Env)
	if err != nil {
		closeAll()
		b.answer(reply{ID: req.ID, Result: &sandbox.Result{End: sandbox.NotStarted}}, nil)
		return
	}
	setRlimits(req.Limits)
	attr := &syscall.ProcAttr{
		Dir: req.Dir, Env: req.Env,
		Files: []uintptr{files[0].Fd(), files[1].Fd(), files[2].Fd()},
		Sys: &syscall.SysProcAttr{
			Setsid: true, Cloneflags: unix.CLONE_NEWUSER,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: boxUID, HostID: b.setup.HostUID, Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: boxUID, HostID: b.setup.HostGID, Size: 1}},
			Credential:  &syscall.Credential{Uid: boxUID, Gid: boxUID, NoSetGroups: true},
		},
	}
	r := &running{base: childrenCPU()}
	began := time.Now()
	done := make(chan error, 1)
	b.spawn <- func() {
		var err error
		b.mu.Lock()
		r.pid, err = syscall.ForkExec(path, req.Args, attr)
		if err == nil {
			b.running = r
			if b.setup.Watch { // no cgroup: each process by itself, the sum by watch
				data := unix.Rlimit{Cur: uint64(req.Limits.Memory), Max: uint64(req.Limits.Memory)}
				_ = unix.Prlimit(r.pid, unix.RLIMIT_DATA, &data, nil) // gone already: nothing to limit
			}
		}
		b.mu.Unlock()
		done <- err
	}
	err = <-done
	closeAll()
	if err != nil {
		if errors.Is(err, unix.EACCES) || errors.Is(err, unix.ENOEXEC) || errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.E2BIG) {
			b.answer(reply{ID: req.ID, Result: &sandbox.Result{End: sandbox.NotStarted, Stderr: []byte(err.Error())}}, nil)
			return
		}
		b.answer(reply{ID: req.ID}, fmt.Errorf("start %s: %w", req.Args[0], err))
		return
	}
	go b.watch(r, req.Limits, began)
	go func() {
		e := b.waitFor(r)
		killAll()
		b.drain()
		b.mu.Lock()
		b.running = nil
		b.mu.Unlock()
		r.mu.Lock()
		end := r.end
		r.end = sandbox.Killed // ends the watch
		r.mu.Unlock()
		res := &sandbox.Result{
			Wall: time.Since(began), CPU: childrenCPU() - r.base,
			MaxRSS: e.usage.Maxrss * 1024,
		}
		switch {
		case end != "":
			res.End = end
		case e.status.Signaled():
			res.End, res.Signal = sandbox.Signaled, unix.SignalName(e.status.Signal())
			if e.status.Signal() == unix.SIGXCPU {
				res.End = sandbox.CPUExceeded
			}
		default:
			res.End, res.Code = sandbox.Exited, e.status.ExitStatus()
		}
		b.answer(reply{ID: req.ID, Result: res}, nil)
	}()
}

func (b *initBox) waitFor(r *running) exit {
	b.mu.Lock()
	defer b.mu.Unlock()
	for r.exit == nil {
		b.changed.Wait()
	}
	return *r.exit
}

// drain returns when no process but init is left.
func (b *initBox) drain() {
	for i := 0; ; i++ {
		var e exit
		pid, err := syscall.Wait4(-1, &e.status, syscall.WNOHANG, &e.usage)
		if err == syscall.ECHILD {
			return
		}
		if pid == 0 {
			killAll()
			time.Sleep(time.Duration(min(i, 20)) * 100 * time.Microsecond)
		}
	}
}

// watch ends a command that passes a limit.
func (b *initBox) watch(r *running, l task.Limits, began time.Time) {
	step := 20 * time.Millisecond
	for {
		time.Sleep(step)
		r.mu.Lock()
		over := r.end != ""
		r.mu.Unlock()
		if over {
			return
		}
		switch {
		case time.Since(began) > l.Wall:
			r.stop(sandbox.TimedOut)
		case liveCPU(true)+childrenCPU()-r.base > l.CPU:
			r.stop(sandbox.CPUExceeded)
		case b.setup.Watch && liveMemory() > b.setup.Memory:
			r.stop(sandbox.OutOfMemory)
		}
	}
}

// setRlimits binds init too, which can live with all of these.
func setRlimits(l task.Limits) {
	set := func(what int, v uint64) { _ = syscall.Setrlimit(what, &syscall.Rlimit{Cur: v, Max: v}) }
	set(unix.RLIMIT_CORE, 0)
	set(unix.RLIMIT_NOFILE, 1024)
	set(unix.RLIMIT_MEMLOCK, 0)
	set(unix.RLIMIT_MSGQUEUE, 0)
	set(unix.RLIMIT_FSIZE, uint64(l.FileSize))
	set(unix.RLIMIT_NPROC, uint64(l.Procs))
	set(unix.RLIMIT_CPU, uint64(l.CPU/time.Second)+2)
}

func lookPath(name string, env []string) (string, error) {
	if strings.Contains(name, "/") {
		return name, nil
	}
	for _, kv := range env {
		if dirs, ok := strings.CutPrefix(kv, "PATH="); ok {
			for _, d := range strings.Split(dirs, ":") {
				if st, err := os.Stat(d + "/" + name); err == nil && !st.IsDir() && st.Mode()&0o111 != 0 {
					return d + "/" + name, nil
				}
			}
		}
	}
	return "", exec.ErrNotFound
}

// put lays the files of a tar stream over dir.
func (b *initBox) put(dir string, f *os.File) error {
	if err := mkdirOwned(dir, b.setup.HostUID, b.setup.HostGID); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	tr := tar.NewReader(f)
	for {
		h, err := tr.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := extract(root, h, tr, b.setup.HostUID, b.setup.HostGID); err != nil {
			return fmt.Errorf("put %s: %w", h.Name, err)
		}
	}
}
