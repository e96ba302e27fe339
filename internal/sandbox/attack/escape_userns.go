//go:build linux

package attack

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

var userNamespaces = Attack{
	Name: "user-namespace", Class: Escape, Needs: Filter, Fenced: true,
	Tries: "makes user and other namespaces by unshare, clone and clone3, and enters those of process 1",
	Holds: "every way is refused: a nested namespace has capabilities, and most holes of the kernel begin there",
	Payload: func(in *Inside) {
		for name, flag := range map[string]uintptr{"user": unix.CLONE_NEWUSER, "mount": unix.CLONE_NEWNS, "pid": unix.CLONE_NEWPID, "network": unix.CLONE_NEWNET, "cgroup": unix.CLONE_NEWCGROUP, "ipc": unix.CLONE_NEWIPC, "user and network": unix.CLONE_NEWUSER | unix.CLONE_NEWNET} {
			in.Denied("clone with a "+name+" namespace", func() error {
				pid, _, e := unix.RawSyscall6(unix.SYS_CLONE, flag|uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
				if e == 0 && pid == 0 {
					unix.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
				}
				if e != 0 {
					return e
				}
				return nil
			})
		}
		in.Denied("clone3 with a user namespace", func() error {
			args := struct{ flags, pidfd, childTid, parentTid, exit, stack, size, tls uint64 }{flags: unix.CLONE_NEWUSER, exit: uint64(unix.SIGCHLD)}
			pid, _, e := unix.RawSyscall(unix.SYS_CLONE3, uintptr(unsafe.Pointer(&args)), unsafe.Sizeof(args), 0)
			if e == 0 && pid == 0 {
				unix.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
			}
			if e != 0 {
				return e
			}
			return nil
		})
		for _, ns := range []string{"user", "mnt", "net", "pid"} {
			in.Try("enter process 1's "+ns+" namespace", func() error {
				f, err := os.Open("/proc/1/ns/" + ns)
				if err != nil {
					return err
				}
				defer f.Close()
				return unix.Setns(int(f.Fd()), 0)
			})
		}
		// unshare(NEWUSER) of a process with threads is EINVAL by itself: a child
		// with one thread tells by its exit status.
		in.Denied("unshare of a user namespace", func() error { return unshared(unix.CLONE_NEWUSER) })
	},
}

//go:norace
func unshared(flag uintptr) error {
	pid, _, e := unix.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if e == 0 && pid == 0 {
		_, _, e = unix.RawSyscall(unix.SYS_UNSHARE, flag, 0, 0)
		unix.RawSyscall(unix.SYS_EXIT_GROUP, uintptr(e), 0, 0)
	}
	if e != 0 {
		return e
	}
	var st unix.WaitStatus
	if _, err := unix.Wait4(int(pid), &st, 0, nil); err != nil {
		return err
	}
	if st.Signaled() {
		return unix.EPERM
	}
	if n := st.ExitStatus(); n != 0 {
		return unix.Errno(n)
	}
	return nil
}
