//go:build linux

package attack

import (
	"os"

	"golang.org/x/sys/unix"
)

var tmpfs = Attack{
	Name: "memory-files", Class: Denial, Needs: Resources, Limits: memoryLimits,
	Tries: "fills every folder that it may write to, whose files are memory: the workspace, /tmp, /dev/shm, /run",
	Holds: "the host's shared memory grows by no more than the limit of disk",
	Payload: func(in *Inside) {
		chunk := make([]byte, 1<<20)
		total := 0
		for _, dir := range []string{"/work", "/tmp", "/dev/shm", "/home/metr", "/run", "/var/tmp", "/"} {
			f, err := os.Create(dir + "/" + in.Token)
			if err != nil {
				continue
			}
			for total < memoryMost {
				n, err := f.Write(chunk)
				total += n
				if err != nil {
					break
				}
			}
			// Reserved without being written, and more names for the same trick.
			_ = unix.Fallocate(int(f.Fd()), 0, 0, memoryMost)
			f.Close()
		}
		in.Say("wrote %d bytes", total)
		for _, dir := range []string{"/work", "/tmp", "/dev/shm", "/home/metr", "/run", "/var/tmp", "/"} {
			_ = os.Remove(dir + "/" + in.Token)
		}
		in.tries++
	},
	Check: func(h *Host) { h.exhaust(func(p Peaks) int64 { return p.Shared }) },
}
