//go:build linux

package attack

import (
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

var ptrace = Attack{
	Name: "ptrace", Class: Escape, Needs: Isolation, Fenced: true,
	Tries: "traces process 1 and a process of the host, reads their memory, takes their descriptors",
	Holds: "every call is refused, and the host's process runs on",
	Payload: func(in *Inside) {
		host, _ := strconv.Atoi(in.Arg(0))
		for _, pid := range []int{1, host} {
			who := "process " + strconv.Itoa(pid)
			in.Try("seize "+who, func() error { return call(unix.SYS_PTRACE, unix.PTRACE_SEIZE, uintptr(pid)) })
			in.Try("attach to "+who, func() error { return call(unix.SYS_PTRACE, unix.PTRACE_ATTACH, uintptr(pid)) })
			var b [8]byte
			local := []unix.Iovec{{Base: &b[0], Len: 8}}
			remote := []unix.RemoteIovec{{Base: uintptr(unsafe.Pointer(&b[0])) &^ 0xfff, Len: 8}}
			// A bad address means that the process was looked at.
			in.Try("read the memory of "+who, func() error {
				_, err := unix.ProcessVMReadv(pid, local, remote, 0)
				if err == unix.EFAULT {
					return nil
				}
				return err
			})
			in.Try("take a descriptor of "+who, func() error {
				fd, err := unix.PidfdOpen(pid, 0)
				if err != nil {
					return err
				}
				defer unix.Close(fd)
				_, err = unix.PidfdGetfd(fd, 0, 0)
				return err
			})
		}
	},
	Check: func(h *Host) {
		sleeper := h.Process()
		h.Run(h.Open(specOf()), strconv.Itoa(sleeper.Process.Pid))
		if !alive(sleeper) {
			h.Broken("the host's process was stopped or killed")
		}
	},
}
