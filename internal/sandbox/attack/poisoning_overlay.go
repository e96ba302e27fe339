//go:build linux

package attack

import (
	"os"

	"golang.org/x/sys/unix"

	"metr/internal/sandbox"
)

var overlay = Attack{
	Name: "overlay-layer", Class: Poisoning, Needs: Isolation,
	Tries: "changes, deletes and adds files in a cache that it may write to, with the overlay's own markers too",
	Holds: "the host's folder is as it was, and the next box with that cache, and one that is open at the same time, see nothing of it",
	Payload: func(in *Inside) {
		dir := in.Arg(0)
		in.tries++
		if in.Arg(1) == "look" {
			b, err := os.ReadFile(dir + "/file")
			if err != nil || string(b) != "trusted" {
				in.Breach("another box's change is there: %q %v", b, err)
			}
			es, _ := os.ReadDir(dir)
			if len(es) != 2 {
				in.Breach("%d entries are there, not 2", len(es))
			}
			return
		}
		// Some of these work, since the layer is writable for this box.
		_ = os.WriteFile(dir+"/file", []byte("poisoned"), 0o666)
		_ = os.WriteFile(dir+"/new", []byte("poisoned"), 0o666)
		_ = os.Rename(dir+"/folder", dir+"/moved")
		_ = os.RemoveAll(dir + "/folder")
		for _, name := range []string{"user.overlay.opaque", "user.overlay.redirect", "user.overlay.metacopy", "trusted.overlay.redirect"} {
			_ = unix.Setxattr(dir, name, []byte("/etc"), 0)
			_ = unix.Setxattr(dir+"/file", name, []byte("/etc/shadow"), 0)
		}
		_ = unix.Mknod(dir+"/whiteout", unix.S_IFCHR, 0)
		for _, lower := range []string{"/.lower", "/.upper", "/.lower/0", "/.upper/0"} {
			in.Try("write to "+lower, func() error { return os.WriteFile(lower+"/file", []byte("poisoned"), 0o666) })
		}
	},
	Check: func(h *Host) {
		dir := h.Folder()
		h.Plant(dir+"/file", "trusted")
		must(os.Mkdir(dir+"/folder", 0o777))
		h.Plant(dir+"/folder/f", "trusted")
		before := snapshot(dir)
		spec := specOf(sandbox.Layer{Host: dir, Box: "/cache", Overlay: true})
		same, box := h.Open(spec), h.Open(spec)
		h.Run(box, box.Path("/cache"), "poison")
		h.Run(same, same.Path("/cache"), "look")
		must(box.Close())
		next := h.Open(spec)
		h.Run(next, next.Path("/cache"), "look")
		if snapshot(dir) != before {
			h.Broken("the host's folder changed")
		}
	},
}
