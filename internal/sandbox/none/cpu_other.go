//go:build unix && !linux

package none

import (
	"errors"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// CPU is not to be had on this system while the command runs.
func (p *process) CPU() (time.Duration, error) {
	return 0, errors.New("sandbox none: the CPU time of a running process is known on Linux only")
}

func signalName(s syscall.Signal) string { return unix.SignalName(s) }
