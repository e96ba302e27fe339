//go:build linux

package attack

import (
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"metr/internal/sandbox"
	"metr/internal/task"
)

var stuck = Attack{
	Name: "stuck", Class: Denial, Needs: Contract,
	Limits: task.Limits{Wall: 700 * time.Millisecond},
	Tries:  "waits where signals do not reach: for a child of vfork that sleeps, which is an uninterruptible wait, and for a pipe that nobody opens",
	Holds:  "the wall time ends it",
	Payload: func(in *Inside) {
		pipe := in.Arg(0) + "/" + in.Token
		_ = unix.Mkfifo(pipe, 0o600)
		go func() { _, _ = unix.Open(pipe, unix.O_RDONLY, 0) }()
		runtime.LockOSThread()
		vforkAndSleep()
	},
	Check: func(h *Host) {
		box := h.Open(specOf())
		h.ended(h.Suffer(box, box.Path("/tmp")), sandbox.TimedOut)
		h.tries++
	},
}

// vforkAndSleep suspends this thread until a child ends that does not.
//
//go:norace
//go:nosplit
func vforkAndSleep() {
	minute := unix.Timespec{Sec: 60}
	pid, _, errno := unix.RawSyscall6(unix.SYS_CLONE, unix.CLONE_VFORK|uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if errno == 0 && pid == 0 {
		unix.RawSyscall6(unix.SYS_PPOLL, 0, 0, uintptr(unsafe.Pointer(&minute)), 0, 0, 0)
		unix.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
	}
}
