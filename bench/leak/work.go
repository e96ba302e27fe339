//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"metr/internal/sandbox"
	"metr/internal/task"
)

// warm is how many boxes are opened before the first count, so that what a
// program makes once is not taken for a leak.
const warm = 50

// opening opens boxes and runs trivial commands in them.
func (c config) opening(ctx context.Context, b sandbox.Backend) (before, after counts, err error) {
	if err := c.many(ctx, warm, func(i int) error { return one(ctx, b, i) }); err != nil {
		return before, after, err
	}
	k := newCounter()
	before = k.count()
	if err := c.many(ctx, c.boxes, func(i int) error { return one(ctx, b, i) }); err != nil {
		return before, after, err
	}
	return before, k.settled(before), nil
}

// one opens a box, lays a file, runs a command, reads the files back.
func one(ctx context.Context, b sandbox.Backend, i int) error {
	box, err := b.Open(ctx, sandbox.Spec{})
	if err != nil {
		return err
	}
	defer box.Close()
	if err := box.Put(ctx, sandbox.Work, task.Tree{"in": {Mode: 0o644, Data: []byte("x")}}); err != nil {
		return err
	}
	script := "cat in >out"
	if i%10 == 0 { // and some that leave processes
		script = "cat in >out; (setsid sleep 100 >/dev/null 2>&1 &)"
	}
	r, err := sandbox.Exec(ctx, box, sandbox.Cmd{Args: []string{"sh", "-c", script}, Dir: sandbox.Work})
	if err != nil {
		return err
	}
	t, err := box.Get(ctx, sandbox.Work, 1<<20)
	if err == nil && (!r.OK() || string(t["out"].Data) != "x") {
		err = fmt.Errorf("box %d: %v %s", i, r, r.Stderr)
	}
	return err
}

// many does f so many times, c.workers at a time.
func (c config) many(ctx context.Context, n int, f func(i int) error) error {
	var next, done atomic.Int64
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	for range c.workers {
		wg.Go(func() {
			for failed.Load() == nil && ctx.Err() == nil {
				i := int(next.Add(1))
				if i > n {
					return
				}
				if err := f(i); err != nil {
					failed.CompareAndSwap(nil, &err)
				}
				if k := done.Add(1); k%1000 == 0 {
					c.log("%d of %d", k, n)
				}
			}
		})
	}
	wg.Wait()
	if p := failed.Load(); p != nil {
		return *p
	}
	return ctx.Err()
}

// busy is a command that forks and writes for as long as it is let.
const busy = "while :; do (sleep 1 &) ; echo x >>f; cat f >/dev/null; done"

// killing kills commands and then metr at random moments.
func (c config) killing(ctx context.Context, b sandbox.Backend) (before, after counts, err error) {
	if err := c.many(ctx, warm, func(i int) error { return one(ctx, b, i) }); err != nil {
		return before, after, err
	}
	// What must not be swept away with what is left behind: a live box.
	live, err := b.Open(ctx, sandbox.Spec{})
	if err != nil {
		return before, after, err
	}
	defer live.Close()
	k := newCounter()
	before = k.count()
	if err := c.many(ctx, c.kills, func(i int) error { return killed(ctx, b, i) }); err != nil {
		return before, after, err
	}
	c.log("%d commands killed", c.kills)
	if l := left(before, k.settled(before)); len(l) > 0 {
		c.log("left by killed commands: %v", l)
		return before, k.count(), nil
	}
	most := 0
	for i := range c.metrs {
		n, err := c.killMetr(ctx, k, before, i)
		if err != nil {
			return before, after, err
		}
		most = max(most, n)
	}
	c.log("metr killed %d times; at most %d cgroups were there for the next start to remove", c.metrs, most)
	// The next start.
	if err := c.start(ctx, "once").Run(); err != nil {
		return before, after, fmt.Errorf("the next start: %w", err)
	}
	r, err := sandbox.Exec(ctx, live, sandbox.Cmd{Args: []string{"true"}})
	if err != nil || !r.OK() {
		return before, after, fmt.Errorf("a box that was open all the while does not work any more: %v %w", r, err)
	}
	return before, k.settled(before), nil
}

// killed starts a busy command and ends it at a random moment in one of the
// three ways that there are.
func killed(ctx context.Context, b sandbox.Backend, i int) error {
	box, err := b.Open(ctx, sandbox.Spec{})
	if err != nil {
		return err
	}
	defer box.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p, err := box.Start(ctx, sandbox.Cmd{Args: []string{"sh", "-c", busy}, Dir: sandbox.Work})
	if err != nil {
		return err
	}
	time.Sleep(time.Duration(rand.Int64N(int64(30 * time.Millisecond))))
	switch i % 3 {
	case 0:
		p.Kill()
	case 1:
		cancel()
	case 2:
		if err := box.Close(); err != nil {
			return err
		}
	}
	r, err := p.Wait()
	if i%3 == 2 {
		return nil // its box was taken from under it: any answer will do
	}
	if err == nil && r.End != sandbox.Killed {
		err = fmt.Errorf("a killed command ended with %v: %s", r, r.Stderr)
	}
	return err
}

// killMetr starts a metr with boxes open, kills it, and returns how many cgroups
// there are for the next start to remove. Processes must go by themselves.
func (c config) killMetr(ctx context.Context, k *counter, before counts, i int) (int, error) {
	cmd := c.start(ctx, "always")
	if len(c.program) > 0 {
		cmd = exec.CommandContext(ctx, c.program[0], append(c.program[1:len(c.program):len(c.program)], "--log", fmt.Sprintf("%s/killed-%d", os.TempDir(), i))...)
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	k.pids[strconv.Itoa(cmd.Process.Pid)] = true
	time.Sleep(20*time.Millisecond + time.Duration(rand.Int64N(int64(180*time.Millisecond))))
	_ = cmd.Process.Kill()
	err := cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, err
	}
	if exit != nil && exit.Exited() {
		return 0, fmt.Errorf("metr ended by itself before it was killed: %w", err)
	}
	for tries := 0; len(descendants()) > before.processes; tries++ {
		if tries == 100 {
			return 0, fmt.Errorf("%d processes outlived the metr that was killed", len(descendants())-before.processes)
		}
		time.Sleep(20 * time.Millisecond)
		reapOrphans()
	}
	if len(c.program) > 0 {
		_ = os.RemoveAll(fmt.Sprintf("%s/killed-%d", os.TempDir(), i))
	}
	return k.count().cgroups - before.cgroups, nil
}

// reapOrphans waits for what became our child and has ended. Children of our
// own that are still needed are not dead.
func reapOrphans() {
	for {
		var st unix.WaitStatus
		pid, err := unix.Wait4(-1, &st, unix.WNOHANG, nil)
		if pid <= 0 || err != nil {
			return
		}
	}
}

// childEnv makes this program a metr with boxes open: "once" opens one and
// ends, "always" goes on until it is killed.
const childEnv = "METR_LEAK_CHILD"

func (c config) start(ctx context.Context, how string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), childEnv+"="+how)
	cmd.Stderr = os.Stderr
	return cmd
}
