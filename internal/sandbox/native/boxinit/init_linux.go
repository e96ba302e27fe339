package boxinit

import (
	"strconv"
	"syscall"
	"unsafe"
)

func init() {
	if v, _ := syscall.Getenv(Env); v == "1" {
		serve()
		syscall.Exit(0) // takes the pid namespace down
	}
}

// box is the state of an init.
type box struct {
	setup Setup
	buf   []byte // of messages
	oob   []byte
	fds   [2]pollFD
	oom   int  // /proc/self/oom_score_adj, which is closed to who cannot be dumped
	end   *End // what is known of the command under way; nil if none is

	id     int64 // of the Start under way
	pid    int
	pidfd  int
	start  Start
	began  int64
	base   int64 // CPU time of children before it
	reaped bool
	usage  syscall.Rusage
	status syscall.WaitStatus
}

func serve() {
	// No signal of a command's may reach a handler of Go's runtime: of signals
	// that have none the kernel keeps those of a namespace away from its process 1.
	// Commands must find none ignored either.
	var dfl [32]byte
	for sig := uintptr(1); sig < 65; sig++ {
		_, _, _ = syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, sig, uintptr(unsafe.Pointer(&dfl)), 0, 8, 0, 0)
	}
	_, _ = raw(sysCloseRange, ControlFD, 1<<32-1, closeRangeCloexec, 0, 0)
	syscall.Umask(0o022)
	b := &box{pidfd: -1, oom: -1, buf: make([]byte, MaxMessage), oob: make([]byte, syscall.CmsgSpace(253*4))}
	for b.turn() {
	}
}

// turn does what is next. It returns false when metr is gone.
func (b *box) turn() bool {
	b.fds = [2]pollFD{{fd: ControlFD, events: pollIn}, {fd: int32(b.pidfd), events: pollIn}}
	fds, wait := b.fds[:1], int64(-1)
	if b.end != nil {
		fds, wait = b.fds[:], 20
		if b.start.CPU > 3600e9 && !b.setup.Watch { // of no use before long
			wait = 1000
		}
	}
	if e := poll(fds, wait); e != 0 && e != syscall.EINTR {
		return false
	}
	b.reap()
	if b.end != nil && b.reaped {
		return b.finish()
	}
	if b.end != nil {
		b.watch()
	}
	if fds[0].revents != 0 {
		return b.receive()
	}
	return true
}

func (b *box) receive() bool {
	n, oobn, _, _, err := syscall.Recvmsg(ControlFD, b.buf, b.oob, 0x40000000) // MSG_CMSG_CLOEXEC
	if err == syscall.EINTR {
		return true
	}
	if err != nil || n == 0 {
		return false
	}
	var files []int
	if msgs, err := syscall.ParseSocketControlMessage(b.oob[:oobn]); err == nil {
		for i := range msgs {
			if fds, err := syscall.ParseUnixRights(&msgs[i]); err == nil {
				files = append(files, fds...)
			}
		}
	}
	m := &Message{B: b.buf[:n]}
	op, id := m.NextInt(), m.NextInt()
	ok := true
	switch op {
	case OpSetup:
		b.setup.Decode(m)
		ok = b.prepare(id, files)
	case OpStart:
		ok = b.run(id, m, files)
	case OpKill:
		b.stop(ByKill)
	case OpCPU:
		var out Message
		out.Int(liveCPU(false))
		ok = answer(id, nil, out.B)
	case OpListen:
		ok = listen(id, int(m.NextInt()))
	}
	for _, f := range files {
		syscall.Close(f)
	}
	return ok
}

// answer sends the reply to request id.
func answer(id int64, err error, body []byte, files ...int) bool {
	var m Message
	m.Int(id)
	if err != nil {
		m.Str(err.Error())
	} else {
		m.Str("")
	}
	m.B = append(m.B, body...)
	var oob []byte
	if len(files) > 0 {
		oob = syscall.UnixRights(files...)
	}
	return syscall.Sendmsg(ControlFD, m.B, oob, nil, 0) == nil
}

func (b *box) prepare(id int64, passed []int) bool {
	if b.setup.Inodes == 0 { // no message was that short
		return answer(id, &fault{"setup", syscall.EINVAL}, nil)
	}
	root, below, err := b.setup.build(passed)
	if err == nil {
		err = loopbackUp()
	}
	if err == nil {
		err = check("hostname", syscall.Sethostname([]byte("metr")))
	}
	if err == nil {
		if fd, err := syscall.Open("/proc/self/oom_score_adj", syscall.O_WRONLY|syscall.O_CLOEXEC, 0); err == nil {
			b.oom = fd
		}
		err = b.setup.confine()
	}
	if err != nil {
		return answer(id, err, nil)
	}
	defer syscall.Close(root)
	defer syscall.Close(below)
	return answer(id, nil, nil, root, below)
}

// loopbackUp brings the box's loopback interface up.
func loopbackUp() error {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return check("loopback", err)
	}
	defer syscall.Close(fd)
	req := struct { // struct ifreq
		name  [16]byte
		flags uint16
		_     [22]byte
	}{flags: syscall.IFF_UP | syscall.IFF_RUNNING}
	copy(req.name[:], "lo")
	_, _, e := syscall.RawSyscall(syscall.SYS_IOCTL, uintptr(fd), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&req)))
	return check("loopback", e)
}

// listen opens a socket on the box's loopback for metr to serve.
func listen(id int64, port int) bool {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return answer(id, check("socket", err), nil)
	}
	defer syscall.Close(fd)
	err = syscall.Bind(fd, &syscall.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}})
	if err == nil {
		err = syscall.Listen(fd, 128)
	}
	if err != nil {
		return answer(id, check("listen on 127.0.0.1:"+strconv.Itoa(port), err), nil)
	}
	return answer(id, nil, nil, fd)
}
