package oci

import (
	"encoding/json"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"metr/internal/sandbox"
)

// Init turns this process into a stage or a container's init if it was started
// as one, and then never returns; otherwise it does nothing.
func Init() {
	switch {
	case os.Args[0] == stageName:
		debug.SetGCPercent(-1) // it lives shortly and allocates little
		debug.SetMemoryLimit(48 << 20)
		runStage()
		os.Exit(0) // takes the pid namespace down
	case len(os.Args) > 3 && os.Args[0] == initPath && os.Args[1] == initName:
		debug.SetGCPercent(-1)
		runInit()
		os.Exit(0)
	}
}

// What an init is passed beside the three streams.
const (
	programFD = 3 // this program: the container has no other way to it
	statusFD  = 4 // a pipe to the stage
)

// told is a line that init writes to the stage: first that it runs, then how
// the command ended.
type told struct {
	Started bool            `json:",omitempty"`
	Result  *sandbox.Result `json:",omitempty"`
}

// initOptions is argv[2] of an init; the command follows.
type initOptions struct {
	Dir  string
	Data uint64 // RLIMIT_DATA of the command, 0 for none
}

// runInit is process 1 of a container. It holds the same rights as the command,
// which are none; what the command must not reach (its pipe, this program's
// descriptor) is closed at exec and not readable in /proc.
func runInit() {
	unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
	_ = unix.CloseRange(3, ^uint(0), unix.CLOSE_RANGE_CLOEXEC)
	for s := unix.Signal(1); s < 32; s++ {
		if signal.Ignored(s) { // ignored stays ignored over exec, caught does not
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
	status := os.NewFile(statusFD, "status")
	out := json.NewEncoder(status)
	var o initOptions
	if err := json.Unmarshal([]byte(os.Args[2]), &o); err != nil {
		os.Exit(125)
	}
	if err := out.Encode(told{Started: true}); err != nil {
		os.Exit(125)
	}
	r := o.run(os.Args[3:])
	if err := out.Encode(told{Result: &r}); err != nil {
		os.Exit(125)
	}
}

func (o initOptions) run(args []string) sandbox.Result {
	began := time.Now()
	path, err := lookPath(args[0])
	if err != nil {
		return sandbox.Result{End: sandbox.NotStarted}
	}
	runtime.LockOSThread()
	pid, err := syscall.ForkExec(path, args, &syscall.ProcAttr{
		Dir: o.Dir, Env: os.Environ(), Files: []uintptr{0, 1, 2}, Sys: &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return sandbox.Result{End: sandbox.NotStarted, Stderr: []byte(err.Error())}
	}
	if o.Data > 0 {
		data := unix.Rlimit{Cur: o.Data, Max: o.Data}
		_ = unix.Prlimit(pid, unix.RLIMIT_DATA, &data, nil) // gone already: nothing to limit
	}
	for _, f := range []*os.File{os.Stdin, os.Stdout, os.Stderr} {
		f.Close() // who reads them sees their end when the command's are closed
	}
	for {
		var st syscall.WaitStatus
		var use syscall.Rusage
		got, err := syscall.Wait4(-1, &st, 0, &use)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return sandbox.Result{End: sandbox.Signaled, Signal: "SIGKILL"}
		}
		if got != pid {
			continue // an orphan
		}
		// All that it left behind counts before it goes down with this process.
		_ = unix.Kill(-1, unix.SIGKILL)
		for {
			if _, err := syscall.Wait4(-1, nil, 0, nil); err != nil && err != syscall.EINTR {
				break
			}
		}
		r := sandbox.Result{End: sandbox.Exited, Code: st.ExitStatus(), Wall: time.Since(began), CPU: reaped(), MaxRSS: use.Maxrss * 1024}
		if st.Signaled() {
			r.End, r.Code, r.Signal = sandbox.Signaled, 0, unix.SignalName(st.Signal())
			switch st.Signal() {
			case unix.SIGXCPU:
				r.End = sandbox.CPUExceeded
			case unix.SIGXFSZ:
				r.End = sandbox.FileTooLarge
			}
		}
		return r
	}
}

// lookPath finds a program in the container's PATH.
func lookPath(name string) (string, error) {
	if strings.Contains(name, "/") {
		return name, nil
	}
	for _, d := range strings.Split(os.Getenv("PATH"), ":") {
		if st, err := os.Stat(d + "/" + name); err == nil && !st.IsDir() && st.Mode()&0o111 != 0 {
			return d + "/" + name, nil
		}
	}
	return "", exec.ErrNotFound
}
