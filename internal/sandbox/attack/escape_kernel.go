//go:build linux

package attack

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

var kernel = Attack{
	Name: "kernel", Class: Escape, Needs: Isolation, Fenced: true,
	Tries: "loads a kernel and modules, reboots, sets the clock, the host name and swap, reads the kernel's messages",
	Holds: "every call is refused",
	Payload: func(in *Inside) {
		empty := []byte{0}
		p := uintptr(unsafe.Pointer(&empty[0]))
		in.Denied("kexec_load", func() error { return call(unix.SYS_KEXEC_LOAD, 0, 1, 0, 0) })
		in.Denied("init_module", func() error { return call(unix.SYS_INIT_MODULE, 0, 0, p) })
		in.Denied("finit_module", func() error { return call(unix.SYS_FINIT_MODULE, ^uintptr(0), p, 0) })
		in.Denied("delete_module", func() error { return call(unix.SYS_DELETE_MODULE, p, 0) })
		in.Denied("reboot", func() error { return call(unix.SYS_REBOOT, 1, 2, 3, 0) }) // not the numbers that reboot
		in.Denied("swapon", func() error { return call(unix.SYS_SWAPON, p, 0) })
		in.Denied("acct", func() error { return call(unix.SYS_ACCT, p) })
		in.Denied("sethostname", func() error { return unix.Sethostname([]byte("owned")) })
		in.Denied("setdomainname", func() error { return unix.Setdomainname([]byte("owned")) })
		in.Denied("settimeofday", func() error { return unix.Settimeofday(&unix.Timeval{Sec: 1}) })
		in.Denied("clock_settime", func() error { return unix.ClockSettime(unix.CLOCK_REALTIME, &unix.Timespec{Sec: 1}) })
		in.Denied("syslog", func() error { return call(unix.SYS_SYSLOG, 3, p, 1) })
	},
}
