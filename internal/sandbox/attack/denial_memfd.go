//go:build linux

package attack

import "golang.org/x/sys/unix"

var memfd = Attack{
	Name: "memory-memfd", Class: Denial, Needs: Resources, Limits: memoryLimits,
	Tries: "writes to anonymous files (memfd), which no process maps and no file system limits",
	Holds: "the host's shared memory grows by no more than the limit",
	Payload: func(in *Inside) {
		chunk := make([]byte, 1<<20)
		total := 0
		for range 64 {
			fd, err := unix.MemfdCreate(in.Token, 0)
			if err != nil {
				in.Say("memfd_create: %v", err)
				break
			}
			for range 64 {
				if total >= memoryMost {
					break
				}
				n, err := unix.Write(fd, chunk)
				if err != nil {
					break
				}
				total += n
			}
		}
		in.Say("wrote %d bytes", total)
		in.tries++
	},
	Check: func(h *Host) { h.exhaust(func(p Peaks) int64 { return p.Shared }) },
}
