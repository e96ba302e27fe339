//go:build linux

package attack

import (
	"os"

	"golang.org/x/sys/unix"
)

var chroot = Attack{
	Name: "chroot", Class: Escape, Needs: Isolation, Fenced: true,
	Tries: "breaks out of its root by chroot, pivot_root, climbing, and file handles of the file system below",
	Holds: "every call is refused and a file of the host is not reached",
	Payload: func(in *Inside) {
		dir := "/tmp/" + in.Token
		_ = os.Mkdir(dir, 0o755)
		in.Denied("chroot", func() error { return unix.Chroot(dir) })
		in.Denied("pivot_root", func() error { return unix.PivotRoot(dir, dir) })
		var h unix.FileHandle
		in.Try("open a file by its handle", func() error {
			for _, p := range []string{"/usr", "/", "/bin/sh"} {
				fh, _, err := unix.NameToHandleAt(unix.AT_FDCWD, p, 0)
				if err != nil {
					continue
				}
				h = fh
				fd, err := unix.Open(p, unix.O_RDONLY, 0)
				if err != nil {
					continue
				}
				if _, err := unix.OpenByHandleAt(fd, h, unix.O_RDONLY); err == nil {
					return nil
				}
			}
			return unix.EPERM
		})
		_ = os.Chdir("/")
		for range 64 {
			_ = unix.Chdir("..")
		}
		for _, up := range []string{".", "/proc/self/root", "/proc/self/cwd", "/proc/thread-self/root/..", "/.."} {
			in.Try("read a file of the host by "+up, opens(up+in.Arg(0), unix.O_RDONLY))
		}
	},
	Check: func(h *Host) {
		h.Run(h.Open(specOf()), h.Plant(h.Folder()+"/file", h.Secret))
	},
}
