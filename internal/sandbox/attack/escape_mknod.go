//go:build linux

package attack

import "golang.org/x/sys/unix"

var deviceNodes = Attack{
	Name: "mknod", Class: Escape, Needs: Isolation,
	Tries: "makes device nodes of memory, disks and the console, and opens them",
	Holds: "none can be made",
	Payload: func(in *Inside) {
		for _, d := range []struct {
			name         string
			kind         uint32
			major, minor uint32
		}{{"mem", unix.S_IFCHR, 1, 1}, {"kmsg", unix.S_IFCHR, 1, 11}, {"console", unix.S_IFCHR, 5, 1}, {"disk", unix.S_IFBLK, 8, 0}, {"vda", unix.S_IFBLK, 254, 0}, {"fuse", unix.S_IFCHR, 10, 229}} {
			path := in.Arg(0) + "/" + d.name
			in.Denied("mknod "+d.name, func() error { return unix.Mknod(path, d.kind|0o666, int(unix.Mkdev(d.major, d.minor))) })
			_ = unix.Unlink(path)
		}
	},
	Check: func(h *Host) {
		box := h.Open(specOf())
		h.Run(box, box.Path("/tmp"))
	},
}
