//go:build linux

package attack

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// marked lists the processes of the host whose command line holds the token,
// this one left out.
func marked(token string) []int {
	d, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer d.Close()
	names, _ := d.Readdirnames(-1)
	var out []int
	for _, n := range names {
		pid, err := strconv.Atoi(n)
		if err != nil || pid == os.Getpid() {
			continue
		}
		if b, err := os.ReadFile("/proc/" + n + "/cmdline"); err == nil && bytes.Contains(b, []byte(token)) {
			out = append(out, pid)
		}
	}
	return out
}

// resident is a process's resident memory in bytes.
func resident(pid string) int64 {
	b, err := os.ReadFile("/proc/" + pid + "/statm")
	if err != nil {
		return 0
	}
	f := bytes.Fields(b)
	if len(f) < 2 {
		return 0
	}
	n, _ := strconv.ParseInt(string(f[1]), 10, 64)
	return n * int64(os.Getpagesize())
}

// shared is the machine's shared memory (tmpfs, memfd, SysV) in bytes.
func shared() int64 {
	b, _ := os.ReadFile("/proc/meminfo")
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "Shmem:" {
			n, _ := strconv.ParseInt(f[1], 10, 64)
			return n << 10
		}
	}
	return 0
}

// Peaks are the most that was seen on the host while something ran.
type Peaks struct {
	Procs  int   // processes of the payload
	Memory int64 // bytes resident in them, pages that they share counted for each
	Shared int64 // growth of the machine's shared memory, bytes
	Own    int64 // growth of this process's resident memory, bytes
}

// Watch samples the host while f runs.
func (h *Host) Watch(f func()) Peaks {
	runtime.GC()
	shmem, own := shared(), resident("self")
	var p Peaks
	sample := func() {
		pids := marked(h.Token)
		var mem int64
		for _, pid := range pids {
			mem += resident(strconv.Itoa(pid))
		}
		p.Procs, p.Memory = max(p.Procs, len(pids)), max(p.Memory, mem)
		p.Shared, p.Own = max(p.Shared, shared()-shmem), max(p.Own, resident("self")-own)
	}
	over := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-over:
				return
			case <-time.After(25 * time.Millisecond):
				sample()
			}
		}
	})
	func() {
		defer func() { close(over); wg.Wait() }() // f may panic
		f()
	}()
	sample()
	return p
}

// counts are what this process must have as many of afterwards as before.
type counts struct{ mounts, files, groups int }

func count() counts {
	var c counts
	b, _ := os.ReadFile("/proc/self/mountinfo")
	for line := range bytes.Lines(b) { // others mount, too; ours are named so
		if bytes.Contains(line, []byte(" metr ")) {
			c.mounts++
		}
	}
	es, _ := os.ReadDir("/proc/self/fd")
	c.files = len(es)
	own := fmt.Sprintf("%d-", os.Getpid())
	_ = filepath.WalkDir("/sys/fs/cgroup", func(p string, d os.DirEntry, err error) error {
		if err == nil && d.IsDir() && strings.HasPrefix(d.Name(), own) && strings.HasPrefix(filepath.Base(filepath.Dir(p)), "metr") {
			c.groups++
		}
		return nil
	})
	return c
}

// left says what is there now that was not before, after a moment of patience:
// the kernel takes a box down in its own time. Processes are ended then.
func (c counts) left(token string) string {
	var out []string
	for range 80 {
		out = out[:0]
		if pids := marked(token); len(pids) > 0 {
			out = append(out, fmt.Sprintf("%d processes", len(pids)))
		}
		now := count()
		for _, x := range []struct {
			what    string
			was, is int
		}{{"mounts", c.mounts, now.mounts}, {"descriptors", c.files, now.files}, {"cgroups", c.groups, now.groups}} {
			if x.is > x.was {
				out = append(out, fmt.Sprintf("%d %s", x.is-x.was, x.what))
			}
		}
		if len(out) == 0 {
			return ""
		}
		time.Sleep(25 * time.Millisecond)
	}
	reap(token)
	return strings.Join(out, ", ")
}

// reap ends the processes that carry the token, which are payloads of ours.
func reap(token string) {
	for _, pid := range marked(token) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}
