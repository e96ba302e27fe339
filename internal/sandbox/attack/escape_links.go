//go:build linux

package attack

import (
	"context"
	"errors"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"metr/internal/sandbox"
	"metr/internal/task"
)

var links = Attack{
	Name: "links", Class: Escape, Needs: Contract,
	Tries: "puts symbolic links, hard links, pipes and closed folders to where results are read and files are laid",
	Holds: "reading follows no link and does not hang, and writing changes nothing outside of the folder",
	Payload: func(in *Inside) {
		work, host := in.Arg(0), in.Arg(1)
		must := func(err error) {
			if err != nil {
				in.Say("%v", err)
			}
		}
		must(os.Symlink(host+"/file", work+"/file"))
		must(os.Symlink(host, work+"/folder"))
		must(os.Symlink("/", work+"/root"))
		must(os.Symlink("/proc/self/root"+host, work+"/magic"))
		must(os.Symlink("loop", work+"/loop"))
		must(unix.Mkfifo(work+"/pipe", 0o666))
		// Both are only possible where the host's file is within reach.
		_ = os.Link(host+"/file", work+"/hard")
		_ = os.Link("/etc/shadow", work+"/shadow")
		_ = os.Mkdir(work+"/closed", 0)
		_ = os.WriteFile(work+"/unreadable", []byte("x"), 0)
		in.tries++
	},
	Check: func(h *Host) {
		dir := h.Folder()
		file := h.Plant(dir+"/file", h.Secret)
		box := h.Open(specOf())
		h.Run(box, box.Path(sandbox.Work), dir)
		if tree, ok := h.Get(box, sandbox.Work, 1<<20); ok {
			for name, f := range tree {
				switch {
				case name == "hard" && h.backend.Name() == "none":
				case strings.Contains(string(f.Data), h.Secret):
					h.Broken("%s was read through a link: it holds a file of the host", name)
				case name == "shadow" && len(f.Data) > 0 && h.backend.Name() != "none":
					h.Broken("the host's /etc/shadow was read through a hard link")
				}
			}
			if tree["file"].Link == "" || tree["folder"].Link == "" {
				h.Broken("links did not come back as links: %v", tree.Paths())
			}
		}
		for _, name := range []string{"file", "folder/file", "magic/file", "root" + dir + "/file", "pipe", "loop"} {
			// It may refuse; what counts is where it wrote.
			_ = box.Put(h.ctx, sandbox.Work, task.Tree{name: {Mode: 0o644, Data: []byte("overwritten")}})
		}
		if b, err := os.ReadFile(file); err != nil || string(b) != h.Secret {
			h.Broken("writing to the box overwrote a file of the host: %q %v", b, err)
		}
	},
}

// Get reads the box's files and reports whether there is anything to look at:
// too much of it is an answer, an error is broken.
func (h *Host) Get(box sandbox.Box, dir string, limit int64) (task.Tree, bool) {
	t, err := box.Get(h.ctx, dir, limit)
	switch {
	case err == nil:
		return t, true
	case errors.Is(err, sandbox.ErrTooLarge):
	case h.ctx.Err() != nil && !errors.Is(context.Cause(h.ctx), context.DeadlineExceeded):
		panic(stop{})
	default:
		h.Broken("reading the box's files failed, which makes the attempt invalid: %.300v", err)
	}
	return nil, false
}
