package native

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync"
	"syscall"

	"metr/internal/sandbox/native/boxinit"
	"metr/internal/task"
)

// box is the outside of an open box.
type box struct {
	cmd      *exec.Cmd
	conn     *net.UnixConn
	limits   task.Limits
	group    *group
	uid, gid int // the box's user outside; -1 where metr itself is it

	root     *os.File // its / as commands see it
	below    *os.File // the file system of its /, without what is mounted on it, writable throughout
	overlays []string // folders of it that are file systems of their own

	mu      sync.Mutex
	next    int64
	waiting map[int64]chan reply
	gone    chan struct{} // closed when init is
	closed  sync.Once
}

// reply is init's answer to the request of the same id.
type reply struct {
	body  boxinit.Message
	err   error
	files []*os.File
}

var errGone = errors.New("sandbox: the box's init is gone")

// read hands replies to who waits for them.
func (x *box) read() {
	defer close(x.gone)
	buf, oob := make([]byte, 8<<10), make([]byte, syscall.CmsgSpace(8*4))
	for {
		n, oobn, _, _, err := x.conn.ReadMsgUnix(buf, oob)
		if err != nil || n == 0 {
			return
		}
		var r reply
		r.body.B = append([]byte(nil), buf[:n]...)
		r.files = received(oob[:oobn])
		id := r.body.NextInt()
		if why := r.body.NextStr(); why != "" {
			r.err = errors.New(why)
		}
		x.mu.Lock()
		ch := x.waiting[id]
		delete(x.waiting, id)
		x.mu.Unlock()
		if ch == nil {
			closeAll(r.files)
			continue
		}
		ch <- r
	}
}

// received are the descriptors that came with a message.
func received(oob []byte) (files []*os.File) {
	msgs, err := syscall.ParseSocketControlMessage(oob)
	if err != nil {
		return nil
	}
	for i := range msgs {
		fds, err := syscall.ParseUnixRights(&msgs[i])
		if err != nil {
			continue
		}
		for _, fd := range fds {
			syscall.CloseOnExec(fd)
			files = append(files, os.NewFile(uintptr(fd), "passed"))
		}
	}
	return files
}

// request begins a message for operation op. Its second word, the id, is filled
// in by post.
func (x *box) request(op int64) *boxinit.Message {
	m := &boxinit.Message{}
	m.Int(op)
	m.Int(0)
	return m
}

func (x *box) post(m *boxinit.Message, files ...*os.File) (chan reply, error) {
	if len(m.B) > boxinit.MaxMessage {
		return nil, fmt.Errorf("sandbox: a request of %d bytes is over %d: the command line or environment is too long", len(m.B), boxinit.MaxMessage)
	}
	x.mu.Lock()
	x.next++
	id := boxinit.Message{}
	id.Int(x.next)
	copy(m.B[8:], id.B)
	ch := make(chan reply, 1)
	x.waiting[x.next] = ch
	x.mu.Unlock()
	var oob []byte
	if len(files) > 0 {
		fds := make([]int, len(files))
		for i, f := range files {
			fds[i] = int(f.Fd())
		}
		oob = syscall.UnixRights(fds...)
	}
	if _, _, err := x.conn.WriteMsgUnix(m.B, oob, nil); err != nil {
		return nil, fmt.Errorf("%w: %w", errGone, err)
	}
	return ch, nil
}

func (x *box) await(ctx context.Context, ch chan reply) (reply, error) {
	select {
	case r := <-ch:
		return r, r.err
	case <-ctx.Done():
		return reply{}, context.Cause(ctx)
	case <-x.gone:
		select {
		case r := <-ch:
			return r, r.err
		default:
			return reply{}, errGone
		}
	}
}

func (x *box) call(ctx context.Context, m *boxinit.Message, files ...*os.File) (reply, error) {
	ch, err := x.post(m, files...)
	if err != nil {
		return reply{}, err
	}
	return x.await(ctx, ch)
}

// Path is p: commands have a root of their own.
func (x *box) Path(p string) string { return p }

// Listen opens a TCP socket on the box's own loopback, at port, served from here.
func (x *box) Listen(ctx context.Context, port int) (net.Listener, error) {
	m := x.request(boxinit.OpListen)
	m.Int(int64(port))
	r, err := x.call(ctx, m)
	if err == nil && len(r.files) != 1 {
		err = errors.New("init answered without a descriptor")
	}
	if err != nil {
		return nil, fmt.Errorf("sandbox: listen in the box: %w", err)
	}
	defer r.files[0].Close()
	return net.FileListener(r.files[0])
}

// Close kills what runs and removes the box.
func (x *box) Close() error {
	x.closed.Do(func() {
		x.conn.Close()
		_ = x.cmd.Process.Kill()
		_ = x.cmd.Wait()
		for _, f := range []*os.File{x.root, x.below} {
			if f != nil {
				f.Close()
			}
		}
		if x.group != nil {
			x.group.remove()
		}
	})
	return nil
}

// conn makes a net.UnixConn of a socket descriptor, which it takes over.
func conn(fd int) (*net.UnixConn, error) {
	f := os.NewFile(uintptr(fd), "control")
	defer f.Close()
	c, err := net.FileConn(f)
	if err != nil {
		return nil, err
	}
	return c.(*net.UnixConn), nil
}
