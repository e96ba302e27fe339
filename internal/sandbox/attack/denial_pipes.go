//go:build linux

package attack

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

var pipes = Attack{
	Name: "memory-pipes", Class: Denial, Needs: Resources, Limits: memoryLimits,
	Tries: "fills pipes that nobody reads, whose contents lie in the kernel",
	Holds: "no more fits than the memory limit",
	Payload: func(in *Inside) {
		total := 0
		chunk := make([]byte, 64<<10)
		for total < memoryMost {
			var fds [2]int
			if unix.Pipe2(fds[:], unix.O_NONBLOCK) != nil {
				break
			}
			_, _ = unix.FcntlInt(uintptr(fds[1]), unix.F_SETPIPE_SZ, 1<<20)
			for {
				n, err := unix.Write(fds[1], chunk)
				if err != nil {
					break
				}
				total += n
			}
			in.Say("filled %d", total)
		}
		in.tries++
	},
	Check: func(h *Host) {
		r := h.Suffer(h.Open(specOf()))
		most := 0
		for _, s := range r.Said { // the host has no place where it could see this
			if n, err := strconv.Atoi(strings.TrimPrefix(s, "filled ")); err == nil {
				most = n
			}
		}
		if most == 0 {
			panic(ours{errNoLastLine})
		}
		h.tries++
		if most > memoryLimit+memorySlack {
			h.Broken("%d MiB lie in pipes where %d are allowed", most>>20, memoryLimit>>20)
		}
	},
}
