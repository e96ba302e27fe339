package none

import (
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// CPU is the processor time of the command's first process.
func (p *process) CPU() (time.Duration, error) {
	var ts unix.Timespec
	// The kernel's number for "the CPU clock of process p": clock_getcpuclockid(3).
	if err := unix.ClockGettime(int32(^p.cmd.Process.Pid<<3|2), &ts); err != nil {
		return 0, err
	}
	return time.Duration(ts.Nano()), nil
}

func signalName(s syscall.Signal) string { return unix.SignalName(s) }
