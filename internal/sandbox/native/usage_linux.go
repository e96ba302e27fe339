package native

import (
	"bytes"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// pids lists the processes of the box, init left out.
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

// liveCPU is the processor time of the live processes, to the nanosecond, from
// each process's own clock; with children that of the ones they reaped too, to
// the clock tick.
func liveCPU(children bool) time.Duration {
	var sum time.Duration
	for _, p := range pids() {
		var ts unix.Timespec
		// The kernel's number for "the CPU clock of process p": see
		// clock_getcpuclockid(3).
		if unix.ClockGettime(int32(^p<<3|2), &ts) == nil {
			sum += time.Duration(ts.Nano())
		}
		if children {
			sum += reapedBy(p)
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
	i := bytes.LastIndexByte(b, ')')
	f := bytes.Fields(b[i+1:])
	if len(f) < 15 {
		return 0
	}
	cu, _ := strconv.ParseInt(string(f[13]), 10, 64)
	cs, _ := strconv.ParseInt(string(f[14]), 10, 64)
	return time.Duration(cu+cs) * 10 * time.Millisecond
}

// liveMemory is the resident memory of the live processes in bytes.
func liveMemory() int64 {
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
	return pages * int64(os.Getpagesize())
}

// childrenCPU is the processor time of every process that was reaped so far.
func childrenCPU() time.Duration {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_CHILDREN, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
