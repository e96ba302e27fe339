//go:build linux

package attack

import (
	"time"

	"golang.org/x/sys/unix"

	"metr/internal/sandbox"
	"metr/internal/task"
)

var zombies = Attack{
	Name: "zombies", Class: Denial, Needs: Resources,
	Limits: task.Limits{Wall: 1500 * time.Millisecond, CPU: 20 * time.Second, Procs: 48},
	Tries:  "leaves thousands of dead children to process 1, and others that nobody waits for",
	Holds:  "the box ends in time, its processor time is counted, and no process is left",
	Payload: func(in *Inside) {
		for range 8 {
			_, _ = fork(forks)
		}
		for range 500 { // they die at once, and their parent does not wait
			_, _ = fork(dies)
		}
		for {
			_, _ = fork(orphans)
			unix.Nanosleep(&unix.Timespec{Nsec: 1e6}, nil)
		}
	},
	Check: func(h *Host) {
		box := h.Open(specOf())
		r := h.Suffer(box)
		h.ended(r, sandbox.TimedOut, sandbox.CPUExceeded)
		if r.CPU < 100*time.Millisecond {
			h.Broken("of %v of forking only %v of processor time was counted", r.Wall, r.CPU)
		}
		h.none("when the command had ended")
		h.tries++
	},
}
