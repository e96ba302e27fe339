package oci

import (
	"context"
	"debug/elf"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"metr/internal/sandbox"
)

// idBase is the first of the 65,536 unprivileged ids that stand, outside, for a
// box's when metr is root; but for its user's, which is one of the 65,536 after
// them, another for each box. Nobody else has them.
const (
	idBase = 1_879_113_728
	ids    = 65_536
)

// Backend opens boxes from one image with one runtime. Make one with New.
type Backend struct {
	self    *os.File // this program, held open: it may be replaced on disk meanwhile
	path    string
	tool    runtimeProgram
	rooted  bool // real root: no user namespace is needed around the stage
	mapping mapping
	groups  *groups // nil where no cgroup can be made
	image   *image  // nil for the host's programs
	ref     string
	seccomp json.RawMessage
	users   string
	group   string
	next    atomic.Uint32 // the next box's user
}

// New finds the runtime, tries it in a box of the host's programs, and makes the
// image ready. The error says what is missing and what to do about it.
func New(ctx context.Context, c Config) (*Backend, error) {
	if c.Notice == nil {
		c.Notice = func(string, ...any) {}
	}
	tool, err := findRuntime(ctx, c.Runtime)
	if err != nil {
		return nil, err
	}
	b := &Backend{tool: tool, ref: c.Image}
	b.next.Store(rand.Uint32())
	if b.path, err = os.Executable(); err != nil {
		return nil, fmt.Errorf("sandbox oci: %w", err)
	}
	if b.self, err = os.Open("/proc/self/exe"); err != nil {
		return nil, fmt.Errorf("sandbox oci: %w", err)
	}
	if err := b.settle(ctx); err != nil {
		b.self.Close()
		return nil, fmt.Errorf("sandbox oci: %w", err)
	}
	if c.Image == "" {
		return b, nil
	}
	if b.image, err = prepare(ctx, c.Image, filepath.Join(c.Cache, "images"), b.mapping, c.Notice); err == nil {
		err = b.fits()
	}
	if err != nil {
		b.self.Close()
		return nil, fmt.Errorf("sandbox oci: %w", err)
	}
	return b, nil
}

// settle finds out how boxes are opened here: as root, or as a user does.
func (b *Backend) settle(ctx context.Context) error {
	var rooted error
	if os.Geteuid() == 0 {
		b.rooted, b.groups = true, newGroups()
		b.mapping = mapping{Inside: 0, Outside: idBase, Size: ids, Shift: true}
		b.accounts()
		if rooted = b.try(ctx); rooted == nil {
			return nil
		}
		b.rooted, b.groups = false, nil // root of a container: do as a user does
	}
	b.mapping = mapping{Inside: boxUID, Outside: 0, Size: 1}
	if b.tool.Name != "crun" {
		b.mapping.Inside = 0 // the others want a root in their namespace
	}
	b.accounts()
	if err := b.try(ctx); err != nil {
		if rooted != nil {
			err = rooted
		}
		return fmt.Errorf("%w (with %s; metr doctor says what this machine lacks)", err, b.tool.Version)
	}
	return nil
}

// try runs a program in a box of the host's programs.
func (b *Backend) try(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
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

// fits checks that this program can be init in the image.
func (b *Backend) fits() error {
	root, err := os.OpenRoot(b.image.rootfs)
	if err != nil {
		return err
	}
	defer root.Close()
	if f, err := elf.NewFile(b.self); err == nil {
		for _, p := range f.Progs {
			if p.Type != elf.PT_INTERP {
				continue
			}
			name, _ := io.ReadAll(p.Open())
			loader := strings.TrimRight(string(name), "\x00")
			if !inImage(root, loader) {
				return fmt.Errorf("image %s has no %s, which this build of metr needs; build metr with CGO_ENABLED=0, then it runs in every image", b.ref, loader)
			}
		}
	}
	b.accounts()
	return nil
}

// inImage reports whether the image has a file of that absolute path, through
// links that are absolute too.
func inImage(root *os.Root, path string) bool {
	for range 40 {
		path = strings.TrimPrefix(filepath.Clean(path), "/")
		at, next := "", ""
		for part := range strings.SplitSeq(path, "/") {
			at = filepath.Join(at, part)
			st, err := root.Lstat(at)
			if err != nil {
				return false
			}
			if st.Mode()&os.ModeSymlink == 0 {
				continue
			}
			to, err := root.Readlink(at)
			if err != nil {
				return false
			}
			if !filepath.IsAbs(to) {
				to = filepath.Join("/", filepath.Dir(at), to)
			}
			next = filepath.Join(to, strings.TrimPrefix(path, at))
			break
		}
		if next == "" {
			return true
		}
		path = next
	}
	return false
}

// accounts are the box's passwd and group: the image's with the box's user.
func (b *Backend) accounts() {
	users, groups := "root:x:0:0:root:/root:/bin/false\n", "root:x:0:\n"
	if b.image != nil {
		if root, err := os.OpenRoot(b.image.rootfs); err == nil {
			if t, err := root.ReadFile("etc/passwd"); err == nil && len(t) < 64<<10 {
				users = string(t)
			}
			if t, err := root.ReadFile("etc/group"); err == nil && len(t) < 64<<10 {
				groups = string(t)
			}
			root.Close()
		}
	}
	b.users = fmt.Sprintf("metr:x:%d:%d:metr:%s:/bin/sh\n", b.uid(), b.uid(), sandbox.Home) + users
	b.group = fmt.Sprintf("metr:x:%d:\n", b.uid()) + groups
}

// uid is who commands run as, as they see it.
func (b *Backend) uid() int {
	if b.mapping.Size == 1 {
		return b.mapping.Inside
	}
	return boxUID
}

// Name is "oci".
func (b *Backend) Name() string { return "oci" }

// Describe says what boxes are made of, for a run's record.
func (b *Backend) Describe() string {
	if b.image == nil {
		return b.tool.Version + ", the host's programs"
	}
	return fmt.Sprintf("%s, image %s (%s)", b.tool.Version, b.ref, b.image.digest)
}

// Owner is who commands run as, seen from outside.
func (b *Backend) Owner() (uid, gid int) {
	if b.rooted {
		return b.mapping.host(boxUID), b.mapping.host(boxUID)
	}
	return os.Geteuid(), os.Getegid()
}

// user is the id, outside, of who commands of a box with the layers run as. Boxes
// that write to a folder of the host, on an overlay, share the one that the folder
// belongs to.
func (b *Backend) user(layers []sandbox.Layer) int {
	uid, _ := b.Owner()
	if !b.rooted || slices.ContainsFunc(layers, func(l sandbox.Layer) bool { return l.Overlay }) {
		return uid
	}
	return idBase + ids + int(b.next.Add(1)%ids)
}

// Excepts are the attacks of the corpus that boxes do not claim to hold here.
func (b *Backend) Excepts() map[string]string {
	if b.uid() != 0 {
		return nil
	}
	const why = "with %s an ordinary user's commands have the id 0 in a namespace of that one id, without capabilities: that of process 1, which holds nothing"
	out := map[string]string{}
	for _, name := range []string{"set-uid", "proc"} {
		out[name] = fmt.Sprintf(why, b.tool.Name)
	}
	return out
}

// Close releases the backend. Unpacked images stay for the next time.
func (b *Backend) Close() error { return b.self.Close() }

// Probe says what this machine gives the sandbox.
func (b *Backend) Probe(context.Context) []sandbox.Check {
	who := sandbox.Check{Name: "who opens the boxes", OK: true, Detail: fmt.Sprintf("an ordinary user; commands are user %d in a user namespace", b.uid())}
	if b.rooted {
		who.Detail = "root; commands run as an unprivileged user without capabilities"
	}
	mem := sandbox.Check{Name: "memory and process limits", OK: b.groups != nil, Detail: "cgroup v1"}
	switch {
	case b.groups == nil:
		mem.Detail = "no cgroup can be made: resource limits of each process and a watchdog over their sum"
		mem.Fix = "run as root, or under `systemd-run --user --scope -p Delegate=yes`"
	case b.groups.unified:
		mem.Detail = "cgroup v2"
	}
	return []sandbox.Check{{Name: "a program runs in a container", Needed: true, OK: true, Detail: b.Describe()}, who, mem}
}

// Open starts a stage and has it put the box together.
func (b *Backend) Open(ctx context.Context, spec sandbox.Spec) (sandbox.Box, error) {
	limits := sandbox.WithDefaults(spec.Limits)
	filter, err := b.filter()
	if err != nil {
		return nil, fmt.Errorf("sandbox oci: %w", err)
	}
	c, theirs, err := pair()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	cmd := &exec.Cmd{
		Path: fmt.Sprintf("/proc/self/fd/%d", b.self.Fd()), Args: []string{stageName},
		Env: []string{"GOMAXPROCS=1", "GOTRACEBACK=none"}, Dir: "/",
		ExtraFiles: []*os.File{theirs, b.self},
		SysProcAttr: &syscall.SysProcAttr{
			Setsid:     true,
			Cloneflags: unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWIPC | unix.CLONE_NEWUTS,
		},
	}
	s := setup{
		Layers: slices.Clone(spec.Layers), Users: b.users, Groups: b.group, Runtime: b.tool, Disk: limits.Disk,
		UID: b.mapping.host(boxUID), Mapping: b.mapping,
		Watch: b.groups == nil, Memory: limits.Memory, Seccomp: filter,
	}
	uid := b.user(spec.Layers)
	if b.rooted {
		s.UID = uid
	}
	if b.image != nil {
		s.Rootfs = b.image.rootfs
	} else {
		s.System, s.Links = HostPrograms()
	}
	if spec.Self {
		s.Layers = append(s.Layers, sandbox.Layer{Host: b.path, Box: sandbox.Self})
	}
	if !b.rooted {
		cmd.SysProcAttr.Cloneflags |= unix.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
		s.UserXattr = true
	}
	if err := cmd.Start(); err != nil {
		c.Close()
		return nil, fmt.Errorf("start a stage with fresh namespaces: %w", err)
	}
	x := newBox(b, cmd, c, uid, limits, spec.Layers)
	if b.groups != nil {
		// The stage has started nothing yet: whatever it starts is born in the group.
		if x.group, err = b.groups.add(cmd.Process.Pid, limits); err != nil {
			x.Close()
			return nil, fmt.Errorf("sandbox oci: cgroup: %w", err)
		}
	}
	if _, err := x.call(ctx, request{Op: "setup", Setup: &s}); err != nil {
		x.Close()
		return nil, fmt.Errorf("sandbox oci: build box: %w", err)
	}
	return x, nil
}
