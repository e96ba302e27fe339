//go:build linux

package attack

import (
	"os"
	"slices"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"metr/internal/sandbox"
)

var initLimits = Attack{
	Name: "process-1", Class: Denial, Needs: Isolation, Fenced: true,
	Tries: "starves the process that runs its box: lowers its limits on files, memory, processor time and processes, its precedence and its processors, freezes and signals it",
	Holds: "the box runs further commands and hands its files out, and no failure makes the attempt invalid",
	Payload: func(in *Inside) {
		if in.Arg(0) == "write" {
			in.tries++
			if err := os.WriteFile("/work/result", []byte(strings.Repeat("r", 100_000)), 0o644); err != nil {
				in.Breach("it cannot work any more: %v", err)
			}
			return
		}
		// What succeeds here does not count; the host judges by what the box still
		// does afterwards.
		in.tries++
		in.Say("begun") // it may end itself: where process 1 goes, it goes too
		zero := unix.Rlimit{}
		for _, what := range []int{
			unix.RLIMIT_NOFILE, unix.RLIMIT_FSIZE, unix.RLIMIT_AS, unix.RLIMIT_DATA, unix.RLIMIT_STACK, unix.RLIMIT_NPROC, unix.RLIMIT_CPU,
		} {
			_ = unix.Prlimit(1, what, &zero, nil)
		}
		_ = os.WriteFile("/sys/fs/cgroup/cgroup.freeze", []byte("1"), 0)
		for s := unix.Signal(1); s <= 64; s++ {
			_ = unix.Kill(1, s)
		}
		_ = unix.Setpriority(unix.PRIO_PROCESS, 1, 19)
		param := int32(0)
		_ = call(unix.SYS_SCHED_SETSCHEDULER, 1, 5, uintptr(unsafe.Pointer(&param))) // SCHED_IDLE
		one := unix.CPUSet{1}
		_ = unix.SchedSetaffinity(1, &one)
		time.Sleep(50 * time.Millisecond)
	},
	Check: func(h *Host) {
		box := h.Open(specOf())
		if !slices.Contains(h.Suffer(box, "starve").Said, "begun") {
			panic(ours{errNoLastLine})
		}
		h.Run(box, "write")
		if tree, ok := h.Get(box, sandbox.Work, 1<<20); ok && len(tree["result"].Data) != 100_000 {
			h.Broken("the box's file came back with %d bytes of 100000", len(tree["result"].Data))
		}
	},
}
