package oci

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"metr/internal/task"
)

// groups makes a cgroup for each box, on the unified hierarchy (version 2) where
// it has the memory and pids controllers for us, on the separate ones otherwise.
type groups struct {
	unified bool
	dirs    map[string]string // controller -> our folder; "" for the unified one
	next    atomic.Int64
}

type group struct {
	unified bool
	dirs    []string
	memory  string // the folder with the memory controller's files
	killed  int64  // oom kills already told
}

// What stage and runtime may use beside the commands.
const (
	groupMemory = 96 << 20
	groupProcs  = 64 // threads count
)

// newGroups returns nil where no cgroup can be made.
func newGroups() *groups {
	root := "/sys/fs/cgroup"
	if c, err := os.ReadFile(root + "/cgroup.controllers"); err == nil && strings.Contains(string(c), "memory") {
		dir := filepath.Join(root, unifiedPath(), "metr-oci")
		if os.MkdirAll(dir, 0o755) == nil &&
			os.WriteFile(filepath.Join(filepath.Dir(dir), "cgroup.subtree_control"), []byte("+memory +pids"), 0) == nil &&
			os.WriteFile(dir+"/cgroup.subtree_control", []byte("+memory +pids"), 0) == nil {
			sweepGroups(dir)
			return &groups{unified: true, dirs: map[string]string{"": dir}}
		}
		return nil
	}
	g := &groups{dirs: map[string]string{}}
	for _, c := range []string{"memory", "pids"} {
		dir := filepath.Join(root, c, "metr-oci")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil
		}
		if _, err := os.Stat(dir + "/cgroup.procs"); err != nil {
			return nil
		}
		sweepGroups(dir)
		g.dirs[c] = dir
	}
	return g
}

// unifiedPath is this process's path in the unified hierarchy.
func unifiedPath() string {
	b, _ := os.ReadFile("/proc/self/cgroup")
	for line := range strings.Lines(string(b)) {
		if p, ok := strings.CutPrefix(strings.TrimSpace(line), "0::"); ok {
			return p
		}
	}
	return "/"
}

// sweepGroups removes the groups that a metr which was killed left behind.
func sweepGroups(dir string) {
	es, _ := os.ReadDir(dir)
	for _, e := range es {
		pid, _, ok := strings.Cut(e.Name(), "-")
		if n, err := strconv.Atoi(pid); ok && err == nil && syscall.Kill(n, 0) == syscall.ESRCH {
			_ = syscall.Rmdir(filepath.Join(dir, e.Name()))
		}
	}
}

// add makes a group with the limits and puts process pid into it.
func (g *groups) add(pid int, l task.Limits) (*group, error) {
	name := fmt.Sprintf("%d-%d", os.Getpid(), g.next.Add(1))
	memory := strconv.FormatInt(l.Memory+groupMemory, 10)
	procs := strconv.Itoa(l.Procs + groupProcs)
	out := &group{unified: g.unified}
	for controller, parent := range g.dirs {
		dir := filepath.Join(parent, name)
		if err := os.Mkdir(dir, 0o755); err != nil {
			return out, err
		}
		out.dirs = append(out.dirs, dir)
		files := map[string]string{}
		switch controller {
		case "":
			files, out.memory = map[string]string{"memory.max": memory, "pids.max": procs}, dir
		case "memory":
			files, out.memory = map[string]string{"memory.limit_in_bytes": memory}, dir
		case "pids":
			files["pids.max"] = procs
		}
		for f, v := range files {
			if err := os.WriteFile(filepath.Join(dir, f), []byte(v), 0); err != nil {
				return out, err
			}
		}
		if err := os.WriteFile(filepath.Join(dir, "cgroup.procs"), []byte(strconv.Itoa(pid)), 0); err != nil {
			return out, err
		}
	}
	// Both are absent where swap is not accounted; then there is none to limit.
	_ = os.WriteFile(out.memory+"/memory.swap.max", []byte("0"), 0)
	_ = os.WriteFile(out.memory+"/memory.memsw.limit_in_bytes", []byte(memory), 0)
	return out, nil
}

// ranOut reports whether the kernel killed something for memory since last asked.
func (g *group) ranOut() bool {
	file := "memory.oom_control"
	if g.unified {
		file = "memory.events"
	}
	b, err := os.ReadFile(filepath.Join(g.memory, file))
	if err != nil {
		return false
	}
	for line := range bytes.Lines(b) {
		if f := bytes.Fields(line); len(f) == 2 && string(f[0]) == "oom_kill" {
			n, _ := strconv.ParseInt(string(f[1]), 10, 64)
			more := n > g.killed
			g.killed = n
			return more
		}
	}
	return false
}

// remove deletes the group; its processes are dead or dying.
func (g *group) remove() {
	for _, d := range g.dirs {
		for i := range 200 {
			if err := syscall.Rmdir(d); err != syscall.EBUSY {
				break
			}
			time.Sleep(time.Duration(i+1) * 50 * time.Microsecond)
		}
	}
}
