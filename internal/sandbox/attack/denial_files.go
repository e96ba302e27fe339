//go:build linux

package attack

import (
	"os"
	"strconv"
	"time"

	"metr/internal/sandbox"
	"metr/internal/task"
)

var files = Attack{
	Name: "files", Class: Denial, Needs: Resources,
	Limits: task.Limits{CPU: 8 * time.Second, Wall: 8 * time.Second, Memory: 512 << 20},
	Tries:  "makes a million empty files, then has them read back",
	Holds:  "their number is limited, reading them back ends at its limit, and metr does not grow",
	Payload: func(in *Inside) {
		made := 0
		for i := range 1000 {
			dir := in.Arg(0) + "/" + strconv.Itoa(i)
			if os.Mkdir(dir, 0o755) != nil {
				break
			}
			for k := range 1000 {
				if os.WriteFile(dir+"/"+strconv.Itoa(k), nil, 0o644) != nil {
					break
				}
				made++
			}
		}
		in.Say("made %d", made)
		in.tries++
		if made > 500_000 {
			in.Breach("%d files could be made", made)
		}
	},
	Check: func(h *Host) {
		box := h.Open(specOf())
		h.Suffer(box, box.Path(sandbox.Work)) // may be killed for time or memory
		h.tries++
		h.modest(func() { h.Get(box, sandbox.Work, 4<<20) })
	},
}

// modest wants this process not to grow much while f runs.
func (h *Host) modest(f func()) {
	began := time.Now()
	if p := h.Watch(f); p.Own > 96<<20 {
		h.Broken("metr grew by %d MiB", p.Own>>20)
	}
	if took := time.Since(began); took > 20*time.Second {
		h.Broken("metr was held up for %v", took)
	}
}
