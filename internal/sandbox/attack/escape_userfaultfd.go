//go:build linux

package attack

import "golang.org/x/sys/unix"

var userfaults = Attack{
	Name: "userfaultfd", Class: Escape, Needs: Filter,
	Tries: "takes over page faults, which stops the kernel in the middle of a call and opens races",
	Holds: "the call is refused",
	Payload: func(in *Inside) {
		in.Denied("userfaultfd", func() error { return call(unix.SYS_USERFAULTFD, unix.O_CLOEXEC) })
		in.Denied("userfaultfd for its own faults", func() error { return call(unix.SYS_USERFAULTFD, unix.O_CLOEXEC|1) })
	},
}
