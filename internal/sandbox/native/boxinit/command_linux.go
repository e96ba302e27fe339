package boxinit

import (
	"syscall"
)

// run starts a command.
func (b *box) run(id int64, m *Message, files []int) bool {
	b.start = Start{}
	b.start.Decode(m)
	s := &b.start
	if m.Bad || len(files) != 3 || len(s.Args) == 0 || b.end != nil {
		return answer(id, &fault{"start", syscall.EINVAL}, nil)
	}
	path, ok := lookPath(s.Args[0], s.Env)
	if !ok {
		return b.notStarted(id, "")
	}
	for _, l := range []struct {
		what int
		v    int64
	}{
		{syscall.RLIMIT_CORE, 0}, {rlimitMemlock, 0}, {rlimitMsgqueue, 0}, {syscall.RLIMIT_NOFILE, s.Files},
		{syscall.RLIMIT_FSIZE, s.FileSize}, {rlimitNproc, s.Procs + ownThreads}, {syscall.RLIMIT_CPU, s.CPU/1e9 + 2},
	} {
		setrlimit(l.what, uint64(l.v))
	}
	b.base, b.began, b.reaped = childrenCPU(), now(), false
	// Short of memory the kernel ends commands before their init.
	b.adjust("1000")
	pid, err := syscall.ForkExec(path, s.Args, &syscall.ProcAttr{
		Dir: s.Dir, Env: s.Env,
		Files: []uintptr{uintptr(files[0]), uintptr(files[1]), uintptr(files[2])},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	b.adjust("0")
	if err != nil {
		switch err {
		case syscall.EACCES, syscall.ENOEXEC, syscall.ENOENT, syscall.ENOTDIR, syscall.E2BIG, syscall.ELOOP, syscall.ENAMETOOLONG:
			return b.notStarted(id, err.Error())
		}
		return answer(id, check("start "+s.Args[0], err), nil)
	}
	if b.setup.Watch { // no cgroup: each process by itself, the sum by watch
		limitData(pid, uint64(s.Memory))
	}
	b.id, b.pid, b.end = id, pid, &End{}
	fd, e := raw(sysPidfdOpen, uintptr(pid), 0, 0, 0, 0)
	if e != 0 {
		b.stop(ByKill)
		b.pidfd = -1
		return answer(id, &fault{"pidfd", e}, nil)
	}
	b.pidfd = fd
	return true
}

// adjust sets how soon init, and what it starts from now on, goes when memory
// runs out.
func (b *box) adjust(score string) {
	if b.oom >= 0 {
		_, _ = syscall.Write(b.oom, []byte(score))
	}
}

// ownThreads is what init's own threads take of the process limit.
const ownThreads = 16

func (b *box) notStarted(id int64, why string) bool {
	var m Message
	(&End{Why: NotStarted, Message: why}).Encode(&m)
	return answer(id, nil, m.B)
}

// reap collects every child that has ended, orphans of dead commands too.
func (b *box) reap() {
	for {
		var st syscall.WaitStatus
		var ru syscall.Rusage
		pid, err := syscall.Wait4(-1, &st, syscall.WNOHANG, &ru)
		if err == syscall.EINTR {
			continue
		}
		if pid <= 0 || err != nil {
			return
		}
		if b.end != nil && pid == b.pid {
			b.reaped, b.status, b.usage = true, st, ru
		}
	}
}

// stop kills the command, once, for the given reason.
func (b *box) stop(why int64) {
	if b.end != nil && b.end.Why == ByItself {
		b.end.Why = why
		killAll()
	}
}

func killAll() { _ = syscall.Kill(-1, syscall.SIGKILL) }

// watch ends a command that passes a limit.
func (b *box) watch() {
	switch {
	case now()-b.began > b.start.Wall:
		b.stop(ByWall)
	case liveCPU(true)+childrenCPU()-b.base > b.start.CPU:
		b.stop(ByCPU)
	case b.setup.Watch && liveMemory() > b.setup.Memory:
		b.stop(ByMemory)
	}
}

// finish ends what the command left running and answers its Start.
func (b *box) finish() bool {
	for i := int64(0); ; i++ { // until no process but init is left
		killAll()
		var ru syscall.Rusage
		pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, &ru)
		if err == syscall.ECHILD {
			break
		}
		if pid == 0 {
			pause := syscall.NsecToTimespec(min(i, 20) * 100_000)
			_ = syscall.Nanosleep(&pause, nil)
		}
	}
	syscall.Close(b.pidfd)
	e := b.end
	b.end, b.pidfd = nil, -1
	e.Status, e.MaxRSS = int64(b.status), b.usage.Maxrss*1024
	e.Wall, e.CPU = now()-b.began, childrenCPU()-b.base
	var st syscall.Statfs_t
	if syscall.Statfs(b.setup.Writable[0], &st) == nil {
		e.DiskFull, e.FilesFull = st.Bavail == 0, st.Ffree == 0
	}
	var m Message
	e.Encode(&m)
	return answer(b.id, nil, m.B)
}

// lookPath finds name in the PATH of env.
func lookPath(name string, env []string) (string, bool) {
	for i := range len(name) {
		if name[i] == '/' {
			return name, true
		}
	}
	path := ""
	for _, kv := range env {
		if len(kv) >= 5 && kv[:5] == "PATH=" {
			path = kv[5:]
		}
	}
	for len(path) > 0 {
		dir := path
		path = ""
		for i := range len(dir) {
			if dir[i] == ':' {
				dir, path = dir[:i], dir[i+1:]
				break
			}
		}
		var st syscall.Stat_t
		if p := dir + "/" + name; syscall.Stat(p, &st) == nil && st.Mode&syscall.S_IFMT == syscall.S_IFREG && st.Mode&0o111 != 0 {
			return p, true
		}
	}
	return "", false
}

// pids lists the processes of the box, init left out. The list is overwritten by
// the next call.
func pids() []int {
	pidBuf = pidBuf[:0]
	fd, err := syscall.Open("/proc", syscall.O_RDONLY|syscall.O_DIRECTORY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer syscall.Close(fd)
	for {
		n, err := syscall.ReadDirent(fd, dirBuf[:])
		if n <= 0 || err != nil {
			return pidBuf
		}
		for b := dirBuf[:n]; len(b) > 19; { // struct linux_dirent64
			size := int(b[16]) | int(b[17])<<8
			if size < 20 || size > len(b) {
				return pidBuf
			}
			pid := 0
			for _, c := range b[19:size] {
				if c < '0' || c > '9' {
					if c != 0 {
						pid = 0
					}
					break
				}
				pid = pid*10 + int(c-'0')
			}
			if pid > 1 {
				pidBuf = append(pidBuf, pid)
			}
			b = b[size:]
		}
	}
}

// liveCPU is the processor time of the live processes in nanoseconds, from each
// process's own clock; with children that of the ones they reaped too, to the
// clock tick.
func liveCPU(children bool) int64 {
	var sum int64
	for _, p := range pids() {
		// The kernel's number for "the CPU clock of process p": see
		// clock_getcpuclockid(3).
		if ns, e := clock(int32(^p<<3 | 2)); e == 0 {
			sum += ns
		}
		if children {
			sum += reapedBy(p)
		}
	}
	return sum
}

// reapedBy reads cutime and cstime of /proc/PID/stat, in clock ticks of 10 ms.
func reapedBy(pid int) int64 {
	b := procFile(pid, "stat")
	i := len(b) - 1
	for i >= 0 && b[i] != ')' {
		i--
	}
	return (number(b[i+1:], 13) + number(b[i+1:], 14)) * 10e6
}

// liveMemory is the resident memory of the live processes in bytes, and of
// shared memory that none of them has attached. Programs and libraries are
// shared, too: so much of it is free for each process.
func liveMemory() int64 {
	const free = 8 << 20
	var sum int64
	page := int64(syscall.Getpagesize())
	for _, p := range pids() {
		b := procFile(p, "statm")
		resident, shared := number(b, 1)*page, number(b, 2)*page
		sum += resident - shared + max(0, shared-free)
	}
	for b := procFile(0, "sysvipc/shm"); len(b) > 0; {
		line := b
		for i, c := range b {
			if c == '\n' {
				line, b = b[:i], b[i+1:]
				break
			}
		}
		if len(line) == len(b) { // a line that was cut
			break
		}
		if number(line, 6) == 0 { // attached by nobody; the heading has no numbers
			sum += number(line, 14)
		}
	}
	return sum
}

// number is the nth field of b as an integer, counted from 0.
func number(b []byte, nth int) int64 {
	field, in, n := -1, false, int64(0)
	for _, c := range b {
		space := c == ' ' || c == '\n'
		if !space && !in {
			field++
		}
		in = !space
		if field == nth && in && c >= '0' && c <= '9' {
			n = n*10 + int64(c-'0')
		}
		if field > nth {
			break
		}
	}
	return n
}

// childrenCPU is the processor time of every process that was reaped so far.
func childrenCPU() int64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_CHILDREN, &u) != nil {
		return 0
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
