package files

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// As runs f with another user's rights over files, so that root makes files
// that are his and can do no more with hostile ones than he. The error is f's or
// the kernel's refusal; f must not start goroutines that touch files.
func As(uid, gid int, f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Setfsgid(gid); err != nil {
		return err
	}
	if err := unix.Setfsuid(uid); err != nil {
		return err
	}
	defer func() { _, _ = unix.Setfsuid(0), unix.Setfsgid(0) }()
	return f()
}
