//go:build linux

package attack

import (
	"os/signal"
	"time"

	"metr/internal/sandbox"
	"metr/internal/task"
)

var deaf = Attack{
	Name: "deaf", Class: Denial, Needs: Contract,
	Limits: task.Limits{Wall: 700 * time.Millisecond},
	Tries:  "ignores and blocks every signal and sleeps past its time",
	Holds:  "the wall time ends it",
	Payload: func(in *Inside) {
		signal.Ignore()
		_ = blockSignals()
		for {
			time.Sleep(time.Minute)
		}
	},
	Check: func(h *Host) {
		h.ended(h.Suffer(h.Open(specOf())), sandbox.TimedOut)
		h.tries++
	},
}
