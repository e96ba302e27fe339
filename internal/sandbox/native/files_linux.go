package native

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"metr/internal/sandbox"
	"metr/internal/sandbox/files"
	"metr/internal/task"
)

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
		return files.Make(root, rel, nil)
	}
	return files.Open(root, rel)
}

// asOwner runs f with the rights over files of the box's user, so that metr as
// root makes files that are his and can do no more with hostile ones than he.
func (x *box) asOwner(f func() error) error {
	if x.uid < 0 {
		return f()
	}
	return files.As(x.uid, x.gid, f)
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
		if err := files.Put(root, t); err != nil {
			return fmt.Errorf("sandbox: put into %s: %w", dir, err)
		}
		return nil
	})
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
	defer root.Close()
	t, err := files.Get(root, limit)
	if err != nil && !errors.Is(err, sandbox.ErrTooLarge) {
		err = fmt.Errorf("sandbox: read %s: %w", dir, err)
	}
	return t, err
}
