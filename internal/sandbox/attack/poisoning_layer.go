//go:build linux

package attack

import (
	"os"

	"golang.org/x/sys/unix"

	"metr/internal/sandbox"
)

var layer = Attack{
	Name: "read-only-layer", Class: Poisoning, Needs: Isolation,
	Tries: "changes a tool chain, a read-only layer whose files everybody may write to: content, mode, times, names, attributes, through links and /proc",
	Holds: "the host's folder is as it was, with its times",
	Payload: func(in *Inside) {
		dir := in.Arg(0)
		f := dir + "/file"
		in.Try("write", func() error { return os.WriteFile(f, []byte("poisoned"), 0o666) })
		in.Try("write a new file", func() error { return os.WriteFile(dir+"/new", nil, 0o666) })
		in.Try("truncate", func() error { return os.Truncate(f, 0) })
		in.Try("rename", func() error { return os.Rename(f, dir+"/moved") })
		in.Try("chmod", func() error { return os.Chmod(f, 0o777) })
		in.Try("set its times", func() error { return unix.Utimes(f, []unix.Timeval{{Sec: 1}, {Sec: 1}}) })
		in.Try("set an attribute", func() error { return unix.Setxattr(f, "user.poison", []byte("x"), 0) })
		in.Try("link it to the workspace", func() error { return os.Link(f, "/work/"+in.Token) })
		in.Try("write through /proc", func() error {
			r, err := os.Open(f)
			if err != nil {
				return err
			}
			defer r.Close()
			return os.WriteFile("/proc/self/fd/"+itoa(int(r.Fd())), []byte("poisoned"), 0o666)
		})
		in.Try("delete", func() error { return os.Remove(f) })
	},
	Check: func(h *Host) {
		dir := h.Folder()
		h.Plant(dir+"/file", "trusted")
		before := snapshot(dir)
		box := h.Open(specOf(sandbox.Layer{Host: dir, Box: "/opt/layer"}))
		h.Run(box, box.Path("/opt/layer"))
		if snapshot(dir) != before {
			h.Broken("the host's folder changed")
		}
	},
}
