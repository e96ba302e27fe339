//go:build linux

package attack

import (
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const sharedKey = 0x6d657472

var sharedNames = Attack{
	Name: "shared-memory", Class: Spying, Needs: Isolation,
	Tries: "leaves SysV segments and semaphores and POSIX shared memory under known names, for another box at the same time and for the host",
	Holds: "the other box finds none, and none is left on the host",
	Payload: func(in *Inside) {
		const key = sharedKey
		if in.Arg(0) == "leave" {
			id, err := unix.SysvShmGet(key, 4096, unix.IPC_CREAT|0o666)
			in.Say("segment %d %v", id, err)
			_ = call(unix.SYS_SEMGET, key, 1, unix.IPC_CREAT|0o666)
			_ = call(unix.SYS_MSGGET, key, unix.IPC_CREAT|0o666)
			_ = os.WriteFile("/dev/shm/"+in.Token, []byte("x"), 0o666)
			in.Ready()
			time.Sleep(time.Minute)
		}
		in.Try("find the other's segment", func() error { _, err := unix.SysvShmGet(key, 0, 0); return err })
		in.Try("find the other's semaphores", func() error { return call(unix.SYS_SEMGET, key, 0, 0) })
		in.Try("find the other's messages", func() error { return call(unix.SYS_MSGGET, key, 0) })
		in.Try("find the other's POSIX memory", func() error { _, err := os.Stat("/dev/shm/" + in.Token); return err })
	},
	Check: func(h *Host) {
		running := h.Start(h.Open(specOf()), "leave")
		h.Run(h.Open(specOf()), "find")
		running.Kill()
		for _, f := range []string{"shm", "sem", "msg"} {
			b, _ := os.ReadFile("/proc/sysvipc/" + f)
			for line := range strings.Lines(string(b)) {
				w := strings.Fields(line)
				if len(w) < 2 || w[0] != strconv.Itoa(sharedKey) {
					continue
				}
				h.Broken("%s of the box is on the host", f)
				id, _ := strconv.Atoi(w[1])
				remove := map[string]uintptr{"shm": unix.SYS_SHMCTL, "sem": unix.SYS_SEMCTL, "msg": unix.SYS_MSGCTL}[f]
				if f == "sem" {
					_ = call(remove, uintptr(id), 0, unix.IPC_RMID)
				} else {
					_ = call(remove, uintptr(id), unix.IPC_RMID)
				}
			}
		}
		if _, err := os.Stat("/dev/shm/" + h.Token); err == nil {
			_ = os.Remove("/dev/shm/" + h.Token)
			h.Broken("POSIX shared memory of the box is on the host")
		}
	},
}
