package oci

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"golang.org/x/sys/unix"

	"metr/internal/sandbox"
	"metr/internal/task"
)

// root opens the box's files, which metr reaches through its child, the stage.
// What is reached through an os.Root does not leave it, whatever links a command
// has left.
func (b *box) root() (*os.Root, error) {
	return os.OpenRoot(fmt.Sprintf("/proc/%d/root%s", b.cmd.Process.Pid, stageRoot))
}

// Put writes the files of t below dir.
func (b *box) Put(ctx context.Context, dir string, t task.Tree) error {
	if len(t) == 0 {
		return nil
	}
	root, err := b.root()
	if err != nil {
		return fmt.Errorf("sandbox oci: put: %w", err)
	}
	defer root.Close()
	uid, gid := b.backend.Owner()
	if err := mkdirs(root, relative(dir), uid, gid); err != nil {
		return fmt.Errorf("sandbox oci: put into %s: %w", dir, err)
	}
	b.writable(dir)
	at, err := root.OpenRoot(relative(dir))
	if err != nil {
		return fmt.Errorf("sandbox oci: put into %s: %w", dir, err)
	}
	defer at.Close()
	for _, name := range t.Paths() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := putFile(at, name, t[name], uid, gid); err != nil {
			return fmt.Errorf("sandbox oci: put %s: %w", name, err)
		}
	}
	return nil
}

func putFile(at *os.Root, name string, f task.File, uid, gid int) error {
	if err := mkdirs(at, path.Dir(name), uid, gid); err != nil {
		return err
	}
	if st, err := at.Lstat(name); err == nil && !st.IsDir() {
		if err := at.Remove(name); err != nil {
			return err
		}
	}
	if f.Link != "" {
		if err := at.Symlink(f.Link, name); err != nil {
			return err
		}
		return at.Lchown(name, uid, gid)
	}
	w, err := at.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer w.Close()
	if _, err := w.Write(f.Data); err != nil {
		return err
	}
	if err := w.Chown(uid, gid); err != nil {
		return err
	}
	return w.Chmod(f.Mode.Perm())
}

// mkdirs makes the folders of dir that are missing, owned by the user.
func mkdirs(root *os.Root, dir string, uid, gid int) error {
	if st, err := root.Stat(dir); err == nil && st.IsDir() {
		return nil
	}
	if up := path.Dir(dir); up != "." {
		if err := mkdirs(root, up, uid, gid); err != nil {
			return err
		}
	}
	if err := root.Mkdir(dir, 0o755); err != nil {
		return err
	}
	return root.Lchown(dir, uid, gid)
}

// Get reads the files below dir.
func (b *box) Get(ctx context.Context, dir string, limit int64) (task.Tree, error) {
	root, err := b.root()
	if err != nil {
		return nil, fmt.Errorf("sandbox oci: get: %w", err)
	}
	defer root.Close()
	at, err := root.OpenRoot(relative(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return task.Tree{}, nil
	} else if err != nil {
		return nil, fmt.Errorf("sandbox oci: get %s: %w", dir, err)
	}
	defer at.Close()
	g := getter{root: at, left: limit, out: task.Tree{}}
	switch err := g.folder(ctx, "."); {
	case errors.Is(err, sandbox.ErrTooLarge):
		return nil, sandbox.ErrTooLarge
	case err != nil:
		return nil, fmt.Errorf("sandbox oci: get %s: %w", dir, err)
	}
	return g.out, nil
}

// getter reads a folder's files, whatever bytes their names are of.
type getter struct {
	root *os.Root
	left int64 // bytes
	out  task.Tree
}

func (g *getter) folder(ctx context.Context, dir string) error {
	// Folders cost too, and each is reached from the top: no deeper than a path
	// can be spelt.
	if g.left -= int64(len(dir)) + 512; g.left < 0 || len(dir) > unix.PathMax {
		return sandbox.ErrTooLarge
	}
	f, err := g.root.Open(dir)
	if err != nil {
		return err
	}
	entries, err := f.ReadDir(-1)
	f.Close()
	for _, e := range entries {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			break
		}
		if name := path.Join(dir, e.Name()); e.IsDir() {
			err = g.folder(ctx, name)
		} else {
			err = g.file(name)
		}
	}
	return err
}

func (g *getter) file(name string) error {
	st, err := g.root.Lstat(name)
	if err != nil {
		return err
	}
	f := task.File{Mode: st.Mode().Perm()}
	g.left -= int64(len(name)) + 512
	switch {
	case st.Mode()&fs.ModeSymlink != 0:
		f.Link, err = g.root.Readlink(name)
	case st.Mode().IsRegular():
		if g.left -= st.Size(); g.left >= 0 {
			f.Data, err = readFile(g.root, name, st.Size())
		}
	default:
		return nil // sockets, pipes and devices do not cross
	}
	if g.left < 0 {
		return sandbox.ErrTooLarge
	}
	g.out[name] = f
	return err
}

// readFile reads a regular file of the size that it had a moment ago.
func readFile(at *os.Root, name string, size int64) ([]byte, error) {
	f, err := at.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data := make([]byte, size)
	n, err := io.ReadFull(f, data)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = nil
	}
	return data[:n], err
}

// relative makes a path of the box one below its root.
func relative(p string) string {
	p = filepath.ToSlash(path.Clean("/" + p))[1:]
	if p == "" {
		return "."
	}
	return p
}
