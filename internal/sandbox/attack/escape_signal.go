//go:build linux

package attack

import (
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

var signals = Attack{
	Name: "signal", Class: Escape, Needs: Isolation,
	Tries: "sends every signal to a process of the host and to process 1",
	Holds: "the host's process runs on, and the box still runs commands",
	Payload: func(in *Inside) {
		in.tries++
		if in.Arg(0) == "alive" {
			return
		}
		in.Say("begun") // it may end itself: where process 1 goes, it goes too
		host, _ := strconv.Atoi(in.Arg(0))
		pids := []int{host}
		if pidNamespace() != in.Arg(1) {
			pids = append(pids, 1, -host) // outside of a namespace of our own these would hit bystanders
		}
		for _, s := range []unix.Signal{unix.SIGTERM, unix.SIGSTOP, unix.SIGKILL, unix.SIGSEGV, unix.SIGCHLD, unix.SIGCONT, unix.SIGUSR1, unix.SIGURG} {
			for _, pid := range pids {
				_ = unix.Kill(pid, s)
			}
		}
	},
	Check: func(h *Host) {
		sleeper := h.Process()
		box := h.Open(specOf())
		pid := strconv.Itoa(sleeper.Process.Pid)
		if !slices.Contains(h.Suffer(box, pid, pidNamespace()).Said, "begun") {
			panic(ours{errNoLastLine})
		}
		h.tries++
		if !alive(sleeper) {
			h.Broken("the host's process was stopped or killed")
		}
		h.Run(box, "alive")
	},
}
