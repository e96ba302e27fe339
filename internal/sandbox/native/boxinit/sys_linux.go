package boxinit

import (
	"strconv"
	"syscall"
	"unsafe"
)

// System calls and constants that package syscall lacks. The numbers from 424 on
// are the same on every architecture.
const (
	sysOpenTree        = 428
	sysMoveMount       = 429
	sysPidfdOpen       = 434
	sysCloseRange      = 436
	sysMountSetattr    = 442
	sysLandlockCreate  = 444
	sysLandlockAdd     = 445
	sysLandlockConfine = 446

	atFDCWD     = -100
	atEmptyPath = 0x1000
	atRecursive = 0x8000

	openTreeClone = 1
	moveEmptyPath = 4

	attrReadOnly = 1
	attrNoSuid   = 2
	attrNoDev    = 4

	closeRangeCloexec = 4

	prSetDumpable   = 4
	prSetSeccomp    = 22
	prSetNoNewPrivs = 38
	prCapAmbient    = 47

	rlimitNproc    = 6
	rlimitMemlock  = 8
	rlimitMsgqueue = 12
)

// fault is a step that failed.
type fault struct {
	step string
	err  syscall.Errno
}

func (f *fault) Error() string { return f.step + ": " + f.err.Error() }

// check makes a fault of a failed system call.
func check(step string, err error) error {
	if err == nil {
		return nil
	}
	if e, ok := err.(syscall.Errno); ok {
		if e == 0 {
			return nil
		}
		return &fault{step, e}
	}
	return err
}

func raw(nr, a, b, c, d, e uintptr) (int, syscall.Errno) {
	r, _, errno := syscall.RawSyscall6(nr, a, b, c, d, e, 0)
	return int(r), errno
}

// openTree clones the mounts at path, below dir, into a detached tree.
func openTree(dir int, path string, flags uintptr) (int, syscall.Errno) {
	p, err := syscall.BytePtrFromString(path)
	if err != nil {
		return -1, syscall.EINVAL
	}
	r, _, e := syscall.RawSyscall(sysOpenTree, uintptr(dir), uintptr(unsafe.Pointer(p)), openTreeClone|syscall.O_CLOEXEC|flags)
	return int(r), e
}

func moveMount(fd int, to string) syscall.Errno {
	empty, p := new(byte), cstr(to)
	at := atFDCWD
	_, _, e := syscall.RawSyscall6(sysMoveMount, uintptr(fd), uintptr(unsafe.Pointer(empty)), uintptr(at), uintptr(unsafe.Pointer(p)), moveEmptyPath, 0)
	return e
}

// mountAttr is struct mount_attr.
type mountAttr struct{ set, clear, propagation, userns uint64 }

func setAttr(fd int, set uint64, flags uintptr) syscall.Errno {
	empty, attr := new(byte), &mountAttr{set: set}
	_, _, e := syscall.RawSyscall6(sysMountSetattr, uintptr(fd), uintptr(unsafe.Pointer(empty)), atEmptyPath|flags, uintptr(unsafe.Pointer(attr)), unsafe.Sizeof(*attr), 0)
	return e
}

func cstr(s string) *byte {
	b := append([]byte(s), 0)
	return &b[0]
}

// poll waits until one of the descriptors can be read, for at most ms
// milliseconds; -1 waits for ever.
func poll(fds []pollFD, ms int64) syscall.Errno {
	var ts *syscall.Timespec
	if ms >= 0 {
		t := syscall.NsecToTimespec(ms * 1e6)
		ts = &t
	}
	_, _, e := syscall.RawSyscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&fds[0])), uintptr(len(fds)), uintptr(unsafe.Pointer(ts)), 0, 0, 0)
	return e
}

type pollFD struct {
	fd      int32
	events  int16
	revents int16
}

const pollIn = 1

// now is the monotonic clock, in nanoseconds.
func now() int64 {
	ns, _ := clock(1)
	return ns
}

func clock(id int32) (int64, syscall.Errno) {
	var ts syscall.Timespec
	_, _, e := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, uintptr(id), uintptr(unsafe.Pointer(&ts)), 0)
	return ts.Nano(), e
}

func setrlimit(what int, v uint64) {
	l := syscall.Rlimit{Cur: v, Max: v}
	_, _, _ = syscall.RawSyscall6(syscall.SYS_PRLIMIT64, 0, uintptr(what), uintptr(unsafe.Pointer(&l)), 0, 0, 0)
}

// limitData bounds the data of process pid. One that is gone needs no limit.
func limitData(pid int, v uint64) {
	l := syscall.Rlimit{Cur: v, Max: v}
	_, _, _ = syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(pid), syscall.RLIMIT_DATA, uintptr(unsafe.Pointer(&l)), 0, 0, 0)
}

// Buffers that are used again and again: an init collects no garbage, since that
// takes threads, which a command may have used up.
var (
	pathBuf [64]byte
	fileBuf [4096]byte
	dirBuf  [16 << 10]byte
	pidBuf  []int
)

// procFile reads the beginning of /proc/PID/name, or of /proc/name for pid 0. It
// is overwritten by the next call.
func procFile(pid int, name string) []byte {
	p := append(pathBuf[:0], "/proc/"...)
	if pid > 0 {
		p = strconv.AppendInt(p, int64(pid), 10)
		p = append(p, '/')
	}
	p = append(append(p, name...), 0)
	at := atFDCWD
	fd, _, e := syscall.RawSyscall6(syscall.SYS_OPENAT, uintptr(at), uintptr(unsafe.Pointer(&p[0])), syscall.O_RDONLY|syscall.O_CLOEXEC, 0, 0, 0)
	if e != 0 {
		return nil
	}
	n, _, e := syscall.RawSyscall(syscall.SYS_READ, fd, uintptr(unsafe.Pointer(&fileBuf[0])), uintptr(len(fileBuf)))
	syscall.Close(int(fd))
	if e != 0 {
		return nil
	}
	return fileBuf[:n]
}
