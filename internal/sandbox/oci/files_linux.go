package oci

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"metr/internal/sandbox"
	"metr/internal/sandbox/files"
	"metr/internal/task"
)

// root opens the box's files, which metr reaches through its child, the stage.
// What is reached through an os.Root does not leave it, whatever links a command
// has left.
func (b *box) root() (*os.Root, error) {
	return os.OpenRoot(fmt.Sprintf("/proc/%d/root%s", b.cmd.Process.Pid, stageRoot))
}

// asOwner runs f with the rights over files of the box's user.
func (b *box) asOwner(f func() error) error {
	if !b.backend.rooted {
		return f() // who is metr's own
	}
	return files.As(b.uid, b.uid, f)
}

// Put writes the files of t below dir. The way to dir is made with metr's
// rights, since the image's folders are not the user's; what lies below with his.
func (b *box) Put(_ context.Context, dir string, t task.Tree) error {
	if len(t) == 0 {
		return nil
	}
	root, err := b.root()
	if err != nil {
		return fmt.Errorf("sandbox oci: put: %w", err)
	}
	defer root.Close()
	at, err := files.Make(root, relative(dir), func(name string) error {
		if !b.backend.rooted {
			return nil
		}
		return root.Lchown(name, b.uid, b.uid)
	})
	if err != nil {
		return fmt.Errorf("sandbox oci: put into %s: %w", dir, err)
	}
	defer at.Close()
	b.writable(dir)
	if err := b.asOwner(func() error { return files.Put(at, t) }); err != nil {
		return fmt.Errorf("sandbox oci: put into %s: %w", dir, err)
	}
	return nil
}

// Get reads the files below dir.
func (b *box) Get(_ context.Context, dir string, limit int64) (t task.Tree, err error) {
	root, err := b.root()
	if err != nil {
		return nil, fmt.Errorf("sandbox oci: get: %w", err)
	}
	defer root.Close()
	at, err := files.Open(root, relative(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return task.Tree{}, nil
	} else if err != nil {
		return nil, fmt.Errorf("sandbox oci: get %s: %w", dir, err)
	}
	defer at.Close()
	read := func() (err error) {
		t, err = files.Get(at, limit)
		return err
	}
	if b.mine(dir) {
		err = b.asOwner(read)
	} else {
		err = read() // of the image, which the user may not read all of
	}
	if err != nil && !errors.Is(err, sandbox.ErrTooLarge) {
		err = fmt.Errorf("sandbox oci: get %s: %w", dir, err)
	}
	return t, err
}

// relative makes a path of the box one below its root.
func relative(p string) string {
	p = filepath.ToSlash(path.Clean("/" + p))[1:]
	if p == "" {
		return "."
	}
	return p
}
