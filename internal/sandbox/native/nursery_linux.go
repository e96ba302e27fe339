package native

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"metr/internal/sandbox"
	"metr/internal/task"
)

//go:embed fork.py
var forkPy string

// nursery is a box with an interpreter that has started already.
type nursery struct {
	box    *box
	run    sandbox.Process // the interpreter
	conn   *net.UnixConn
	limits task.Limits
	ended  chan struct{} // closed when the interpreter is gone
	res    sandbox.Result
	err    error
}

// nurseryDir is where a nursery finds its programs.
const nurseryDir = "/metr"

// nurseryMemory is what the interpreter itself may use beside its forks.
const nurseryMemory = 128 << 20

// Warm starts a Python interpreter that runs program, which must define main, and
// then forks for each Start.
func (b *Backend) Warm(ctx context.Context, limits task.Limits, program string) (sandbox.Nursery, error) {
	limits = sandbox.WithDefaults(limits)
	whole := limits
	whole.CPU, whole.Wall = 1000*time.Hour, 1000*time.Hour
	whole.Memory += nurseryMemory
	whole.Procs += 8
	x, err := b.open(ctx, sandbox.Spec{Limits: whole}, true)
	if err != nil {
		return nil, err
	}
	source := strings.NewReplacer("@FILTER@", hex.EncodeToString(b.filters.fork),
		"@CLONE@", strconv.Itoa(unix.SYS_CLONE), "@CAPSET@", strconv.Itoa(unix.SYS_CAPSET), "@FILES@", strconv.Itoa(maxFiles)).Replace(forkPy)
	n := &nursery{box: x, limits: limits, ended: make(chan struct{})}
	files := task.Tree{
		"fork.py":    {Mode: 0o644, Data: []byte(source)},
		"program.py": {Mode: 0o644, Data: []byte(program)},
	}
	if err := n.start(ctx, files, whole); err != nil {
		n.Close()
		return nil, fmt.Errorf("sandbox: start a warm interpreter: %w", err)
	}
	return n, nil
}

func (n *nursery) start(ctx context.Context, files task.Tree, limits task.Limits) error {
	if err := n.box.Put(ctx, nurseryDir, files); err != nil {
		close(n.ended)
		return err
	}
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		close(n.ended)
		return err
	}
	theirs := os.NewFile(uintptr(fds[1]), "control")
	defer theirs.Close()
	if n.conn, err = conn(fds[0]); err != nil {
		close(n.ended)
		return err
	}
	// It outlives the context that it is started in.
	n.run, err = n.box.Start(context.WithoutCancel(ctx), sandbox.Cmd{
		Args: []string{"python3", "-s", "-S", "-B", nurseryDir + "/fork.py", nurseryDir + "/program.py"}, Stdin: theirs, Limits: limits,
	})
	if err != nil {
		close(n.ended)
		return err
	}
	go func() {
		n.res, n.err = n.run.Wait()
		close(n.ended)
	}()
	word, _, err := n.next(time.Now().Add(time.Minute))
	if err != nil || word[0] != "ready" {
		n.run.Kill()
		<-n.ended
		return fmt.Errorf("it did not start (%v; %v): %s", err, n.res, bytes.TrimSpace(n.res.Stderr))
	}
	return nil
}

// next reads one message of the interpreter.
func (n *nursery) next(deadline time.Time) (words []string, files []*os.File, err error) {
	if err := n.conn.SetReadDeadline(deadline); err != nil {
		return nil, nil, err
	}
	buf, oob := make([]byte, 128), make([]byte, syscall.CmsgSpace(4))
	k, oobn, _, _, err := n.conn.ReadMsgUnix(buf, oob)
	if err == nil && k == 0 {
		err = errors.New("it is gone")
	}
	if err != nil {
		return nil, nil, err
	}
	return strings.Fields(string(buf[:k])), received(oob[:oobn]), nil
}

// Start forks the interpreter in a fresh box.
func (n *nursery) Start(ctx context.Context, c sandbox.Cmd) (sandbox.Process, error) {
	l := n.limits
	p := &forked{nursery: n, process: process{box: n.box, limits: l}, began: time.Now(), done: make(chan struct{})}
	std, err := p.streams(c)
	if err != nil {
		p.close()
		return nil, err
	}
	msg := fmt.Sprintf("%d %d %d %d %d", int64(l.CPU/time.Second)+2, l.Memory, l.FileSize, l.Procs, l.Disk)
	_, _, err = n.conn.WriteMsgUnix([]byte(msg), syscall.UnixRights(int(std[0].Fd()), int(std[1].Fd()), int(std[2].Fd())), nil)
	p.close()
	if err != nil {
		return nil, fmt.Errorf("sandbox: warm interpreter: %w", err)
	}
	words, files, err := n.next(time.Now().Add(time.Minute))
	if err != nil || words[0] != "started" || len(files) != 1 {
		closeAll(files)
		return nil, fmt.Errorf("sandbox: warm interpreter: fork: %v %s", err, strings.Join(words, " "))
	}
	p.pidfd = files[0]
	p.base, _ = strconv.ParseInt(words[1], 10, 64)
	p.stop = context.AfterFunc(ctx, p.Kill)
	go p.watch()
	return p, nil
}

// Close ends the interpreter and what it forked.
func (n *nursery) Close() error {
	err := n.box.Close()
	<-n.ended
	if n.conn != nil {
		n.conn.Close()
	}
	return err
}

// forked is a fork under way.
type forked struct {
	process
	nursery *nursery
	pidfd   *os.File
	base    int64 // the interpreter's own processor time
	began   time.Time
	done    chan struct{}

	mu  sync.Mutex
	why sandbox.End // why we killed it, if we did
}

// watch ends a fork that passes its limits.
func (p *forked) watch() {
	wall := time.NewTimer(p.limits.Wall)
	defer wall.Stop()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-p.done:
			return
		case <-wall.C:
			p.end(sandbox.TimedOut)
		case <-tick.C:
			if used, err := p.CPU(); err == nil && used > p.limits.CPU {
				p.end(sandbox.CPUExceeded)
			}
		}
	}
}

func (p *forked) end(why sandbox.End) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.why == "" && p.pidfd != nil {
		p.why = why
		_ = unix.PidfdSendSignal(int(p.pidfd.Fd()), unix.SIGKILL, nil, 0)
	}
}

// Kill ends the fork and all that it started.
func (p *forked) Kill() { p.end(sandbox.Killed) }

// CPU is the time of all processes in the nursery but the interpreter, which
// waits.
func (p *forked) CPU() (time.Duration, error) {
	all, err := p.process.CPU()
	return all - time.Duration(p.base), err
}

// Wait returns when the fork and all that it started are gone.
func (p *forked) Wait() (sandbox.Result, error) {
	words, files, err := p.nursery.next(time.Now().Add(p.limits.Wall + 30*time.Second))
	closeAll(files)
	p.stop()
	close(p.done)
	p.mu.Lock()
	p.pidfd.Close()
	p.pidfd = nil
	why := p.why
	p.mu.Unlock()
	res := sandbox.Result{Wall: time.Since(p.began)}
	switch {
	case err != nil || len(words) != 4 || words[0] != "ended":
		// The interpreter itself is gone. Where the fork's memory did that, the
		// box's limits say so.
		p.nursery.box.Close()
		<-p.nursery.ended
		if p.nursery.res.End != sandbox.OutOfMemory {
			return sandbox.Result{}, fmt.Errorf("sandbox: the warm interpreter was lost (%v; %v)", err, p.nursery.res)
		}
		res.End = sandbox.OutOfMemory
	default:
		status, _ := strconv.Atoi(words[1])
		cpu, _ := strconv.ParseInt(words[2], 10, 64)
		res.MaxRSS, _ = strconv.ParseInt(words[3], 10, 64)
		res.CPU = time.Duration(cpu)
		st := syscall.WaitStatus(status)
		res.End, res.Code = sandbox.Exited, st.ExitStatus()
		if st.Signaled() {
			res.End, res.Code, res.Signal = signaled(st.Signal())
		}
		if why != "" {
			res.End, res.Signal = why, ""
		}
		if g := p.box.group; g != nil && g.ranOut() {
			res.Hit = append(res.Hit, "memory")
			if res.End == sandbox.Signaled {
				res.End, res.Signal = sandbox.OutOfMemory, ""
			}
		}
	}
	p.collect(&res)
	if res.End == sandbox.Exited && res.Code == 121 && bytes.HasPrefix(res.Stderr, []byte("metr: ")) {
		return sandbox.Result{}, fmt.Errorf("sandbox: warm interpreter: the fork could not enter its box: %s", res.Stderr[6:])
	}
	return res, nil
}
