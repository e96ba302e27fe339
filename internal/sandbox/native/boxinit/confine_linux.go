package boxinit

import (
	"syscall"
	"unsafe"
)

// confine takes from this thread, and so from all that it starts, every
// privilege: capabilities, the gaining of new ones, writing outside the writable
// folders, and the system calls that the filter refuses.
func (s *Setup) confine() error {
	if len(s.CPUs) > 0 {
		var set [128]byte // of 1024 processors
		for _, c := range s.CPUs {
			if c >= 0 && c < 1024 {
				set[c/8] |= 1 << (c % 8)
			}
		}
		// One that went offline meanwhile leaves the others, or all.
		_, _, _ = syscall.RawSyscall(syscall.SYS_SCHED_SETAFFINITY, 0, uintptr(len(set)), uintptr(unsafe.Pointer(&set)))
	}
	if _, e := raw(syscall.SYS_PRCTL, prSetDumpable, 0, 0, 0, 0); e != 0 {
		return &fault{"no core dumps", e}
	}
	if _, e := raw(syscall.SYS_PRCTL, prCapAmbient, 4, 0, 0, 0); e != 0 { // PR_CAP_AMBIENT_CLEAR_ALL
		return &fault{"clear ambient capabilities", e}
	}
	header := [2]uint32{0x20080522, 0} // _LINUX_CAPABILITY_VERSION_3, this thread
	var none [6]uint32
	if _, _, e := syscall.RawSyscall(syscall.SYS_CAPSET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&none)), 0); e != 0 {
		return &fault{"drop capabilities", e}
	}
	if _, e := raw(syscall.SYS_PRCTL, prSetNoNewPrivs, 1, 0, 0, 0); e != 0 {
		return &fault{"no new privileges", e}
	}
	if s.Landlock {
		if err := s.landlock(); err != nil {
			return err
		}
	}
	if len(s.Filter) == 0 {
		return nil
	}
	prog := struct {
		n      uint16
		_      [6]byte
		filter *byte
	}{n: uint16(len(s.Filter) / 8), filter: &s.Filter[0]}
	if _, _, e := syscall.RawSyscall(syscall.SYS_PRCTL, prSetSeccomp, 2, uintptr(unsafe.Pointer(&prog))); e != 0 {
		return &fault{"load the system call filter", e}
	}
	return nil
}

// Rights over files, as Landlock numbers them.
const (
	writeFile  = 1 << 1
	removeDir  = 1 << 4
	removeFile = 1 << 5
	makeAll    = 0x7f << 6 // char, dir, reg, sock, fifo, block, sym
	makeChar   = 1 << 6
	makeBlock  = 1 << 11
	truncate   = 1 << 14
	refer      = 1 << 13

	scopeAbstractSocket = 1
)

// landlock confines writing. A kernel of before Landlock, or one that has it
// switched off, leaves the mounts to do it alone.
func (s *Setup) landlock() error {
	abi, e := raw(sysLandlockCreate, 0, 0, 1, 0, 0)
	if e != 0 || abi < 3 {
		return nil
	}
	ruleset := struct{ fs, net, scoped uint64 }{fs: writeFile | removeDir | removeFile | makeAll | truncate | refer}
	size := uintptr(16)
	if abi < 4 {
		size = 8
	}
	if abi >= 6 {
		ruleset.scoped, size = scopeAbstractSocket, 24
	}
	fd, _, e := syscall.RawSyscall(sysLandlockCreate, uintptr(unsafe.Pointer(&ruleset)), size, 0)
	if e != 0 {
		return &fault{"landlock", e}
	}
	defer syscall.Close(int(fd))
	allow := func(path string, rights uint64) error {
		dir, err := syscall.Open(path, 0x200000|syscall.O_CLOEXEC, 0) // O_PATH
		if err != nil {
			return check("landlock "+path, err)
		}
		defer syscall.Close(dir)
		rule := struct {
			rights uint64
			fd     int32
		}{rights, int32(dir)}
		_, _, e := syscall.RawSyscall6(sysLandlockAdd, fd, 1, uintptr(unsafe.Pointer(&rule)), 0, 0, 0)
		return check("landlock "+path, e)
	}
	for _, d := range s.Writable {
		if err := allow(d, ruleset.fs&^(makeChar|makeBlock)); err != nil {
			return err
		}
	}
	if err := allow("/proc", writeFile|truncate); err != nil {
		return err
	}
	for _, t := range s.Trees {
		rights := uint64(0)
		switch {
		case t.Overlay:
			rights = ruleset.fs &^ (makeChar | makeBlock)
		case t.Device:
			rights = writeFile | truncate
		default:
			continue
		}
		if err := allow(t.Box, rights); err != nil {
			return err
		}
	}
	_, _, e = syscall.RawSyscall(sysLandlockConfine, fd, 0, 0)
	return check("landlock", e)
}
