package oci

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"sync"

	"metr/internal/sandbox"
	"metr/internal/task"
)

// box is a stage and metr's end of the socket to it.
type box struct {
	backend *Backend
	cmd     *exec.Cmd
	conn    *net.UnixConn
	limits  task.Limits
	group   *group
	uid     int      // the box's user and group, outside
	write   []string // folders that commands may write to

	mu      sync.Mutex
	next    int
	waiting map[int]chan reply
	gone    chan struct{} // closed when the stage is
	closed  sync.Once
}

func newBox(b *Backend, cmd *exec.Cmd, c *net.UnixConn, uid int, l task.Limits, layers []sandbox.Layer) *box {
	x := &box{
		backend: b, cmd: cmd, conn: c, uid: uid, limits: l,
		write:   []string{sandbox.Work, sandbox.Home, "/tmp"},
		waiting: map[int]chan reply{}, gone: make(chan struct{}),
	}
	for _, l := range layers {
		if l.Overlay { // a mount of its own below the root
			x.write = append(x.write, l.Box)
		}
	}
	go x.read()
	return x
}

// writable makes commands to come able to write to dir.
func (b *box) writable(dir string) {
	if !b.mine(dir) {
		b.write = append(b.write, path.Clean(dir))
	}
}

// mine reports whether commands may write to dir.
func (b *box) mine(dir string) bool {
	return slices.ContainsFunc(b.write, func(d string) bool { return dir == d || strings.HasPrefix(dir, d+"/") })
}

var errGone = errors.New("sandbox oci: the box's stage is gone")

// read hands replies to who waits for them.
func (b *box) read() {
	defer close(b.gone)
	buf := make([]byte, maxMessage)
	for {
		var r reply
		var err error
		if r.files, err = receive(b.conn, buf, &r); err != nil {
			return
		}
		b.mu.Lock()
		ch := b.waiting[r.ID]
		delete(b.waiting, r.ID)
		b.mu.Unlock()
		if ch != nil {
			ch <- r
		} else {
			for _, f := range r.files {
				f.Close()
			}
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
	var r reply
	select {
	case r = <-ch:
	case <-ctx.Done():
		return r, context.Cause(ctx)
	case <-b.gone:
		select {
		case r = <-ch:
		default:
			return r, errGone
		}
	}
	if r.Err != "" {
		return r, errors.New(r.Err)
	}
	return r, nil
}

func (b *box) call(ctx context.Context, r request) (reply, error) {
	ch, err := b.post(r)
	if err != nil {
		return reply{}, err
	}
	return b.await(ctx, ch)
}

// Path is p: the container has a root of its own.
func (b *box) Path(p string) string { return p }

// Listen opens a TCP socket on the box's own loopback, at port, served from here.
func (b *box) Listen(ctx context.Context, port int) (net.Listener, error) {
	r, err := b.call(ctx, request{Op: "listen", Port: port})
	if err == nil && len(r.files) != 1 {
		err = errors.New("the stage answered without a descriptor")
	}
	if err != nil {
		return nil, fmt.Errorf("sandbox oci: listen in the box: %w", err)
	}
	defer r.files[0].Close()
	return net.FileListener(r.files[0])
}

// Close takes the stage down, and the kernel all that was in it.
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
