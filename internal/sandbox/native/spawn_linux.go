package native

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"metr/internal/sandbox"
	"metr/internal/sandbox/native/boxinit"
)

// spares is an init that was started ahead and waits for its box, so that
// opening one does not wait for a process to start. It has built nothing and
// run nothing, and serves one box.
type spares struct {
	ready   chan *box
	mu      sync.Mutex
	filling sync.WaitGroup
	busy    bool
	closed  bool
}

// init returns an init for a box with the layers, and has the next one started.
func (b *Backend) init(layers []sandbox.Layer) (*box, error) {
	defer b.refill()
	uid, gid, shared := b.ids(layers)
	if !shared {
		select {
		case x := <-b.spares.ready:
			return x, nil
		default:
		}
	}
	return b.spawn(uid, gid)
}

// refill starts a spare unless one waits or is being started.
func (b *Backend) refill() {
	s := &b.spares
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy || s.closed || len(s.ready) > 0 {
		return
	}
	s.busy = true
	s.filling.Go(func() {
		uid, gid, _ := b.ids(nil)
		x, err := b.spawn(uid, gid)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.busy = false
		switch {
		case err != nil: // who needs one next will see why
		case s.closed:
			x.Close()
		default:
			s.ready <- x
		}
	})
}

// drop ends the spare that waits.
func (s *spares) drop() {
	s.filling.Wait()
	select {
	case x := <-s.ready:
		x.Close()
	default:
	}
}

func (s *spares) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.drop()
}

// spawn clones an init process, in a cgroup of its own and with the ids.
func (b *Backend) spawn(uid, gid int) (*box, error) {
	x := &box{waiting: map[int64]chan reply{}, gone: make(chan struct{}), uid: uid, gid: gid}
	if !b.rooted {
		x.uid, x.gid = -1, -1 // files that metr makes are the box's user's already
	}
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	// The whole setup must fit one message.
	_ = unix.SetsockoptInt(fds[0], unix.SOL_SOCKET, unix.SO_SNDBUF, 2*boxinit.MaxMessage)
	theirs := os.NewFile(uintptr(fds[1]), "control")
	defer theirs.Close()
	if x.conn, err = conn(fds[0]); err != nil {
		return nil, err
	}
	if b.groups != nil {
		if x.group, err = b.groups.make(); err != nil {
			x.conn.Close()
			return nil, fmt.Errorf("cgroup: %w", err)
		}
	}
	if err := x.start(b, theirs, uid, gid); err != nil {
		x.conn.Close()
		if x.group != nil {
			x.group.remove()
		}
		return nil, err
	}
	go x.read()
	if g := x.group; g != nil && !g.v2 {
		// init has started nothing yet: whatever it starts is born in the group.
		if err := g.add(x.cmd.Process.Pid); err != nil {
			x.Close()
			return nil, fmt.Errorf("cgroup: %w", err)
		}
	}
	return x, nil
}

func (x *box) start(b *Backend, control *os.File, uid, gid int) error {
	var caps []uintptr
	for c := uintptr(0); c <= unix.CAP_LAST_CAP; c++ {
		caps = append(caps, c)
	}
	x.cmd = &exec.Cmd{
		Path: fmt.Sprintf("/proc/self/fd/%d", b.self.Fd()), Args: []string{boxinit.Name}, Env: boxinit.Environ, Dir: "/",
		ExtraFiles: []*os.File{control},
		SysProcAttr: &syscall.SysProcAttr{
			Setsid: true,
			Cloneflags: unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET |
				unix.CLONE_NEWIPC | unix.CLONE_NEWUTS | unix.CLONE_NEWCGROUP,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: boxinit.UID, HostID: uid, Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: boxinit.UID, HostID: gid, Size: 1}},
			Credential:  &syscall.Credential{Uid: boxinit.UID, Gid: boxinit.UID, NoSetGroups: true},
			AmbientCaps: caps,
		},
	}
	if g := x.group; g != nil && g.v2 {
		dir, err := os.Open(g.memory)
		if err != nil {
			return err
		}
		defer dir.Close()
		x.cmd.SysProcAttr.UseCgroupFD, x.cmd.SysProcAttr.CgroupFD = true, int(dir.Fd())
	}
	return x.cmd.Start()
}
