package oci

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

func isNotEmpty(err error) bool {
	e, ok := err.(*os.LinkError)
	return ok && e.Err == syscall.ENOTEMPTY
}

// pids lists the processes that this one sees, process 1 left out: for a stage,
// all of its box.
func pids() []int {
	d, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer d.Close()
	names, _ := d.Readdirnames(-1)
	var out []int
	for _, n := range names {
		if p, err := strconv.Atoi(n); err == nil && p > 1 {
			out = append(out, p)
		}
	}
	return out
}

// cpuSoFar is the processor time of all that lives or has been reaped below
// this process.
func cpuSoFar() time.Duration {
	sum := reaped()
	for _, p := range pids() {
		var ts unix.Timespec
		// The kernel's number for the CPU clock of process p: clock_getcpuclockid(3).
		if unix.ClockGettime(int32(^p<<3|2), &ts) == nil {
			sum += time.Duration(ts.Nano()) + reapedBy(p)
		}
	}
	return sum
}

// reapedBy reads cutime and cstime of /proc/PID/stat, in clock ticks of 10 ms.
func reapedBy(pid int) time.Duration {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	f := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	if len(f) < 15 {
		return 0
	}
	user, _ := strconv.ParseInt(string(f[13]), 10, 64)
	system, _ := strconv.ParseInt(string(f[14]), 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond
}

// reaped is the processor time of this process's children that are gone, and
// of theirs.
func reaped() time.Duration {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_CHILDREN, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// removeShared removes what commands left in this process's ipc namespace and
// the kernel would keep: shared memory, message queues, semaphores.
func removeShared() {
	for name, remove := range map[string]func(id uintptr) unix.Errno{
		"shm": func(id uintptr) unix.Errno { _, _, e := unix.Syscall(unix.SYS_SHMCTL, id, unix.IPC_RMID, 0); return e },
		"msg": func(id uintptr) unix.Errno { _, _, e := unix.Syscall(unix.SYS_MSGCTL, id, unix.IPC_RMID, 0); return e },
		"sem": func(id uintptr) unix.Errno {
			_, _, e := unix.Syscall6(unix.SYS_SEMCTL, id, 0, unix.IPC_RMID, 0, 0, 0)
			return e
		},
	} {
		text, _ := os.ReadFile("/proc/sysvipc/" + name)
		for line := range bytes.Lines(text) {
			if f := bytes.Fields(line); len(f) > 1 {
				if id, err := strconv.Atoi(string(f[1])); err == nil { // the heading has none
					_ = remove(uintptr(id))
				}
			}
		}
	}
}

// segments is what is resident, in bytes, of the SysV shared memory of this
// process's ipc namespace that no process has attached.
func segments() int64 {
	text, _ := os.ReadFile("/proc/sysvipc/shm")
	var sum int64
	for line := range bytes.Lines(text) {
		if f := bytes.Fields(line); len(f) > 14 && string(f[6]) == "0" {
			n, _ := strconv.ParseInt(string(f[14]), 10, 64)
			sum += n
		}
	}
	return sum
}

// residentMemory is that of all processes but this one, and of shared memory that
// belongs to none, in bytes.
func residentMemory() int64 {
	var pages int64
	for _, p := range pids() {
		b, err := os.ReadFile("/proc/" + strconv.Itoa(p) + "/statm")
		if err != nil {
			continue
		}
		if f := bytes.Fields(b); len(f) > 1 {
			n, _ := strconv.ParseInt(string(f[1]), 10, 64)
			pages += n
		}
	}
	return pages*int64(os.Getpagesize()) + segments()
}
