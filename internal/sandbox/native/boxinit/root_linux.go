package boxinit

import (
	"strconv"
	"syscall"
)

// stage is where the new root is built before the pivot.
const stage = "/tmp"

// build makes the box's file system and pivots into it. It returns descriptors
// of the box's root as commands see it and of the files below its mounts.
func (s *Setup) build(passed []int) (root, below int, err error) {
	if err := check("make mounts private", syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, "")); err != nil {
		return -1, -1, err
	}
	fds := make([]int, len(s.Trees))
	for i, t := range s.Trees {
		if t.Passed {
			if len(passed) == 0 {
				return -1, -1, &fault{"descriptor of " + t.Host, syscall.EBADF}
			}
			fds[i], passed = passed[0], passed[1:]
			continue
		}
		fd, e := openTree(atFDCWD, t.Host, atRecursive)
		if e != 0 {
			return -1, -1, &fault{"open " + t.Host, e}
		}
		if e := setAttr(fd, t.attr(), atRecursive); e != 0 {
			return -1, -1, &fault{"make " + t.Host + " read-only", e}
		}
		fds[i] = fd
	}
	opts := "mode=755,size=" + strconv.FormatInt(s.Disk, 10) + ",nr_inodes=" + strconv.FormatInt(s.Inodes, 10)
	if err := check("mount tmpfs", syscall.Mount("metr", stage, "tmpfs", syscall.MS_NOSUID|syscall.MS_NODEV, opts)); err != nil {
		return -1, -1, err
	}
	for i, t := range s.Trees {
		dst := t.Box
		if t.Overlay {
			dst = "/.lower/" + strconv.Itoa(i)
		}
		if err := place(fds[i], stage+dst); err != nil {
			return -1, -1, err
		}
		syscall.Close(fds[i])
	}
	for _, l := range s.Links {
		if err := mkdirAll(dirOf(stage + l[0])); err != nil {
			return -1, -1, err
		}
		if err := syscall.Symlink(l[1], stage+l[0]); err != nil && err != syscall.EEXIST {
			return -1, -1, check("link "+l[0], err)
		}
	}
	for _, f := range s.Files {
		if err := write(stage+f[0], f[1]); err != nil {
			return -1, -1, err
		}
	}
	for i, t := range s.Trees {
		if t.Overlay {
			if err := overlay("/.lower/"+strconv.Itoa(i), "/.upper/"+strconv.Itoa(i), t.Box); err != nil {
				return -1, -1, err
			}
		}
	}
	if err := mkdirAll(stage + "/proc"); err != nil {
		return -1, -1, err
	}
	if err := mountProc(stage + "/proc"); err != nil {
		return -1, -1, err
	}
	return s.finish()
}

// attr is how a tree of the host is mounted.
func (t *Tree) attr() uint64 {
	if t.Device {
		return attrReadOnly | attrNoSuid
	}
	return attrReadOnly | attrNoSuid | attrNoDev
}

// Attr is how a tree that metr opens itself must be mounted, for mount_setattr.
func (t *Tree) Attr() uint64 { return t.attr() }

// mountProc falls back to a /proc of processes alone, which a container that
// hides parts of its own /proc still allows.
func mountProc(dst string) error {
	const flags = syscall.MS_NOSUID | syscall.MS_NODEV | syscall.MS_NOEXEC
	err := syscall.Mount("proc", dst, "proc", flags, "")
	if err == syscall.EPERM {
		err = syscall.Mount("proc", dst, "proc", flags, "subset=pid")
	}
	return check("mount proc", err)
}

// finish makes the root read-only but for the writable folders, and pivots.
func (s *Setup) finish() (root, below int, err error) {
	// The same file system, seen without the mounts that lie on it and writable
	// throughout: for metr, which puts files where commands may not write.
	below, e := openTree(atFDCWD, stage, 0)
	if e != 0 {
		return -1, -1, &fault{"open the root", e}
	}
	for _, d := range s.Writable {
		if err := mkdirAll(stage + d); err != nil {
			return -1, -1, err
		}
		fd, e := openTree(atFDCWD, stage+d, 0)
		if e != 0 {
			return -1, -1, &fault{"open " + d, e}
		}
		if e := moveMount(fd, stage+d); e != 0 {
			return -1, -1, &fault{"mount " + d, e}
		}
		syscall.Close(fd)
	}
	if err := check("enter the root", syscall.Chdir(stage)); err != nil {
		return -1, -1, err
	}
	// pivot_root(".", ".") stacks the old root over the new one; detaching it
	// leaves only the new.
	if err := check("pivot_root", syscall.PivotRoot(".", ".")); err != nil {
		return -1, -1, err
	}
	if err := check("leave the old root", syscall.Unmount(".", syscall.MNT_DETACH)); err != nil {
		return -1, -1, err
	}
	if err := check("chdir", syscall.Chdir("/")); err != nil {
		return -1, -1, err
	}
	root, err = syscall.Open("/", syscall.O_RDONLY|syscall.O_DIRECTORY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return -1, -1, check("open /", err)
	}
	if e := setAttr(root, attrReadOnly, 0); e != 0 {
		return -1, -1, &fault{"make the root read-only", e}
	}
	return root, below, nil
}

// place attaches the detached tree at dst, which it creates.
func place(fd int, dst string) error {
	var st syscall.Stat_t
	if err := syscall.Fstat(fd, &st); err != nil {
		return check("stat "+dst, err)
	}
	if st.Mode&syscall.S_IFMT == syscall.S_IFDIR {
		if err := mkdirAll(dst); err != nil {
			return err
		}
	} else if err := write(dst, ""); err != nil {
		return err
	}
	if e := moveMount(fd, dst); e != 0 {
		return &fault{"mount " + dst, e}
	}
	return nil
}

// overlay mounts lower at dst with a writable layer of its own at upper.
func overlay(lower, upper, dst string) error {
	for _, d := range []string{upper + "/up", upper + "/work", dst} {
		if err := mkdirAll(stage + d); err != nil {
			return err
		}
	}
	opts := "userxattr,lowerdir=" + stage + lower + ",upperdir=" + stage + upper + "/up,workdir=" + stage + upper + "/work"
	return check("overlay "+dst, syscall.Mount("overlay", stage+dst, "overlay", syscall.MS_NOSUID|syscall.MS_NODEV, opts))
}

func mkdirAll(dir string) error {
	err := syscall.Mkdir(dir, 0o755)
	if err == syscall.ENOENT {
		if err := mkdirAll(dirOf(dir)); err != nil {
			return err
		}
		err = syscall.Mkdir(dir, 0o755)
	}
	if err == syscall.EEXIST {
		return nil
	}
	return check("make "+dir, err)
}

func dirOf(p string) string {
	i := len(p) - 1
	for i > 0 && p[i] != '/' {
		i--
	}
	return p[:max(i, 1)]
}

func write(path, text string) error {
	fd, err := syscall.Open(path, syscall.O_WRONLY|syscall.O_CREAT|syscall.O_CLOEXEC, 0o644)
	if err == syscall.ENOENT {
		if err := mkdirAll(dirOf(path)); err != nil {
			return err
		}
		fd, err = syscall.Open(path, syscall.O_WRONLY|syscall.O_CREAT|syscall.O_CLOEXEC, 0o644)
	}
	if err != nil {
		return check("create "+path, err)
	}
	defer syscall.Close(fd)
	_, err = syscall.Write(fd, []byte(text))
	return check("write "+path, err)
}
