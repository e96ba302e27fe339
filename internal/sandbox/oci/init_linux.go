package oci

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strconv"
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
	case len(os.Args) > 4 && os.Args[0] == initPath && os.Args[1] == limitName:
		runLimited()
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
	// Caught, none ends it, whoever sends it; and ignored ones would stay ignored
	// over exec.
	signal.Notify(make(chan os.Signal, 1))
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
	pid, err := o.start(path, args)
	if err != nil {
		return sandbox.Result{End: sandbox.NotStarted, Stderr: []byte(err.Error())}
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

// start starts the command, by way of runLimited where its memory is limited: a
// process can set its own limits only, and init is to keep its memory.
func (o initOptions) start(path string, args []string) (pid int, err error) {
	attr := syscall.ProcAttr{Dir: o.Dir, Env: os.Environ(), Files: []uintptr{0, 1, 2}, Sys: &syscall.SysProcAttr{Setsid: true}}
	if o.Data == 0 {
		return syscall.ForkExec(path, args, &attr)
	}
	why, theirs, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer why.Close()
	attr.Files = append(attr.Files, theirs.Fd())
	self, err := unix.FcntlInt(programFD, unix.F_DUPFD_CLOEXEC, 10) // 3 is the pipe there
	if err != nil {
		return 0, err
	}
	defer unix.Close(self)
	pid, err = syscall.ForkExec(fmt.Sprintf("/proc/self/fd/%d", self), append([]string{initPath, limitName, strconv.FormatUint(o.Data, 10), path}, args...), &attr)
	theirs.Close()
	if err != nil {
		return 0, err
	}
	if text, _ := io.ReadAll(why); len(text) > 0 {
		_, _ = syscall.Wait4(pid, nil, 0, nil)
		return 0, errors.New(string(text))
	}
	return pid, nil
}

// runLimited becomes the command that its arguments name, with a limit to its
// data. Where that fails it says why over descriptor 3.
func runLimited() {
	const why = 3
	syscall.CloseOnExec(why)
	data, err := strconv.ParseUint(os.Args[2], 10, 64)
	path, args, env := os.Args[3], os.Args[4:], os.Environ()
	if err == nil {
		err = unix.Setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: data, Max: data})
	}
	if err == nil {
		err = syscall.Exec(path, args, env)
	}
	_, _ = unix.Write(why, []byte(err.Error()))
	os.Exit(127)
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
