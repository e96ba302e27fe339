//go:build linux

package attack

import (
	"time"

	"golang.org/x/sys/unix"

	"metr/internal/sandbox"
	"metr/internal/task"
)

// The memory that the memory attacks may have, and what they take at most
// should nothing stop them.
const (
	memoryLimit = 128 << 20
	memoryMost  = 768 << 20
	// What the host may see above the limit: the payload's own runtime, what is
	// taken between two looks of a watchdog, and who else uses the machine.
	memorySlack = 256 << 20
)

var memoryLimits = task.Limits{Wall: 5 * time.Second, Memory: memoryLimit, Disk: 64 << 20, FileSize: 2 << 30}

var memory = Attack{
	Name: "memory", Class: Denial, Needs: Resources, Limits: memoryLimits,
	Tries: "takes memory, as much as it gets",
	Holds: "it is refused or killed for memory, and the host sees no more than the limit in its processes",
	Payload: func(in *Inside) {
		const step = 16 << 20
		for range memoryMost / step {
			b, err := unix.Mmap(-1, 0, step, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
			if err != nil {
				in.Say("refused: %v", err)
				break
			}
			touch(b)
		}
		in.tries++
	},
	Check: func(h *Host) { h.exhaust(func(p Peaks) int64 { return p.Memory }) },
}

func touch(b []byte) {
	for i := 0; i < len(b); i += 4096 {
		b[i] = byte(i>>12) | 1
	}
}

// exhaust runs a payload that takes memory, and wants the host to see less of it
// than the limit and some. Being killed, refused, or over the time are all right.
// What others on the host take meanwhile is seen too: what is too much has to be
// so each time of three, in boxes of their own.
func (h *Host) exhaust(taken func(Peaks) int64) {
	box := h.Open(specOf())
	var r Report
	p := h.Watch(func() { r = h.Suffer(box) })
	for again := 0; again < 2 && taken(p) > memoryLimit+memorySlack; again++ {
		box = h.Open(specOf())
		p = h.Watch(func() { r = h.Suffer(box) })
	}
	if n := taken(p); n > memoryLimit+memorySlack {
		h.Broken("it got %d MiB of memory, seen on the host, where %d are allowed (%v)", n>>20, memoryLimit>>20, r.Result)
	}
	if p.Procs == 0 && len(r.Stdout) == 0 && r.Done {
		panic(ours{errNoLastLine})
	}
	h.tries++
	h.none("when the command had ended")
	if r, err := sandbox.Exec(h.ctx, box, sandbox.Cmd{Args: []string{"true"}}); err != nil || !r.OK() {
		h.Broken("the box runs no command any more: %v %v", r, err)
	}
}
