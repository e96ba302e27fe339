//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
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
// behind.
func becomeReaper() error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("become a subreaper: %w", err)
	}
	return nil
}

// meter is a cgroup that counts the processor time of all that was ever in it.
// What processes tell of their children leaves out those that nobody waited for,
// as when a process namespace is taken down whole.
type meter struct {
	dir string
	v2  bool
}

func newMeter() (*meter, error) {
	m := &meter{dir: fmt.Sprintf("/sys/fs/cgroup/cpuacct/metr-bench-%d", os.Getpid())}
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err == nil {
		m.v2, m.dir = true, fmt.Sprintf("/sys/fs/cgroup/metr-bench-%d", os.Getpid())
	}
	if err := os.Mkdir(m.dir, 0o755); err != nil {
		return nil, fmt.Errorf("a cgroup to count processor time in (run as root): %w", err)
	}
	return m, nil
}

// run gives the command line that runs args in the group.
func (m *meter) run(args []string) []string {
	return append([]string{"/bin/sh", "-c", `echo $$ >"$0/cgroup.procs" && exec "$@"`, m.dir}, args...)
}

// close removes the group and returns what was used in it.
func (m *meter) close() (time.Duration, error) {
	file, scale := "cpuacct.usage", time.Nanosecond
	if m.v2 {
		file, scale = "cpu.stat", time.Microsecond
	}
	b, err := os.ReadFile(filepath.Join(m.dir, file))
	if err != nil {
		return 0, err
	}
	f := strings.Fields(strings.TrimPrefix(string(b), "usage_usec "))
	n, err := strconv.ParseInt(f[0], 10, 64)
	for range 100 { // what ends still holds the folder
		if os.Remove(m.dir) == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return time.Duration(n) * scale, err
}

// measure runs c to its end. A command that cannot be started, or fails, is an
// error that holds the end of its output.
func measure(ctx context.Context, c command) (reading, error) {
	m, err := newMeter()
	if err != nil {
		return reading{}, err
	}
	args := m.run(c.args)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
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
	var readErr, meterErr error
	time.Sleep(50 * time.Millisecond) // what is being taken down counts too
	r.cpu, meterErr = m.close()
	if meterErr != nil {
		return r, meterErr
	}
	if r.output, readErr = end(out, 8<<20); readErr != nil {
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
