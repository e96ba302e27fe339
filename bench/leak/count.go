//go:build linux

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// counts are what there is of everything that a box could leave behind.
type counts struct {
	processes   int // descendants of this process, dead ones that nobody waited for too
	mounts      int // of our namespace, made for boxes
	cgroups     int // made for boxes by this process and those that it started
	descriptors int // of this process
	goroutines  int // of this process
	temporary   int // files in our folder for temporary files
	memory      int64
}

// memorySlack is how much a Go program's resident memory may wander, in bytes.
const memorySlack = 16 << 20

// counter knows whose leavings to count; others may use the machine as well.
type counter struct {
	pids map[string]bool // this process, and what it started and killed
}

func newCounter() *counter {
	return &counter{pids: map[string]bool{strconv.Itoa(os.Getpid()): true}}
}

func (k *counter) count() counts {
	runtime.GC()
	debug.FreeOSMemory()
	c := counts{
		processes: len(descendants()), goroutines: runtime.NumGoroutine(),
		descriptors: entries("/proc/self/fd"), temporary: files(os.TempDir()),
	}
	c.mounts = ownMounts()
	_ = filepath.WalkDir("/sys/fs/cgroup", func(p string, d os.DirEntry, err error) error {
		if pid, _, ok := strings.Cut(filepath.Base(p), "-"); ok && err == nil && d.IsDir() && strings.Contains(p, "/metr/") && k.pids[pid] {
			c.cgroups++
		}
		return nil
	})
	if b, err := os.ReadFile("/proc/self/statm"); err == nil {
		if f := bytes.Fields(b); len(f) > 1 {
			n, _ := strconv.ParseInt(string(f[1]), 10, 64)
			c.memory = n * int64(os.Getpagesize())
		}
	}
	return c
}

// settled counts again until it is no more than it was, or for a while: the
// kernel takes a box down in its own time.
func (k *counter) settled(before counts) counts {
	var now counts
	for range 100 {
		reapOrphans()
		if now = k.count(); len(left(before, now)) == 0 {
			return now
		}
		time.Sleep(30 * time.Millisecond)
	}
	return now
}

// figure is one line of the comparison.
type figure struct {
	name        string
	was, is     int64
	slack, unit int64
}

func figures(a, b counts) []figure {
	return []figure{
		{"processes", int64(a.processes), int64(b.processes), 0, 1},
		{"mounts", int64(a.mounts), int64(b.mounts), 0, 1},
		{"cgroups", int64(a.cgroups), int64(b.cgroups), 0, 1},
		{"descriptors", int64(a.descriptors), int64(b.descriptors), 0, 1},
		{"goroutines", int64(a.goroutines), int64(b.goroutines), 0, 1},
		{"temporary files", int64(a.temporary), int64(b.temporary), 0, 1},
		{"memory, MiB", a.memory, b.memory, memorySlack, 1 << 20},
	}
}

// left names what there is more of.
func left(before, after counts) (out []string) {
	for _, f := range figures(before, after) {
		if f.is > f.was+f.slack {
			out = append(out, fmt.Sprintf("%s: %d, was %d", f.name, f.is/f.unit, f.was/f.unit))
		}
	}
	return out
}

// compare writes the table and reports whether nothing is left.
func compare(w io.Writer, before, after counts) bool {
	fmt.Fprintf(w, "%-16s %8s %8s\n", "", "before", "after")
	for _, f := range figures(before, after) {
		mark := ""
		if f.is > f.was+f.slack {
			mark = "  left"
		}
		fmt.Fprintf(w, "%-16s %8d %8d%s\n", f.name, f.was/f.unit, f.is/f.unit, mark)
	}
	return len(left(before, after)) == 0
}

func entries(dir string) int {
	es, _ := os.ReadDir(dir)
	return len(es)
}

// ownMounts counts the mounts of our namespace that are named as those of boxes
// are; others mount, too.
func ownMounts() (n int) {
	b, _ := os.ReadFile("/proc/self/mountinfo")
	for line := range bytes.Lines(b) {
		if bytes.Contains(line, []byte(" metr ")) {
			n++
		}
	}
	return n
}

func files(dir string) (n int) {
	_ = filepath.WalkDir(dir, func(_ string, _ os.DirEntry, err error) error {
		if err == nil {
			n++
		}
		return nil
	})
	return n
}

// ownTemp makes temporary files of ours, and of what we start, lie in a folder
// of their own, where they can be counted.
func ownTemp() (string, error) {
	dir, err := os.MkdirTemp("", "leak-")
	if err != nil {
		return "", err
	}
	return dir, os.Setenv("TMPDIR", dir)
}

// becomeReaper makes what loses its parent a child of ours, so that it is
// counted.
func becomeReaper() error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("become a subreaper: %w", err)
	}
	return nil
}

// descendants lists the processes that come from this one.
func descendants() []int {
	parent := map[int]int{}
	es, _ := os.ReadDir("/proc")
	for _, e := range es {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		b, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err != nil {
			continue
		}
		if f := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:]); len(f) > 1 {
			parent[pid], _ = strconv.Atoi(string(f[1]))
		}
	}
	var out []int
	for pid := range parent {
		for p := parent[pid]; p > 0; p = parent[p] {
			if p == os.Getpid() {
				out = append(out, pid)
				break
			}
		}
	}
	return out
}
