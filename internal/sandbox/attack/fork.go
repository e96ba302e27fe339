//go:build linux

package attack

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// life is what a forked child does. A Go program that forks without exec has
// one thread and no runtime left: the child makes bare system calls and nothing
// else.
type life int

const (
	sleeps  life = iota // for a minute
	burns               // processor time
	dies                // at once
	forks               // children that die at once, for ever
	orphans             // forks a sleeper in a session of its own and dies
	bombs               // forks children like itself, a few deep
)

// fork starts a child. It has our command line, by which the host counts it.
//
//go:norace
//go:nosplit
func fork(l life) (pid uintptr, errno unix.Errno) {
	pid, _, errno = unix.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if errno != 0 || pid != 0 {
		return pid, errno
	}
	live(l)
	return 0, 0
}

//go:norace
//go:nosplit
func live(l life) {
	minute := unix.Timespec{Sec: 60}
	switch l {
	case burns:
		for i := 0; ; i++ {
			if i < 0 {
				break
			}
		}
	case forks:
		for range 200_000 {
			pid, _, errno := unix.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
			if errno == 0 && pid == 0 {
				unix.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
			}
		}
	case orphans:
		pid, _, errno := unix.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
		if errno == 0 && pid == 0 {
			unix.RawSyscall(unix.SYS_SETSID, 0, 0, 0)
			unix.RawSyscall6(unix.SYS_PPOLL, 0, 0, uintptr(unsafe.Pointer(&minute)), 0, 0, 0)
		}
	case bombs:
		for range 8 {
			unix.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
		}
		unix.RawSyscall6(unix.SYS_PPOLL, 0, 0, uintptr(unsafe.Pointer(&minute)), 0, 0, 0)
	case sleeps:
		unix.RawSyscall6(unix.SYS_PPOLL, 0, 0, uintptr(unsafe.Pointer(&minute)), 0, 0, 0)
	}
	unix.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
}

// blockSignals blocks every signal that can be blocked, for this thread and
// what it forks.
func blockSignals() error {
	var all unix.Sigset_t
	for i := range all.Val {
		all.Val[i] = ^uint64(0)
	}
	return unix.PthreadSigmask(unix.SIG_BLOCK, &all, nil)
}
