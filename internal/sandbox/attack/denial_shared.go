//go:build linux

package attack

import "golang.org/x/sys/unix"

var sharedMemory = Attack{
	Name: "memory-shared", Class: Denial, Needs: Resources, Limits: memoryLimits,
	Tries: "takes shared memory that belongs to no process: SysV segments left unattached and anonymous shared pages",
	Holds: "the host's shared memory grows by no more than the limit",
	Payload: func(in *Inside) {
		const step = 16 << 20
		for range memoryMost / step {
			id, err := unix.SysvShmGet(unix.IPC_PRIVATE, step, unix.IPC_CREAT|0o600)
			if err != nil {
				in.Say("shmget: %v", err)
				break
			}
			b, err := unix.SysvShmAttach(id, 0, 0)
			if err != nil {
				break
			}
			touch(b)
			_ = unix.SysvShmDetach(b) // counted for no process now
			// Should there be nothing to take it away with us.
			defer func() { _, _ = unix.SysvShmCtl(id, unix.IPC_RMID, nil) }()
		}
		for range memoryMost / step {
			b, err := unix.Mmap(-1, 0, step, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_SHARED)
			if err != nil {
				in.Say("mmap: %v", err)
				break
			}
			touch(b)
		}
		in.tries++
	},
	Check: func(h *Host) { h.exhaust(func(p Peaks) int64 { return p.Shared }) },
}
