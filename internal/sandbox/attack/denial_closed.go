//go:build linux

package attack

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"metr/internal/sandbox"
	"metr/internal/task"
)

var closed = Attack{
	Name: "closed-folders", Class: Denial, Needs: Contract,
	Tries: "takes away every permission of its files, its folders and the workspace itself, and gives them odd ones, then has them read back and written to",
	Holds: "reading and writing work as before: no failure makes the attempt invalid",
	Payload: func(in *Inside) {
		in.tries++
		if in.Arg(1) == "write" { // the workspace is open again, or it is the program's own fault
			return
		}
		work := in.Arg(0)
		say := func(err error) {
			if err != nil {
				in.Say("%v", err)
			}
		}
		for _, d := range []string{"closed", "closed/deeper", "unlisted", "stuck"} {
			say(os.Mkdir(work+"/"+d, 0o755))
		}
		for _, f := range []string{"file", "closed/file", "closed/deeper/file", "unlisted/file", "stuck/file"} {
			say(os.WriteFile(filepath.Join(work, f), []byte("x"), 0))
		}
		say(os.Chmod(work+"/closed/deeper", 0))
		say(os.Chmod(work+"/closed", 0))
		say(os.Chmod(work+"/unlisted", 0o111))
		say(unix.Chmod(work+"/stuck", 0o7000))
		say(os.Chmod(work, 0))
	},
	Check: func(h *Host) {
		box := h.Open(specOf())
		h.Run(box, box.Path(sandbox.Work), "close")
		if tree, ok := h.Get(box, sandbox.Work, 1<<20); ok && len(tree) == 0 {
			h.Broken("nothing was read back, as if the workspace were empty")
		}
		if err := box.Put(h.ctx, sandbox.Work, task.Tree{"new": {Mode: 0o644, Data: []byte("x")}}); err != nil {
			h.Broken("nothing can be laid into the workspace: %v", err)
		}
		h.Run(box, box.Path(sandbox.Work), "write")
	},
}
