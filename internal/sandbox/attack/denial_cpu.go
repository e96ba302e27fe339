//go:build linux

package attack

import (
	"time"

	"golang.org/x/sys/unix"

	"metr/internal/sandbox"
	"metr/internal/task"
)

var burn = Attack{
	Name: "processor", Class: Denial, Needs: Resources,
	Limits: task.Limits{CPU: 600 * time.Millisecond, Wall: 8 * time.Second},
	Tries:  "burns processor time in many processes, each of which stays below the limit, under names that break the parsing of /proc",
	Holds:  "the sum ends it as over its processor time, soon, and is what is reported",
	Payload: func(in *Inside) {
		_ = unix.Prctl(unix.PR_SET_NAME, ptr("x) R 1 (\n"), 0, 0, 0)
		for range 12 {
			_, _ = fork(burns)
		}
		time.Sleep(time.Minute)
	},
	Check: func(h *Host) {
		r := h.Suffer(h.Open(specOf()))
		h.ended(r, sandbox.CPUExceeded)
		if r.CPU > 3*time.Second || r.CPU < 500*time.Millisecond {
			h.Broken("%v of processor time were used and reported where 600ms are allowed", r.CPU)
		}
		h.none("when the command had ended")
		h.tries++
	},
}
