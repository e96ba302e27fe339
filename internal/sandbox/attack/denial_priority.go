//go:build linux

package attack

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

var priority = Attack{
	Name: "priority", Class: Denial, Needs: Isolation,
	Tries: "gives itself precedence: negative niceness, real-time scheduling, higher limits, locked memory, safety from the memory killer",
	Holds: "every call is refused",
	Payload: func(in *Inside) {
		in.Denied("setpriority", func() error { return unix.Setpriority(unix.PRIO_PROCESS, 0, -20) })
		param := int32(1)
		in.Denied("sched_setscheduler", func() error {
			return call(unix.SYS_SCHED_SETSCHEDULER, 0, 1, uintptr(unsafe.Pointer(&param)))
		})
		for name, what := range map[string]int{"open files": unix.RLIMIT_NOFILE, "processes": unix.RLIMIT_NPROC, "file size": unix.RLIMIT_FSIZE, "core files": unix.RLIMIT_CORE} {
			in.Denied("raise the limit of "+name, func() error {
				var now unix.Rlimit
				if err := unix.Getrlimit(what, &now); err != nil {
					return err
				}
				return unix.Prlimit(0, what, &unix.Rlimit{Cur: now.Cur, Max: ^uint64(0)}, nil)
			})
		}
		in.Try("lock 8 MiB of memory", func() error {
			b, err := unix.Mmap(-1, 0, 8<<20, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
			if err != nil {
				return err
			}
			return unix.Mlock(b)
		})
		in.Try("be spared by the memory killer", func() error {
			fd, err := unix.Open("/proc/self/oom_score_adj", unix.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = unix.Write(fd, []byte("-1000"))
			return err
		})
	},
}
