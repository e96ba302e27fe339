//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// command is a program to measure.
type command struct {
	args []string
	env  []string // the whole environment
	dir  string
}

// reading is what one run of a command took, all its descendants included.
type reading struct {
	wall, cpu time.Duration // cpu is user and system time
	memory    int64         // bytes, of the largest process
	output    string        // the end of standard output and error
}

// becomeReaper makes this program the parent of whatever the measured ones leave
// behind, so that the processor time of daemons counts too.
func becomeReaper() error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("become a subreaper: %w", err)
	}
	return nil
}

// measure runs c to its end. A command that cannot be started, or fails, is an
// error that holds the end of its output.
func measure(ctx context.Context, c command) (reading, error) {
	cmd := exec.CommandContext(ctx, c.args[0], c.args[1:]...)
	cmd.Env, cmd.Dir = c.env, c.dir
	// Into a file: a child's peak memory begins with that of the process that
	// started it, so this one has to stay small.
	out, err := os.CreateTemp("", "bench-output-")
	if err != nil {
		return reading{}, err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	start := time.Now()
	err = cmd.Run()
	r := reading{wall: time.Since(start)}
	var readErr error
	if r.output, readErr = end(out, 64<<10); readErr != nil {
		return r, readErr
	}
	if err != nil {
		return r, fmt.Errorf("%v: %w:\n%s", c.args, err, tail(r.output, 2000))
	}
	r.add(cmd.ProcessState.SysUsage().(*syscall.Rusage))
	for { // what was left behind and has ended by now
		var u syscall.Rusage
		pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, &u)
		if err != nil || pid <= 0 {
			return r, nil
		}
		r.add(&u)
	}
}

func (r *reading) add(u *syscall.Rusage) {
	r.cpu += time.Duration(u.Utime.Nano() + u.Stime.Nano())
	r.memory = max(r.memory, u.Maxrss<<10) // the kernel counts in KiB
}

// summary is the middle and the ends of several readings.
type summary struct {
	wall, cpu         time.Duration // medians
	wallLow, wallHigh time.Duration
	cpuLow, cpuHigh   time.Duration
	memory            int64 // the largest
	runs              int
}

func summarize(rs []reading) summary {
	pick := func(of func(reading) time.Duration) (low, middle, high time.Duration) {
		var all []time.Duration
		for _, r := range rs {
			all = append(all, of(r))
		}
		slices.Sort(all)
		middle = all[len(all)/2]
		if len(all)%2 == 0 {
			middle = (middle + all[len(all)/2-1]) / 2
		}
		return all[0], middle, all[len(all)-1]
	}
	s := summary{runs: len(rs)}
	s.wallLow, s.wall, s.wallHigh = pick(func(r reading) time.Duration { return r.wall })
	s.cpuLow, s.cpu, s.cpuHigh = pick(func(r reading) time.Duration { return r.cpu })
	for _, r := range rs {
		s.memory = max(s.memory, r.memory)
	}
	return s
}

// end is the last n bytes of a file.
func end(f *os.File, n int64) (string, error) {
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	from := max(0, info.Size()-n)
	data, err := io.ReadAll(io.NewSectionReader(f, from, info.Size()-from))
	return string(data), err
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }
