//go:build linux

package attack

import (
	"crypto/sha256"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

var self = Attack{
	Name: "own-program", Class: Poisoning, Needs: Isolation,
	Tries: "overwrites metr's own program through its place in the box, /proc/self/exe and process 1's, as container escapes have done",
	Holds: "it cannot be opened for writing, and is as it was",
	Payload: func(in *Inside) {
		for _, p := range []string{in.Arg(0), "/proc/self/exe", "/proc/1/exe", "/proc/self/map_files"} {
			in.Denied("open "+p+" for writing", func() error {
				err := opens(p, unix.O_RDWR)()
				switch err {
				case unix.EROFS, unix.ENOENT, unix.EISDIR:
					return unix.EACCES // as good: it can never be written
				}
				return err
			})
		}
		in.Try("put another in its place", func() error {
			if pidNamespace() == in.Arg(1) {
				return unix.EPERM // would take the program from its user
			}
			return os.Rename(in.Arg(0), in.Arg(0)+".old")
		})
	},
	Check: func(h *Host) {
		digest := func() [32]byte {
			f, err := os.Open("/proc/self/exe")
			must(err)
			defer f.Close()
			s := sha256.New()
			_, err = io.Copy(s, f)
			must(err)
			return [32]byte(s.Sum(nil))
		}
		before := digest()
		box := h.Open(specOf())
		h.Run(box, box.Path("/metr/metr"), pidNamespace())
		if digest() != before {
			h.Broken("metr's program changed")
		}
	},
}
