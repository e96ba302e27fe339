//go:build linux

package attack

import (
	"time"

	"metr/internal/sandbox"
	"metr/internal/task"
)

var forkBomb = Attack{
	Name: "fork-bomb", Class: Denial, Needs: Resources, Fenced: true,
	Limits: task.Limits{Wall: 2 * time.Second, Procs: 40},
	Tries:  "forks children that fork, as many as it gets, and keeps on",
	Holds:  "the host never sees more processes than the limit, and none when the command has ended",
	Payload: func(in *Inside) {
		for range 2000 { // a bound, should nothing else stop it
			_, _ = fork(bombs)
		}
		time.Sleep(time.Minute)
	},
	Check: func(h *Host) {
		var r Report
		box := h.Open(specOf())
		p := h.Watch(func() { r = h.Suffer(box) })
		h.ended(r, sandbox.TimedOut, sandbox.CPUExceeded)
		// Threads of the payload's own runtime count as processes, too.
		if p.Procs > 40+32 {
			h.Broken("%d processes at once where 40 are allowed", p.Procs)
		}
		if p.Procs < 5 {
			panic(ours{errNoLastLine})
		}
		h.none("when the command had ended")
		h.tries++
	},
}

// ended wants the command to have come to its end by one of those ways, and not
// long after its wall time.
func (h *Host) ended(r Report, ways ...sandbox.End) {
	if slack := 10 * time.Second; r.Wall > h.Limits().Wall+slack {
		h.Broken("it ended %v after its wall time", r.Wall-h.Limits().Wall)
	}
	for _, w := range ways {
		if r.End == w {
			return
		}
	}
	h.Broken("it ended by %v, not by %v", r.Result, ways)
}

// none wants no process of the payload on the host.
func (h *Host) none(when string) {
	if n := len(marked(h.Token)); n > 0 {
		h.Broken("%d processes are left %s", n, when)
	}
}
