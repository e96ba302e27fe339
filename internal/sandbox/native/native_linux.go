package native

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"metr/internal/sandbox"
	"metr/internal/sandbox/native/boxinit"
)

// Outside of every box, commands run as unprivileged ids from firstUID on when
// metr is root: another one for each box. Nobody else has them. Boxes that write
// to a folder of the host, on an overlay, share the first, which the folder
// belongs to.
const (
	firstUID = 1_879_048_192
	uids     = 65_536
)

// Backend opens native boxes. Make one with New.
type Backend struct {
	self    *os.File // this program, held open: it may be replaced on disk meanwhile
	path    string   // where it lies, to be bound into boxes
	rooted  bool     // real root: boxes get ids of their own
	groups  *groups  // nil where no cgroup can be made
	system  []boxinit.Tree
	links   [][2]string
	filters filters
	next    atomic.Uint32
	cpus    []int64 // that metr may run on
	spares  spares
}

// New looks at the machine and returns a backend. The error says what is missing
// and what to do about it.
func New() (*Backend, error) {
	self, err := os.Open("/proc/self/exe")
	if err != nil {
		return nil, fmt.Errorf("sandbox native: %w", err)
	}
	path, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("sandbox native: %w", err)
	}
	b := &Backend{self: self, path: path}
	b.next.Store(rand.Uint32())
	b.spares.ready = make(chan *box, 1)
	if b.filters, err = newFilters(); err != nil {
		return nil, fmt.Errorf("sandbox native: %w", err)
	}
	b.system, b.links = systemTrees()
	b.cpus = processors()
	if os.Geteuid() == 0 {
		b.rooted = true
		b.groups = newGroups()
		if b.try() == nil {
			return b, nil
		}
		b.spares.drop()
		b.rooted, b.groups = false, nil // root of a container: do as a user does
	}
	if err := b.try(); err != nil {
		b.Close()
		return nil, fmt.Errorf("sandbox native: %w (metr doctor says what to do; --sandbox none runs without isolation)", err)
	}
	return b, nil
}

// try opens a box and runs a program in it.
func (b *Backend) try() error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	box, err := b.Open(ctx, sandbox.Spec{})
	if err != nil {
		return err
	}
	defer box.Close()
	r, err := sandbox.Exec(ctx, box, sandbox.Cmd{Args: []string{"true"}})
	if err == nil && !r.OK() {
		err = fmt.Errorf("`true` in a box: %v", r)
	}
	return err
}

// Name is "native".
func (b *Backend) Name() string { return "native" }

// Owner is whom folders must belong to that boxes write to on an overlay.
func (b *Backend) Owner() (uid, gid int) {
	if b.rooted {
		return firstUID, firstUID
	}
	return os.Geteuid(), os.Getegid()
}

// Close releases the backend. Its boxes are closed before.
func (b *Backend) Close() error {
	b.spares.close()
	return b.self.Close()
}

// ids returns the user and group, outside, of a box with the layers, and
// whether other boxes have the same.
func (b *Backend) ids(layers []sandbox.Layer) (uid, gid int, shared bool) {
	uid, gid = b.Owner()
	if !b.rooted {
		return uid, gid, false
	}
	for _, l := range layers {
		if l.Overlay {
			return uid, gid, true
		}
	}
	n := int(1 + b.next.Add(1)%(uids-1))
	return uid + n, gid + n, false
}

// Open starts an init and has it build the box.
func (b *Backend) Open(ctx context.Context, spec sandbox.Spec) (sandbox.Box, error) {
	return b.open(ctx, spec, false)
}

func (b *Backend) open(ctx context.Context, spec sandbox.Spec, nursery bool) (*box, error) {
	limits := sandbox.WithDefaults(spec.Limits)
	trees, opened, err := b.trees(spec)
	defer closeAll(opened)
	if err != nil {
		return nil, fmt.Errorf("sandbox: build box: %w", err)
	}
	box, err := b.init(spec.Layers)
	if err != nil {
		return nil, fmt.Errorf("sandbox: start init with fresh namespaces: %w", err)
	}
	box.limits = limits
	if box.group != nil {
		if err := box.group.limit(limits); err != nil {
			box.Close()
			return nil, fmt.Errorf("sandbox: cgroup: %w", err)
		}
	}
	s := boxinit.Setup{
		Trees: trees, Links: b.links, Files: etc, Writable: []string{sandbox.Work, sandbox.Home, "/tmp", "/dev/shm"},
		Disk: limits.Disk, Inodes: maxFiles, Memory: limits.Memory, Watch: box.group == nil,
		Filter: b.filters.strict, Landlock: true, CPUs: b.pair(),
	}
	if box.group == nil {
		s.Filter = b.filters.bare
	}
	if nursery {
		s.Filter, s.Landlock = b.filters.nursery, false
	}
	m := box.request(boxinit.OpSetup)
	s.Encode(m)
	r, err := box.call(ctx, m, opened...)
	if err == nil && len(r.files) != 2 {
		err = fmt.Errorf("init answered with %d descriptors", len(r.files))
	}
	if err != nil {
		box.Close()
		return nil, fmt.Errorf("sandbox: build box: %w", err)
	}
	box.root, box.below = r.files[0], r.files[1]
	for _, l := range spec.Layers {
		if l.Overlay {
			box.overlays = append(box.overlays, l.Box)
		}
	}
	return box, nil
}

// processors are those that this process may run on.
func processors() (cpus []int64) {
	var set unix.CPUSet
	if unix.SchedGetaffinity(0, &set) != nil {
		return nil
	}
	for c := range 1024 {
		if set.IsSet(c) {
			cpus = append(cpus, int64(c))
		}
	}
	return cpus
}

// pair picks the processors of the next box, going round; none where a box sees
// them all.
func (b *Backend) pair() (cpus []int64) {
	if len(b.cpus) <= sandbox.CPUs {
		return nil
	}
	from := int(b.next.Add(1)) % (len(b.cpus) / sandbox.CPUs) * sandbox.CPUs
	return b.cpus[from : from+sandbox.CPUs]
}

// maxFiles is how many files and folders a box can hold beside its layers.
const maxFiles = 200_000

// trees are what of the host the box shows. Those that metr opens itself, since
// the box's user may not, are returned opened.
func (b *Backend) trees(spec sandbox.Spec) (trees []boxinit.Tree, opened []*os.File, err error) {
	trees = append(trees, b.system...)
	if spec.Self {
		trees = append(trees, boxinit.Tree{Host: b.path, Box: sandbox.Self})
	}
	for _, l := range spec.Layers {
		trees = append(trees, boxinit.Tree{Host: l.Host, Box: l.Box, Overlay: l.Overlay})
	}
	if !b.rooted {
		return trees, nil, nil
	}
	for i := len(b.system); i < len(trees); i++ {
		t := &trees[i]
		fd, err := unix.OpenTree(unix.AT_FDCWD, t.Host, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_RECURSIVE)
		if err != nil {
			return nil, opened, fmt.Errorf("open %s: %w", t.Host, err)
		}
		opened = append(opened, os.NewFile(uintptr(fd), t.Host))
		attr := unix.MountAttr{Attr_set: t.Attr()}
		if err := unix.MountSetattr(fd, "", unix.AT_EMPTY_PATH|unix.AT_RECURSIVE, &attr); err != nil {
			return nil, opened, fmt.Errorf("make %s read-only: %w", t.Host, err)
		}
		t.Passed = true
	}
	return trees, opened, nil
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}

// systemTrees are the host's folders of programs and libraries and the devices,
// to be bound read-only, and the links to be made as the host has them.
func systemTrees() (trees []boxinit.Tree, links [][2]string) {
	for _, p := range []string{"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"} {
		st, err := os.Lstat(p)
		if err != nil {
			continue
		}
		if st.Mode()&os.ModeSymlink != 0 {
			if to, err := os.Readlink(p); err == nil {
				links = append(links, [2]string{p, to})
			}
			continue
		}
		trees = append(trees, boxinit.Tree{Host: p, Box: p})
	}
	for _, p := range []string{"/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/ssl/certs"} {
		if _, err := os.Stat(p); err == nil {
			trees = append(trees, boxinit.Tree{Host: p, Box: p})
		}
	}
	for _, d := range strings.Fields("null zero full random urandom") {
		trees = append(trees, boxinit.Tree{Host: "/dev/" + d, Box: "/dev/" + d, Device: true})
	}
	links = append(links, [][2]string{
		{"/dev/fd", "/proc/self/fd"}, {"/dev/stdin", "fd/0"}, {"/dev/stdout", "fd/1"}, {"/dev/stderr", "fd/2"},
	}...)
	return trees, links
}

var etc = [][2]string{
	{"/etc/passwd", "root:x:0:0:root:/:/bin/false\nmetr:x:1000:1000:metr:/home/metr:/bin/sh\n"},
	{"/etc/group", "root:x:0:\nmetr:x:1000:\n"},
	{"/etc/hosts", "127.0.0.1 localhost metr\n"},
	{"/etc/hostname", "metr\n"},
	{"/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n"},
}
