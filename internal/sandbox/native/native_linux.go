package native

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"metr/internal/sandbox"
	"metr/internal/task"
)

// outsideUID is the unprivileged id, outside of every box, that commands run as
// when metr is root. Nobody else has it.
const outsideUID = 1_879_048_192

// Backend opens native boxes. Make one with New.
type Backend struct {
	self   *os.File // this program, held open: it may be replaced on disk meanwhile
	path   string   // where it lies, to be bound into boxes
	rooted bool     // real root: no user namespace is needed around init
	groups *groups  // nil where no cgroup can be made
	system []string
	links  [][2]string
}

// New looks at the machine and returns a backend. The error says what is missing
// and what to do about it.
func New() (*Backend, error) {
	self, err := os.Open("/proc/self/exe")
	if err != nil {
		return nil, fmt.Errorf("sandbox native: %w", err)
	}
	path, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("sandbox native: %w", err)
	}
	b := &Backend{self: self, path: path}
	b.system, b.links = systemPaths()
	if os.Geteuid() == 0 {
		b.rooted = true
		b.groups = newGroups()
		if b.try() == nil {
			return b, nil
		}
		b.rooted, b.groups = false, nil // root of a container: do as a user does
	}
	if err := b.try(); err != nil {
		self.Close()
		return nil, fmt.Errorf("sandbox native: %w (metr doctor says what to do; --sandbox none runs without isolation)", err)
	}
	return b, nil
}

// try opens a box and runs a program in it.
func (b *Backend) try() error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	box, err := b.Open(ctx, sandbox.Spec{})
	if err != nil {
		return err
	}
	defer box.Close()
	r, err := sandbox.Exec(ctx, box, sandbox.Cmd{Args: []string{"true"}})
	if err == nil && !r.OK() {
		err = fmt.Errorf("`true` in a box: %v", r)
	}
	return err
}

// Name is "native".
func (b *Backend) Name() string { return "native" }

// Owner is who commands run as, seen from outside.
func (b *Backend) Owner() (uid, gid int) {
	if b.rooted {
		return outsideUID, outsideUID
	}
	return os.Geteuid(), os.Getegid()
}

// Close releases the backend.
func (b *Backend) Close() error { return b.self.Close() }

// Open starts an init and has it build the box.
func (b *Backend) Open(ctx context.Context, spec sandbox.Spec) (sandbox.Box, error) {
	limits := sandbox.WithDefaults(spec.Limits)
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	// The whole Setup must fit one message; Put and outputs go other ways.
	_ = unix.SetsockoptInt(fds[0], unix.SOL_SOCKET, unix.SO_SNDBUF, 2*maxMessage)
	_ = unix.SetsockoptInt(fds[1], unix.SOL_SOCKET, unix.SO_SNDBUF, 2*maxMessage)
	theirs := os.NewFile(uintptr(fds[1]), "control")
	defer theirs.Close()
	c, err := conn(fds[0])
	if err != nil {
		return nil, err
	}
	cmd := &exec.Cmd{
		Path: fmt.Sprintf("/proc/self/fd/%d", b.self.Fd()), Args: []string{InitName},
		Env: []string{"GOMAXPROCS=1", "GOTRACEBACK=none"}, Dir: "/",
		ExtraFiles: []*os.File{theirs},
		SysProcAttr: &syscall.SysProcAttr{
			Setsid:     true,
			Cloneflags: unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWIPC | unix.CLONE_NEWUTS,
		},
	}
	s := setup{
		Layers: spec.Layers, System: b.system, Links: b.links, Disk: limits.Disk,
		HostUID: outsideUID, HostGID: outsideUID, Memory: limits.Memory,
		Watch: true,
	}
	if spec.Self {
		s.Layers = append(slices.Clip(s.Layers), sandbox.Layer{Host: b.path, Box: sandbox.Self})
	}
	if !b.rooted {
		cmd.SysProcAttr.Cloneflags |= unix.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
		s.HostUID, s.HostGID, s.UserXattr = 0, 0, true
	}
	if err := cmd.Start(); err != nil {
		c.Close()
		return nil, fmt.Errorf("sandbox: start init with fresh namespaces: %w", err)
	}
	box := &box{cmd: cmd, conn: c, limits: limits, waiting: map[int]chan reply{}, gone: make(chan struct{})}
	go box.read()
	if b.groups != nil {
		// init has started nothing yet: whatever it starts is born in the group.
		if box.group, err = b.groups.add(cmd.Process.Pid, limits); err != nil {
			box.Close()
			return nil, fmt.Errorf("sandbox: cgroup: %w", err)
		}
		s.Watch = false
	}
	if _, err := box.call(ctx, request{Op: "setup", Setup: &s}); err != nil {
		box.Close()
		return nil, fmt.Errorf("sandbox: build box: %w", err)
	}
	return box, nil
}

type box struct {
	cmd    *exec.Cmd
	conn   *net.UnixConn
	limits task.Limits
	group  *group

	mu      sync.Mutex
	next    int
	waiting map[int]chan reply
	gone    chan struct{} // closed when init is
	closed  sync.Once
}

var errGone = errors.New("sandbox: the box's init is gone")

// read hands replies to who waits for them.
func (b *box) read() {
	defer close(b.gone)
	buf := make([]byte, maxMessage)
	for {
		var r reply
		if _, err := receive(b.conn, buf, &r); err != nil {
			return
		}
		b.mu.Lock()
		ch := b.waiting[r.ID]
		delete(b.waiting, r.ID)
		b.mu.Unlock()
		if ch != nil {
			ch <- r
		}
	}
}

func (b *box) post(r request, files ...*os.File) (chan reply, error) {
	b.mu.Lock()
	b.next++
	r.ID = b.next
	ch := make(chan reply, 1)
	b.waiting[r.ID] = ch
	b.mu.Unlock()
	if err := send(b.conn, r, files...); err != nil {
		return nil, fmt.Errorf("%w: %w", errGone, err)
	}
	return ch, nil
}

func (b *box) await(ctx context.Context, ch chan reply) (reply, error) {
	select {
	case r := <-ch:
		if r.Err != "" {
			return r, errors.New(r.Err)
		}
		return r, nil
	case <-ctx.Done():
		return reply{}, context.Cause(ctx)
	case <-b.gone:
		select {
		case r := <-ch:
			return r, nil
		default:
			return reply{}, errGone
		}
	}
}

func (b *box) call(ctx context.Context, r request, files ...*os.File) (reply, error) {
	ch, err := b.post(r, files...)
	if err != nil {
		return reply{}, err
	}
	return b.await(ctx, ch)
}

func (b *box) Path(p string) string { return p }

func (b *box) Close() error {
	b.closed.Do(func() {
		b.conn.Close()
		_ = b.cmd.Process.Kill()
		_ = b.cmd.Wait()
		if b.group != nil {
			b.group.remove()
		}
	})
	return nil
}

func (b *box) Put(ctx context.Context, dir string, t task.Tree) error {
	if len(t) == 0 {
		return nil
	}
	fd, err := unix.MemfdCreate("put", unix.MFD_CLOEXEC)
	if err != nil {
		return err
	}
	f := os.NewFile(uintptr(fd), "put")
	defer f.Close()
	w := tar.NewWriter(f)
	for _, name := range t.Paths() {
		e := t[name]
		h := &tar.Header{Name: name, Mode: int64(e.Mode.Perm()), Size: int64(len(e.Data)), Typeflag: tar.TypeReg, Format: tar.FormatPAX}
		if e.Link != "" {
			h.Typeflag, h.Linkname, h.Size = tar.TypeSymlink, e.Link, 0
		}
		if err := w.WriteHeader(h); err != nil {
			return err
		}
		if h.Size > 0 {
			if _, err := w.Write(e.Data); err != nil {
				return err
			}
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err = b.call(ctx, request{Op: "put", Dir: dir}, f)
	return err
}

func (b *box) Get(ctx context.Context, dir string, limit int64) (task.Tree, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	ch, err := b.post(request{Op: "get", Dir: dir, Max: limit}, w)
	w.Close()
	if err != nil {
		return nil, err
	}
	tree, terr := readTar(r)
	rep, err := b.await(ctx, ch)
	switch {
	case err != nil:
		return nil, fmt.Errorf("sandbox: read %s: %w", dir, err)
	case rep.Large:
		return nil, sandbox.ErrTooLarge
	}
	return tree, terr
}

func readTar(r io.Reader) (task.Tree, error) {
	t := task.Tree{}
	tr := tar.NewReader(r)
	for {
		h, err := tr.Next()
		if err == io.EOF {
			return t, nil
		}
		if err != nil {
			_, _ = io.Copy(io.Discard, r)
			return nil, err
		}
		var data bytes.Buffer
		if _, err := io.Copy(&data, tr); err != nil {
			return nil, err
		}
		t[filepath.ToSlash(h.Name)] = task.File{Mode: fs.FileMode(h.Mode).Perm(), Data: data.Bytes(), Link: h.Linkname}
	}
}
