//go:build linux

package attack

import (
	"os"
	"time"

	"golang.org/x/sys/unix"

	"metr/internal/sandbox"
	"metr/internal/task"
)

var stopping = Attack{
	Name: "stop", Class: Denial, Needs: Contract, Fenced: true,
	Limits: task.Limits{Wall: time.Second},
	Tries:  "stops every process that it can see, process 1 and itself, so that nobody is left to end it",
	Holds:  "the wall time ends it",
	Payload: func(in *Inside) {
		_, _ = fork(sleeps)
		_ = unix.Kill(1, unix.SIGSTOP)
		_ = unix.Kill(-1, unix.SIGSTOP)
		_ = unix.Kill(os.Getpid(), unix.SIGSTOP)
		time.Sleep(time.Minute)
	},
	Check: func(h *Host) {
		r := h.Suffer(h.Open(specOf()))
		h.ended(r, sandbox.TimedOut)
		h.none("when the command had ended")
		h.tries++
	},
}
