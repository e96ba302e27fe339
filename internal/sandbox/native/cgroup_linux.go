package native

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"metr/internal/task"
)

// groups makes one cgroup a box, on the unified hierarchy (v2) where it carries
// the memory and pids controllers for us, on the separate ones (v1) otherwise.
type groups struct {
	v2   string            // our folder in the unified hierarchy; "" for v1
	v1   map[string]string // controller -> our folder
	mark uint32            // tells apart what several backends of one process make
	next atomic.Int64
}

type group struct {
	dirs   []string
	memory string // the folder with the memory controller's files
	pids   string // and the one with those of the pids controller
	v2     bool
	killed int64 // oom kills already told
}

// initMemory is what init itself may use beside the commands.
const initMemory = 64 << 20

// newGroups returns nil where no cgroup can be made.
func newGroups() *groups {
	root := "/sys/fs/cgroup"
	if c, err := os.ReadFile(root + "/cgroup.controllers"); err == nil && strings.Contains(string(c), "memory") {
		dir := filepath.Join(root, ownGroup(), "metr")
		if os.MkdirAll(dir, 0o755) == nil &&
			os.WriteFile(filepath.Join(filepath.Dir(dir), "cgroup.subtree_control"), []byte("+memory +pids"), 0) == nil &&
			os.WriteFile(dir+"/cgroup.subtree_control", []byte("+memory +pids"), 0) == nil {
			sweep(dir)
			return &groups{v2: dir, mark: rand.Uint32()}
		}
		return nil
	}
	g := &groups{v1: map[string]string{}, mark: rand.Uint32()}
	for _, c := range []string{"memory", "pids"} {
		dir := filepath.Join(root, c, "metr")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil
		}
		if _, err := os.Stat(dir + "/tasks"); err != nil {
			return nil
		}
		sweep(dir)
		g.v1[c] = dir
	}
	return g
}

// ownGroup is this process's path in the unified hierarchy.
func ownGroup() string {
	b, _ := os.ReadFile("/proc/self/cgroup")
	for line := range strings.Lines(string(b)) {
		if p, ok := strings.CutPrefix(strings.TrimSpace(line), "0::"); ok {
			return p
		}
	}
	return "/"
}

// sweep removes the groups of processes of ours that are gone: what a metr that
// was killed left behind.
func sweep(dir string) {
	es, _ := os.ReadDir(dir)
	for _, e := range es {
		pid, _, ok := strings.Cut(e.Name(), "-")
		if n, err := strconv.Atoi(pid); ok && err == nil && syscall.Kill(n, 0) == syscall.ESRCH {
			_ = syscall.Rmdir(filepath.Join(dir, e.Name()))
		}
	}
}

// make makes a group without limits.
func (g *groups) make() (*group, error) {
	name := fmt.Sprintf("%d-%08x-%d", os.Getpid(), g.mark, g.next.Add(1))
	out := &group{v2: g.v2 != ""}
	if out.v2 {
		out.memory = filepath.Join(g.v2, name)
		out.pids, out.dirs = out.memory, []string{out.memory}
	} else {
		out.memory, out.pids = filepath.Join(g.v1["memory"], name), filepath.Join(g.v1["pids"], name)
		out.dirs = []string{out.memory, out.pids}
	}
	for _, d := range out.dirs {
		if err := os.Mkdir(d, 0o755); err != nil {
			out.remove()
			return nil, err
		}
	}
	return out, nil
}

// limit sets the limits of a group that runs nothing but init yet. The limits of
// swap are absent where swap is not accounted; then there is nothing to limit.
func (g *group) limit(l task.Limits) error {
	memory, swap := "memory.max", "memory.swap.max"
	most := strconv.FormatInt(l.Memory+initMemory, 10)
	none := "0"
	if !g.v2 {
		memory, swap, none = "memory.limit_in_bytes", "memory.memsw.limit_in_bytes", most
	}
	if err := os.WriteFile(filepath.Join(g.memory, memory), []byte(most), 0); err != nil {
		return err
	}
	_ = os.WriteFile(filepath.Join(g.memory, swap), []byte(none), 0)
	return os.WriteFile(filepath.Join(g.pids, "pids.max"), []byte(strconv.Itoa(l.Procs+32)), 0) // init's threads count
}

// add puts process pid into the group of v1.
func (g *group) add(pid int) error {
	for _, d := range g.dirs {
		if err := os.WriteFile(filepath.Join(d, "cgroup.procs"), []byte(strconv.Itoa(pid)), 0); err != nil {
			return err
		}
	}
	return nil
}

// ranOut reports whether the kernel killed something for memory since last asked.
func (g *group) ranOut() bool {
	file := "memory.oom_control"
	if g.v2 {
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

// full reports whether a process was refused for their number.
func (g *group) full() bool {
	b, err := os.ReadFile(filepath.Join(g.pids, "pids.events"))
	if err != nil {
		return false
	}
	f := bytes.Fields(b)
	return len(f) == 2 && string(f[1]) != "0"
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
