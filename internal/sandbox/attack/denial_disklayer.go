//go:build linux

package attack

import (
	"os"
	"time"

	"metr/internal/sandbox"
	"metr/internal/task"
)

var diskLayer = Attack{
	Name: "disk-layer", Class: Denial, Needs: Resources,
	Limits: task.Limits{Disk: 24 << 20, FileSize: 8 << 20, Wall: 20 * time.Second},
	Tries:  "fills the disk through a layer that it may write to, a cache for instance",
	Holds:  "the layer ends at the box's limit and nothing of it is in the host's folder",

	Payload: fillDisk,
	Check: func(h *Host) {
		dir := h.Folder()
		box := h.Open(specOf(sandbox.Layer{Host: dir, Box: "/layer", Overlay: true}))
		h.Run(box, box.Path("/layer"))
		if es, err := os.ReadDir(dir); err != nil || len(es) > 0 {
			h.Broken("%d files are on the disk of the host", len(es))
		}
	},
}
