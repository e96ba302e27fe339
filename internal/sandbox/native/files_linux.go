package native

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"metr/internal/sandbox"
	"metr/internal/task"
)

// maxDepth is how deep folders may lie for Get; a tree that goes deeper is too
// large.
const maxDepth = 100

// at opens the box's folder dir, which is made if make is set. What lies on an
// overlay is reached through the box's mounts, all else below them, where metr
// may write what commands may not.
func (x *box) at(dir string, make bool) (*os.Root, error) {
	from := x.below
	for _, o := range x.overlays {
		if dir == o || strings.HasPrefix(dir, o+"/") {
			from = x.root
		}
	}
	root, err := os.OpenRoot(fmt.Sprintf("/proc/self/fd/%d", from.Fd()))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	rel := strings.TrimPrefix(path.Clean(dir), "/")
	if rel == "" {
		rel = "."
	}
	if make {
		if err := mkdirs(root, rel); err != nil {
			return nil, err
		}
	} else if err := reopen(root, rel); err != nil {
		return nil, err
	}
	return root.OpenRoot(rel)
}

// reopen gives the owner back what he took from himself: the way to dir.
func reopen(root *os.Root, dir string) error {
	if dir == "." {
		return nil
	}
	if err := reopen(root, path.Dir(dir)); err != nil {
		return err
	}
	st, err := root.Lstat(dir)
	if err == nil && st.IsDir() && st.Mode().Perm()&0o700 != 0o700 {
		err = root.Chmod(dir, 0o755)
	}
	return err
}

// mkdirs makes folder dir and what is missing above it.
func mkdirs(root *os.Root, dir string) error {
	if dir == "." {
		return nil
	}
	if err := mkdirs(root, path.Dir(dir)); err != nil {
		return err
	}
	if st, err := root.Lstat(dir); err == nil && st.IsDir() {
		if st.Mode().Perm()&0o700 != 0o700 {
			return root.Chmod(dir, 0o755)
		}
		return nil
	}
	return root.Mkdir(dir, 0o755)
}

// asOwner runs f with the rights over files of the box's user, so that metr as
// root makes files that are his and can do no more with hostile ones than he.
func (x *box) asOwner(f func() error) error {
	if x.uid < 0 {
		return f()
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Setfsgid(x.gid); err != nil {
		return err
	}
	if err := unix.Setfsuid(x.uid); err != nil {
		return err
	}
	defer func() { _, _ = unix.Setfsuid(0), unix.Setfsgid(0) }()
	return f()
}

// Put lays files over dir. Nothing follows a link out of dir.
func (x *box) Put(_ context.Context, dir string, t task.Tree) error {
	if len(t) == 0 {
		return nil
	}
	return x.asOwner(func() error {
		root, err := x.at(dir, true)
		if err != nil {
			return fmt.Errorf("sandbox: put %s: %w", dir, err)
		}
		defer root.Close()
		for _, name := range t.Paths() {
			if err := put(root, path.Clean(name), t[name]); err != nil {
				return fmt.Errorf("sandbox: put %s/%s: %w", dir, name, err)
			}
		}
		return nil
	})
}

func put(root *os.Root, name string, f task.File) error {
	if err := mkdirs(root, path.Dir(name)); err != nil {
		return err
	}
	if st, err := root.Lstat(name); err == nil && !st.IsDir() {
		if err := root.Remove(name); err != nil {
			return err
		}
	}
	if f.Link != "" {
		return root.Symlink(f.Link, name)
	}
	// A program that another goroutine starts meanwhile would hold the file open
	// for writing until its exec, and who runs the file then gets "text file busy".
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	out, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	if _, err := out.Write(f.Data); err != nil {
		return err
	}
	return out.Chmod(f.Mode.Perm())
}

// Get reads the files below dir. No command runs meanwhile, so that what Lstat
// says still holds when the file is opened.
func (x *box) Get(_ context.Context, dir string, limit int64) (t task.Tree, err error) {
	err = x.asOwner(func() (err error) {
		t, err = x.get(dir, limit)
		return err
	})
	return t, err
}

func (x *box) get(dir string, limit int64) (task.Tree, error) {
	root, err := x.at(dir, false)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return task.Tree{}, nil
		}
		return nil, fmt.Errorf("sandbox: read %s: %w", dir, err)
	}
	g := getter{left: limit, tree: task.Tree{}}
	err = g.folder(root, "", 0)
	root.Close()
	if err == sandbox.ErrTooLarge {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("sandbox: read %s: %w", dir, err)
	}
	return g.tree, nil
}

// getter collects files until left is used up.
type getter struct {
	left int64
	tree task.Tree
}

func (g *getter) folder(root *os.Root, prefix string, depth int) error {
	if depth > maxDepth {
		return sandbox.ErrTooLarge
	}
	f, err := root.Open(".")
	if errors.Is(err, fs.ErrPermission) { // its owner took the right from himself
		if err = root.Chmod(".", 0o700); err == nil {
			f, err = root.Open(".")
		}
	}
	if err != nil {
		return err
	}
	defer f.Close()
	for {
		es, err := f.ReadDir(256)
		for _, e := range es {
			if err := g.entry(root, prefix, e.Name(), depth); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (g *getter) entry(root *os.Root, prefix, name string, depth int) error {
	st, err := root.Lstat(name)
	if err != nil {
		return err
	}
	if g.left -= int64(len(prefix)+len(name)) + 512; g.left < 0 {
		return sandbox.ErrTooLarge
	}
	switch {
	case st.IsDir():
		if st.Mode().Perm()&0o500 != 0o500 {
			if err := root.Chmod(name, 0o700); err != nil {
				return err
			}
		}
		sub, err := root.OpenRoot(name)
		if err != nil {
			return err
		}
		defer sub.Close()
		return g.folder(sub, prefix+name+"/", depth+1)
	case st.Mode()&fs.ModeSymlink != 0:
		to, err := root.Readlink(name)
		if err != nil {
			return err
		}
		g.tree[prefix+name] = task.File{Mode: st.Mode().Perm(), Link: to}
	case st.Mode().IsRegular():
		if g.left -= st.Size(); g.left < 0 {
			return sandbox.ErrTooLarge
		}
		data, err := read(root, name, st)
		if err != nil {
			return err
		}
		g.tree[prefix+name] = task.File{Mode: st.Mode().Perm(), Data: data}
	}
	return nil // sockets, pipes and devices do not cross
}

func read(root *os.Root, name string, st fs.FileInfo) ([]byte, error) {
	f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrPermission) {
		if err = root.Chmod(name, 0o600); err == nil {
			f, err = root.Open(name)
		}
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data := make([]byte, st.Size())
	n, err := io.ReadFull(f, data)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return data[:n], err
}
