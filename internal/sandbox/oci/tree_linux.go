package oci

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"metr/internal/sandbox"
)

// boxUID is the user that commands run as, as they see it.
const boxUID = 1000

// The stage's folders: its tmpfs lies over /tmp of its own mount namespace.
const (
	stage      = "/tmp"
	stageRoot  = stage + "/root" // the box's files
	stageUpper = stage + "/upper"
	stageLower = stage + "/lower"
	stageTool  = stage + "/runtime"
	stageRun   = stage + "/run" // bundles and state of containers, on a tmpfs of their own: a full box still runs commands
)

// build puts the box's files together below stageRoot.
func (s *setup) build() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	trees, err := s.open()
	if err != nil {
		return err
	}
	if err := quietCgroups(); err != nil {
		return err
	}
	if err := unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("mount proc: %w", err)
	}
	opts := fmt.Sprintf("size=%d,nr_inodes=%d,mode=755", s.Disk, 200_000)
	if err := unix.Mount("metr", stage, "tmpfs", unix.MS_NOSUID, opts); err != nil {
		return fmt.Errorf("mount tmpfs: %w", err)
	}
	for _, d := range []string{stageRoot, stageUpper, stageLower} {
		if err := os.Mkdir(d, 0o755); err != nil {
			return err
		}
	}
	if err := os.Mkdir(stageRun, 0o700); err != nil {
		return err
	}
	if err := unix.Mount("metr", stageRun, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "size=16m,mode=700"); err != nil {
		return fmt.Errorf("mount tmpfs: %w", err)
	}
	if s.Rootfs != "" {
		if err := trees[0].attach(stageLower); err != nil {
			return err
		}
		trees = trees[1:]
		if err := s.overlay(stageLower, stageUpper+"/image", stageRoot, false); err != nil {
			return fmt.Errorf("overlay over the image: %w", err)
		}
	}
	for _, t := range trees {
		if err := t.attach(t.dst); err != nil {
			return err
		}
	}
	for i, l := range s.Layers {
		if l.Overlay {
			if err := s.overlay(lowerOf(i), fmt.Sprintf("%s/%d", stageUpper, i), stageRoot+l.Box, true); err != nil {
				return fmt.Errorf("overlay %s: %w", l.Box, err)
			}
		}
	}
	return s.furnish()
}

// furnish makes what every box has.
func (s *setup) furnish() error {
	for _, l := range s.Links {
		if err := os.Symlink(l[1], stageRoot+l[0]); err != nil && !os.IsExist(err) {
			return err
		}
	}
	// Places to mount on, the runtime's own, whatever id it mounts with.
	for _, d := range []string{"/proc", "/dev", "/dev/shm", "/etc"} {
		if err := mkdirOwned(stageRoot+d, s.Mapping.host(0), s.Mapping.host(0)); err != nil {
			return err
		}
	}
	for _, d := range []string{sandbox.Work, sandbox.Home, "/tmp", "/.shm"} {
		if err := mkdirOwned(stageRoot+d, s.UID, s.UID); err != nil {
			return err
		}
	}
	for name, text := range map[string]string{
		"passwd": s.Users, "group": s.Groups,
		"hosts": "127.0.0.1 localhost metr\n", "hostname": "metr\n",
		"nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
	} {
		file := stageRoot + "/etc/" + name
		_ = os.Remove(file) // it may be a link
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// mkdirOwned makes dir, below stageRoot, with the parents that are missing, and
// has it owned by the commands' user.
func mkdirOwned(dir string, uid, gid int) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := os.Lchown(dir, uid, gid); err != nil {
		return err
	}
	return os.Chmod(dir, 0o755)
}

// tree is a detached piece of the host's files.
type tree struct {
	fd       int
	host     string
	dst      string
	dir      bool
	readonly bool
}

func lowerOf(i int) string { return fmt.Sprintf("%s/lower-%d", stage, i) }

// open takes hold of all that the box has of the host, before the stage's own
// folders hide it. The image comes first.
func (s *setup) open() (out []tree, err error) {
	add := func(host, dst string) error {
		fd, err := unix.OpenTree(unix.AT_FDCWD, host, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_RECURSIVE)
		if err != nil {
			return fmt.Errorf("open %s: %w", host, err)
		}
		var st unix.Stat_t
		if err := unix.Fstat(fd, &st); err != nil {
			return err
		}
		out = append(out, tree{fd: fd, host: host, dst: dst, dir: st.Mode&unix.S_IFMT == unix.S_IFDIR, readonly: true})
		return nil
	}
	if s.Rootfs != "" {
		if err := add(s.Rootfs, ""); err != nil {
			return nil, err
		}
	}
	if err := add(s.Runtime.Path, stageTool); err != nil {
		return nil, err
	}
	for _, p := range s.System {
		if err := add(p, stageRoot+p); err != nil {
			return nil, err
		}
	}
	for i, l := range s.Layers {
		dst := stageRoot + l.Box
		if l.Overlay {
			dst = lowerOf(i)
		}
		if err := add(l.Host, dst); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// attach mounts the tree read-only at dst, which it makes.
func (t tree) attach(dst string) error {
	attr := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV}
	if err := unix.MountSetattr(t.fd, "", unix.AT_EMPTY_PATH|unix.AT_RECURSIVE, &attr); err != nil {
		return fmt.Errorf("make %s read-only: %w", t.host, err)
	}
	parent := dst
	if !t.dir {
		parent = filepath.Dir(dst)
	}
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	if !t.dir {
		f, err := os.OpenFile(dst, os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return err
		}
		f.Close()
	}
	if err := unix.MoveMount(t.fd, "", unix.AT_FDCWD, dst, unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
		return fmt.Errorf("mount %s at %s: %w", t.host, dst, err)
	}
	return unix.Close(t.fd)
}

// overlay mounts lower at dst below a writable layer of its own, whose top
// belongs to the commands' user if owned.
func (s *setup) overlay(lower, upper, dst string, owned bool) error {
	for _, d := range []string{upper + "/up", upper + "/work", dst} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return err
		}
	}
	if owned {
		if err := os.Chown(upper+"/up", s.UID, s.UID); err != nil {
			return err
		}
	}
	opts := []string{"lowerdir=" + lower, "upperdir=" + upper + "/up", "workdir=" + upper + "/work"}
	if s.UserXattr {
		opts = append(opts, "userxattr")
	}
	return unix.Mount("overlay", dst, "overlay", unix.MS_NOSUID|unix.MS_NODEV, strings.Join(opts, ","))
}

// quietCgroups makes the cgroup hierarchies read-only here, so that a runtime
// that insists on making a group is refused and goes on (as it does for users
// without rights to them), and hides the unified one beside version 1, a mixture
// that some releases of crun refuse.
func quietCgroups() error {
	const at = "/sys/fs/cgroup"
	if _, err := os.Stat(at); err != nil {
		return nil
	}
	if _, err := os.Stat(at + "/unified"); err == nil {
		if err := unix.Mount("metr", at+"/unified", "tmpfs", unix.MS_RDONLY, "size=4k"); err != nil {
			return fmt.Errorf("hide %s/unified: %w", at, err)
		}
	}
	attr := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}
	if err := unix.MountSetattr(unix.AT_FDCWD, at, unix.AT_RECURSIVE, &attr); err != nil && err != unix.EINVAL {
		return fmt.Errorf("make %s read-only: %w", at, err)
	}
	return nil
}
