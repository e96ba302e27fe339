//go:build linux

package attack

import (
	"strings"

	"golang.org/x/sys/unix"

	"metr/internal/sandbox"
	"metr/internal/task"
)

var deep = Attack{
	Name: "deep-paths", Class: Denial, Needs: Contract,
	Limits: task.Limits{Disk: 64 << 20},
	Tries:  "nests folders far beyond the longest path and gives files names that are no text, then has them read back",
	Holds:  "reading them back ends with files or with too large, never with a failure, and metr does not grow",
	Payload: func(in *Inside) {
		if err := unix.Chdir(in.Arg(0)); err != nil {
			in.Say("%v", err)
		}
		for _, name := range []string{"\xff\xfe", "new\nline", " ", "-rf", strings.Repeat("n", 255), "a\\b", "..."} {
			fd, err := unix.Open(name, unix.O_CREAT|unix.O_WRONLY, 0o644)
			if err == nil {
				unix.Close(fd)
			}
		}
		name := strings.Repeat("d", 200)
		depth := 0
		for range 4000 {
			if unix.Mkdir(name, 0o755) != nil || unix.Chdir(name) != nil {
				break
			}
			depth++
		}
		fd, err := unix.Open("bottom", unix.O_CREAT|unix.O_WRONLY, 0o644)
		if err == nil {
			unix.Close(fd)
		}
		in.Say("%d folders", depth)
		in.tries++
	},
	Check: func(h *Host) {
		box := h.Open(specOf())
		h.Run(box, box.Path(sandbox.Work))
		h.modest(func() { h.Get(box, sandbox.Work, 16<<20) })
	},
}
