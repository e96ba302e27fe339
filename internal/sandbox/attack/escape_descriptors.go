//go:build linux

package attack

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"metr/internal/sandbox"
)

// specOf is the plain box.
func specOf(layers ...sandbox.Layer) sandbox.Spec { return sandbox.Spec{Layers: layers} }

var descriptors = Attack{
	Name: "descriptors", Class: Escape, Needs: Isolation,
	Tries: "uses descriptors that it was not given: metr has a file of the host open, inheritable",
	Holds: "only standard input, output and error are open",
	Payload: func(in *Inside) {
		for fd := 3; fd < 1024; fd++ {
			if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil {
				continue
			}
			at, _ := os.Readlink("/proc/self/fd/" + strconv.Itoa(fd))
			switch at { // what this program's own runtime opens
			case "anon_inode:[eventpoll]", "anon_inode:[eventfd]", "anon_inode:[pidfd]":
				continue
			}
			in.Say("descriptor %d is %s", fd, at)
			var b [256]byte
			n, _ := unix.Pread(fd, b[:], 0)
			in.Say("%s", b[:max(n, 0)])
			_, _ = unix.Pwrite(fd, []byte("overwritten"), 0)
		}
		in.tries++
	},
	Check: func(h *Host) {
		path := h.Plant(h.Folder()+"/open", h.Secret)
		fds := make([]int, 0, 8)
		for range cap(fds) {
			fd, err := unix.Open(path, unix.O_RDWR, 0) // not close-on-exec: that is the point
			must(err)
			defer unix.Close(fd)
			fds = append(fds, fd)
		}
		r := h.Run(h.Open(specOf()))
		if r.Says(h.Secret) {
			h.Broken("a descriptor of metr is open in the box and was read")
		}
		if b, err := os.ReadFile(path); err != nil || string(b) != h.Secret {
			h.Broken("a file of the host was written to through a descriptor of metr")
		}
		for _, s := range r.Said {
			if len(s) > 10 && s[:10] == "descriptor" {
				h.Broken("%s in the box", s)
			}
		}
	},
}
