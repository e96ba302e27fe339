package native

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"metr/internal/sandbox"
)

// boxUID is the user that commands run as, as they see it.
const boxUID = 1000

// stage is where the new root is built before the pivot. Its own contents on
// the host stay reachable, for layers below it, through trees opened before.
const stage = "/tmp"

// buildRoot makes the box's file system and pivots into it.
func buildRoot(s *setup) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	type tree struct {
		fd  int
		dst string
		dir bool
	}
	var trees []tree
	open := func(host, dst string) error {
		fd, dir, err := openTree(host)
		if err != nil {
			return fmt.Errorf("open %s: %w", host, err)
		}
		trees = append(trees, tree{fd, dst, dir})
		return nil
	}
	for _, p := range s.System {
		if err := open(p, p); err != nil {
			return err
		}
	}
	for _, d := range devices {
		if err := open("/dev/"+d, "/dev/"+d); err != nil {
			return err
		}
	}
	for i, l := range s.Layers {
		dst := l.Box
		if l.Overlay {
			dst = fmt.Sprintf("/.lower/%d", i)
		}
		if err := open(l.Host, dst); err != nil {
			return err
		}
	}

	opts := fmt.Sprintf("size=%d,nr_inodes=%d,mode=755", s.Disk, 200_000)
	if err := unix.Mount("metr", stage, "tmpfs", unix.MS_NOSUID, opts); err != nil {
		return fmt.Errorf("mount tmpfs: %w", err)
	}
	for i, t := range trees {
		ro := uint64(unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID)
		if isDevice := i >= len(s.System) && i < len(s.System)+len(devices); !isDevice {
			ro |= unix.MOUNT_ATTR_NODEV
		}
		attr := unix.MountAttr{Attr_set: ro}
		if err := unix.MountSetattr(t.fd, "", unix.AT_EMPTY_PATH|unix.AT_RECURSIVE, &attr); err != nil {
			return fmt.Errorf("make %s read-only: %w", t.dst, err)
		}
		if err := place(t.fd, stage+t.dst, t.dir); err != nil {
			return fmt.Errorf("mount %s: %w", t.dst, err)
		}
		unix.Close(t.fd)
	}
	for _, l := range s.Links {
		if err := os.MkdirAll(filepath.Dir(stage+l[0]), 0o755); err != nil {
			return err
		}
		if err := os.Symlink(l[1], stage+l[0]); err != nil && !os.IsExist(err) {
			return err
		}
	}
	for i, l := range s.Layers {
		if l.Overlay {
			if err := overlay(s, stage+fmt.Sprintf("/.lower/%d", i), stage+fmt.Sprintf("/.upper/%d", i), stage+l.Box); err != nil {
				return fmt.Errorf("overlay %s: %w", l.Box, err)
			}
		}
	}
	for _, d := range []string{sandbox.Work, sandbox.Home, "/tmp", "/dev/shm"} {
		if err := os.MkdirAll(stage+d, 0o755); err != nil {
			return err
		}
		if err := os.Chown(stage+d, s.HostUID, s.HostGID); err != nil {
			return err
		}
	}
	for name, text := range etc {
		if err := os.MkdirAll(stage+"/etc", 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(stage+"/etc/"+name, []byte(text), 0o644); err != nil {
			return err
		}
	}
	for _, l := range [][2]string{{"fd", "/proc/self/fd"}, {"stdin", "fd/0"}, {"stdout", "fd/1"}, {"stderr", "fd/2"}} {
		if err := os.Symlink(l[1], stage+"/dev/"+l[0]); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(stage+"/proc", 0o755); err != nil {
		return err
	}
	if err := unix.Mount("proc", stage+"/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("mount proc: %w", err)
	}
	if err := unix.Chdir(stage); err != nil {
		return err
	}
	// pivot_root(".", ".") stacks the old root over the new one; detaching it
	// leaves only the new.
	if err := unix.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("pivot_root: %w", err)
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("leave the old root: %w", err)
	}
	return unix.Chdir("/")
}

var devices = []string{"null", "zero", "full", "random", "urandom"}

var etc = map[string]string{
	"passwd":        "root:x:0:0:root:/:/bin/false\nmetr:x:1000:1000:metr:/home/metr:/bin/sh\n",
	"group":         "root:x:0:\nmetr:x:1000:\n",
	"hosts":         "127.0.0.1 localhost metr\n",
	"hostname":      "metr\n",
	"nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}

func openTree(path string) (fd int, dir bool, err error) {
	fd, err = unix.OpenTree(unix.AT_FDCWD, path, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_RECURSIVE)
	if err != nil {
		return -1, false, err
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return -1, false, err
	}
	return fd, st.Mode&unix.S_IFMT == unix.S_IFDIR, nil
}

// place attaches the detached tree at dst, which it creates.
func place(fd int, dst string, dir bool) error {
	parent := dst
	if !dir {
		parent = filepath.Dir(dst)
	}
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	if !dir {
		f, err := os.OpenFile(dst, os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return err
		}
		f.Close()
	}
	return unix.MoveMount(fd, "", unix.AT_FDCWD, dst, unix.MOVE_MOUNT_F_EMPTY_PATH)
}

// overlay mounts lower at dst with a writable layer of its own at upper.
func overlay(s *setup, lower, upper, dst string) error {
	for _, d := range []string{upper + "/up", upper + "/work", dst} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return err
		}
	}
	if err := os.Chown(upper+"/up", s.HostUID, s.HostGID); err != nil {
		return err
	}
	opts := []string{"lowerdir=" + lower, "upperdir=" + upper + "/up", "workdir=" + upper + "/work"}
	if s.UserXattr {
		opts = append(opts, "userxattr")
	}
	return unix.Mount("overlay", dst, "overlay", unix.MS_NOSUID|unix.MS_NODEV, strings.Join(opts, ","))
}

// loopbackUp brings the box's loopback interface up.
func loopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	ifr, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	ifr.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return ioctl(fd, unix.SIOCSIFFLAGS, unsafe.Pointer(ifr))
}

func ioctl(fd int, req uint, arg unsafe.Pointer) error {
	if _, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), uintptr(req), uintptr(arg)); e != 0 {
		return e
	}
	return nil
}
