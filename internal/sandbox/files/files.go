// Package files lays files into a box's folders and reads them back, from
// outside and past whatever a command left there: links that lead out, folders
// without permissions or nested beyond the longest path, names of any bytes, a
// folder where a file belongs. Backends whose boxes are folders of the host share
// it (native, oci, none).
//
// Everything is reached through an os.Root, folder by folder, so nothing is
// followed out of it and no path grows long. No command runs meanwhile: what was
// looked at is still so when it is opened.
//
// It is not for trusted files: those are read with package os.
package files

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"syscall"

	"metr/internal/sandbox"
	"metr/internal/task"
)

// maxDepth is how deep folders may lie for Get; a tree that goes deeper is too
// large.
const maxDepth = 100

// Open opens the folder dir below root, a relative path, and gives the owner
// back the rights to it and to the way there that he took from himself. The
// error is fs.ErrNotExist where there is none. The caller closes it.
func Open(root *os.Root, dir string) (*os.Root, error) {
	if err := reopen(root, path.Clean(dir)); err != nil {
		return nil, err
	}
	return root.OpenRoot(dir)
}

// Make is Open for a folder that is made where it is missing; own is called for
// each that was made and may be nil. What is in the way and is no link to a
// folder below root is removed.
func Make(root *os.Root, dir string, own func(name string) error) (*os.Root, error) {
	if err := mkdirs(root, path.Clean(dir), true, own); err != nil {
		return nil, err
	}
	return root.OpenRoot(dir)
}

func reopen(root *os.Root, dir string) error {
	if dir != "." {
		if err := reopen(root, path.Dir(dir)); err != nil {
			return err
		}
	}
	st, err := root.Lstat(dir)
	if err == nil && st.IsDir() {
		err = permit(root, dir, st)
	}
	return err
}

// permit gives the owner of a folder his rights to it.
func permit(root *os.Root, dir string, st fs.FileInfo) error {
	if st.Mode().Perm()&0o700 == 0o700 {
		return nil
	}
	return root.Chmod(dir, 0o755)
}

func mkdirs(root *os.Root, dir string, links bool, own func(string) error) error {
	if dir != "." {
		if err := mkdirs(root, path.Dir(dir), links, own); err != nil {
			return err
		}
	}
	st, err := root.Lstat(dir)
	if err == nil && links && st.Mode()&fs.ModeSymlink != 0 {
		if to, err := root.Stat(dir); err == nil && to.IsDir() {
			return nil
		}
	}
	switch {
	case err == nil && st.IsDir():
		return permit(root, dir, st)
	case err == nil:
		err = root.Remove(dir)
	case errors.Is(err, fs.ErrNotExist):
		err = nil
	}
	if err == nil {
		err = root.Mkdir(dir, 0o755)
	}
	if err == nil && own != nil {
		err = own(dir)
	}
	return err
}

// Unlock gives the owner his rights to all folders below at, as deep as Get
// reads, so that they can be removed.
func Unlock(at *os.Root) error { return unlock(at, 0) }

func unlock(root *os.Root, depth int) error {
	if depth > maxDepth {
		return nil
	}
	f, err := root.Open(".")
	if err != nil {
		return err
	}
	defer f.Close()
	for {
		es, err := f.ReadDir(256)
		for _, e := range es {
			if !e.IsDir() {
				continue
			}
			if err := root.Chmod(e.Name(), 0o700); err != nil {
				return err
			}
			sub, err := root.OpenRoot(e.Name())
			if err != nil {
				return err
			}
			err = unlock(sub, depth+1)
			sub.Close()
			if err != nil {
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

// Put lays the files of t over the folder. What is in the way is removed.
func Put(at *os.Root, t task.Tree) error {
	for _, name := range t.Paths() {
		if err := put(at, path.Clean(name), t[name]); err != nil {
			return err // names the file
		}
	}
	return nil
}

func put(at *os.Root, name string, f task.File) error {
	if err := mkdirs(at, path.Dir(name), false, nil); err != nil {
		return err
	}
	if st, err := at.Lstat(name); err == nil {
		if st.IsDir() {
			err = at.RemoveAll(name)
		} else {
			err = at.Remove(name)
		}
		if err != nil {
			return err
		}
	}
	if f.Link != "" {
		return at.Symlink(f.Link, name)
	}
	// A program that another goroutine starts meanwhile would hold the file open
	// for writing until its exec, and who runs the file then gets "text file busy".
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	out, err := at.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	if _, err := out.Write(f.Data); err != nil {
		return err
	}
	return out.Chmod(f.Mode.Perm())
}

// Get reads the regular files and links below the folder. The error is
// sandbox.ErrTooLarge where they, their names and their folders are more than
// limit bytes or nested too deep.
func Get(at *os.Root, limit int64) (task.Tree, error) {
	g := getter{left: limit, tree: task.Tree{}}
	if err := g.folder(at, "", 0); err != nil {
		return nil, err
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

// overhead is what an entry costs beside its name and data.
const overhead = 512

func (g *getter) entry(root *os.Root, prefix, name string, depth int) error {
	st, err := root.Lstat(name)
	if err != nil {
		return err
	}
	if g.left -= int64(len(prefix)+len(name)) + overhead; g.left < 0 {
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

// read reads a regular file of the size that it had a moment ago.
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
