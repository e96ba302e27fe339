//go:build unix

package docker

import "syscall"

// alive reports whether the process exists.
func alive(pid int) bool { return syscall.Kill(pid, 0) != syscall.ESRCH }
