//go:build linux

package attack

import "os"

var hostWrite = Attack{
	Name: "host-write", Class: Escape, Needs: Isolation,
	Tries: "writes, replaces and deletes files of the host that everybody may write to, and makes new ones",
	Holds: "they are unchanged, with their times",
	Payload: func(in *Inside) {
		dir := in.Arg(0)
		for _, d := range []string{dir, "/proc/1/root" + dir, "/proc/self/root" + dir} {
			for _, f := range []string{"file", "new"} {
				_ = os.WriteFile(d+"/"+f, []byte("written from the box"), 0o666)
			}
			_ = os.Rename(d+"/file", d+"/moved")
			_ = os.Remove(d + "/moved")
		}
		in.tries++
	},
	Check: func(h *Host) {
		dir := h.Folder()
		h.Plant(dir+"/file", h.Secret)
		before := snapshot(dir)
		h.Run(h.Open(specOf()), dir)
		if snapshot(dir) != before {
			h.Broken("the host's folder changed")
		}
	},
}
