//go:build linux

package attack

import (
	"time"

	"golang.org/x/sys/unix"

	"metr/internal/task"
)

const flooded = 256 << 20

var flood = Attack{
	Name: "output", Class: Denial, Needs: Contract,
	Limits: task.Limits{Output: 64 << 10, CPU: 8 * time.Second, Wall: 10 * time.Second},
	Tries:  "writes 256 MiB to each of its outputs, as fast as it can",
	Holds:  "the first part is kept, the rest counted, and metr does not grow",
	Payload: func(in *Inside) {
		chunk := make([]byte, 1<<20)
		for i := range chunk {
			chunk[i] = 'x'
		}
		for fd := 1; fd <= 2; fd++ {
			for left := flooded; left > 0; {
				n, err := unix.Write(fd, chunk[:min(left, len(chunk))])
				if err != nil && err != unix.EINTR && err != unix.EAGAIN {
					return
				}
				left -= max(n, 0)
			}
		}
	},
	Check: func(h *Host) {
		box := h.Open(specOf())
		h.modest(func() {
			r := h.Suffer(box)
			if r.StdoutN < flooded || r.StderrN < flooded {
				h.Broken("%d and %d bytes were counted of %d each (%v)", r.StdoutN, r.StderrN, flooded, r.Result)
			}
			if len(r.Stdout) > 64<<10 || len(r.Stderr) > 64<<10 {
				h.Broken("%d and %d bytes were kept where 65536 are allowed", len(r.Stdout), len(r.Stderr))
			}
			h.tries++
		})
	},
}
