//go:build linux

package attack

import "golang.org/x/sys/unix"

var terminal = Attack{
	Name: "terminal", Class: Escape, Needs: Isolation, Fenced: true,
	Tries: "types into the terminal that metr was started from, by TIOCSTI and the controlling terminal",
	Holds: "there is no terminal",
	Payload: func(in *Inside) {
		in.Try("open /dev/tty", opens("/dev/tty", unix.O_RDWR))
		in.Try("open /dev/console", opens("/dev/console", unix.O_RDWR))
		for fd := range 16 {
			if _, err := unix.IoctlGetTermios(fd, unix.TCGETS); err == nil {
				in.Breach("descriptor %d is a terminal", fd)
			}
			in.Try("type into descriptor "+itoa(fd), func() error { return unix.IoctlSetPointerInt(fd, unix.TIOCSTI, '\n') })
			in.Try("take descriptor "+itoa(fd)+" as terminal", func() error { return unix.IoctlSetInt(fd, unix.TIOCSCTTY, 1) })
		}
	},
}
