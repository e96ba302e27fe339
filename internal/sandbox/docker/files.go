package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"metr/internal/sandbox"
	"metr/internal/task"
)

// Put sends the files through the keeper of dir, which is made where there is
// none: a folder outside of the box's own becomes a volume, empty at first.
func (x *box) Put(ctx context.Context, dir string, t task.Tree) error {
	if len(t) == 0 {
		return nil
	}
	dir = path.Clean(dir)
	k, at, ok := x.keeperOf(dir)
	if !ok {
		if err := x.keep(ctx, dir); err != nil {
			return fmt.Errorf("sandbox docker: put: %w", err)
		}
		k, at, _ = x.keeperOf(dir)
	}
	var buf bytes.Buffer
	if err := pack(&buf, strings.Trim(strings.TrimPrefix(dir, at), "/"), t); err != nil {
		return fmt.Errorf("sandbox docker: put: %w", err)
	}
	if _, err := x.b.api.CopyToContainer(ctx, k.id, client.CopyToContainerOptions{DestinationPath: at, Content: &buf, AllowOverwriteDirWithFile: true}); err != nil {
		return fmt.Errorf("sandbox docker: put into %s: %w", dir, err)
	}
	return nil
}

// pack writes t as a tar of names below dir, owned by the box's user.
func pack(w io.Writer, dir string, t task.Tree) error {
	tw := tar.NewWriter(w)
	made, now := map[string]bool{".": true}, time.Now()
	var mkdir func(string) error
	mkdir = func(d string) error {
		if made[d] {
			return nil
		}
		if err := mkdir(path.Dir(d)); err != nil {
			return err
		}
		made[d] = true
		return tw.WriteHeader(&tar.Header{Name: d + "/", Typeflag: tar.TypeDir, Mode: 0o755, Uid: boxUID, Gid: boxUID, ModTime: now, Format: tar.FormatPAX})
	}
	for _, name := range t.Paths() {
		f := t[name]
		name = path.Join(dir, name)
		if err := mkdir(path.Dir(name)); err != nil {
			return err
		}
		h := &tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: int64(f.Mode.Perm()), Size: int64(len(f.Data)), Uid: boxUID, Gid: boxUID, ModTime: now, Format: tar.FormatPAX}
		if f.Link != "" {
			h.Typeflag, h.Linkname, h.Size = tar.TypeSymlink, f.Link, 0
		}
		if err := tw.WriteHeader(h); err != nil {
			return err
		}
		if h.Size > 0 {
			if _, err := tw.Write(f.Data); err != nil {
				return err
			}
		}
	}
	return tw.Close()
}

// Get reads the files through the keeper of dir.
func (x *box) Get(ctx context.Context, dir string, limit int64) (task.Tree, error) {
	dir = path.Clean(dir)
	k, _, ok := x.keeperOf(dir)
	if !ok {
		k = x.keepers[0] // of the image itself
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the stream where not all of it is read
	r, err := x.b.api.CopyFromContainer(ctx, k.id, client.CopyFromContainerOptions{SourcePath: dir + "/."})
	if errdefs.IsNotFound(err) {
		return task.Tree{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("sandbox docker: get %s: %w", dir, err)
	}
	defer r.Content.Close()
	t, err := unpack(r.Content, limit)
	if err != nil && !errors.Is(err, sandbox.ErrTooLarge) {
		err = fmt.Errorf("sandbox docker: get %s: %w", dir, err)
	}
	return t, err
}

// unpack reads the files of a tar whose first entry is the folder that they lie
// in, up to limit bytes in all.
func unpack(r io.Reader, limit int64) (task.Tree, error) {
	t := task.Tree{}
	tr := tar.NewReader(r)
	folder := ""
	inner := func(name string) string {
		return strings.TrimPrefix(strings.TrimPrefix(path.Clean("/"+name), folder), "/")
	}
	for first := true; ; first = false {
		h, err := tr.Next()
		if err == io.EOF {
			return t, nil
		}
		if err != nil {
			return nil, err
		}
		if first && h.Typeflag == tar.TypeDir {
			folder = strings.TrimSuffix(path.Clean("/"+h.Name), "/")
			continue
		}
		name := inner(h.Name)
		if limit -= int64(len(name)) + 512; limit < 0 {
			return nil, sandbox.ErrTooLarge
		}
		f := task.File{Mode: fs.FileMode(h.Mode).Perm()}
		switch h.Typeflag {
		case tar.TypeSymlink:
			f.Link = h.Linkname
		case tar.TypeLink:
			f = t[inner(h.Linkname)]
			if limit -= int64(len(f.Data)); limit < 0 {
				return nil, sandbox.ErrTooLarge
			}
		case tar.TypeReg:
			if limit -= h.Size; limit < 0 || h.Size < 0 {
				return nil, sandbox.ErrTooLarge
			}
			if f.Data, err = io.ReadAll(tr); err != nil {
				return nil, err
			}
		default:
			continue // folders, pipes, devices
		}
		if name != "" {
			t[name] = f
		}
	}
}
