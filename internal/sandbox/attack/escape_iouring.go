//go:build linux

package attack

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

var ioUring = Attack{
	Name: "io_uring", Class: Escape, Needs: Filter,
	Tries: "sets up io_uring, which does what system calls do, past their filter",
	Holds: "the call is refused",
	Payload: func(in *Inside) {
		var params [120]byte
		in.Denied("io_uring_setup", func() error { return call(unix.SYS_IO_URING_SETUP, 4, uintptr(unsafe.Pointer(&params[0]))) })
		in.Denied("io_uring_enter", func() error { return call(unix.SYS_IO_URING_ENTER, ^uintptr(0)) })
		in.Denied("io_uring_register", func() error { return call(unix.SYS_IO_URING_REGISTER, ^uintptr(0)) })
	},
}
