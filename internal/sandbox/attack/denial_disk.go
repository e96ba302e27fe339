//go:build linux

package attack

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"metr/internal/sandbox"
	"metr/internal/task"
)

var disk = Attack{
	Name: "disk", Class: Denial, Needs: Resources,
	Limits:  task.Limits{Disk: 24 << 20, FileSize: 8 << 20},
	Tries:   "writes one file over the limit of a file, then files until the disk is full",
	Holds:   "files end at their limit, the box at its own, and the disk of the host does not fill",
	Payload: fillDisk,
	Check: func(h *Host) {
		box := h.Open(specOf())
		h.Run(box, box.Path(sandbox.Work))
	},
}

// fillDisk fills the folders of its arguments, which may hold 24 MiB, in files of
// 8 MiB at most.
func fillDisk(in *Inside) {
	chunk := make([]byte, 1<<20)
	for _, dir := range in.Args {
		total := 0
		for i := range 32 {
			f, err := os.Create(fmt.Sprintf("%s/%d-%s", dir, i, in.Token))
			if err != nil {
				break
			}
			size := 0
			for size < 16<<20 {
				n, err := f.Write(chunk)
				size += n
				if err != nil {
					break
				}
			}
			total += size
			f.Close()
			if size > 8<<20 {
				in.Breach("a file of %d MiB in %s where 8 are allowed", size>>20, dir)
			}
		}
		if total > 25<<20 {
			in.Breach("%d MiB in %s where 24 are allowed", total>>20, dir)
		}
		in.Try("a sparse file of 1 TiB in "+dir, func() error { return unix.Truncate(dir+"/0-"+in.Token, 1<<40) })
	}
}
