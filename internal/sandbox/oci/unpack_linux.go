package oci

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

// mapping says which ids of the host stand behind the ids of a container.
type mapping struct {
	Inside  int // the container's first id
	Outside int // what that is outside, as the stage sees it
	Size    int
	Shift   bool // files of an image are owned by shifted ids; false: all by one
}

// host is id of the container as files are owned outside.
func (m mapping) host(id int) int {
	if !m.Shift {
		return m.Outside
	}
	return m.Outside + min(max(id, 0), m.Size-1)
}

// unpack writes the flattened image to its place below cache. It is whole there
// or absent: it is written elsewhere and renamed.
func unpack(ctx context.Context, img v1.Image, cache, digest string, m mapping) (err error) {
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(cache, fmt.Sprintf(".unpack-%d-", os.Getpid()))
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if err := os.Mkdir(filepath.Join(tmp, "rootfs"), 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(filepath.Join(tmp, "rootfs"))
	if err != nil {
		return err
	}
	defer root.Close()
	u := &unpacker{root: root, mapping: m, made: map[string]bool{}}
	if m.Shift {
		if err := root.Lchown(".", m.host(0), m.host(0)); err != nil {
			return err
		}
	}
	r := mutate.Extract(img)
	defer r.Close()
	if err := u.all(ctx, tar.NewReader(r)); err != nil {
		return err
	}
	config, err := img.RawConfigFile()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(tmp, "config.json"), config, 0o644); err != nil {
		return err
	}
	if err := os.Chmod(tmp, 0o755); err != nil {
		return err
	}
	err = os.Rename(tmp, place(cache, digest, m))
	if errors.Is(err, fs.ErrExist) || isNotEmpty(err) {
		return nil // another process was faster
	}
	return err
}

// unpacker writes the entries of a flattened image. Devices, pipes, set-uid bits
// and extended attributes are left out: boxes have no use for them.
type unpacker struct {
	root    *os.Root
	mapping mapping
	made    map[string]bool // folders that were made before their entry came
	links   [][2]string     // hard links, made last: new name, target
	dirs    map[string]fs.FileMode
}

func (u *unpacker) all(ctx context.Context, t *tar.Reader) error {
	u.dirs = map[string]fs.FileMode{}
	for {
		h, err := t.Next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		if err := u.entry(h, t); err != nil {
			return fmt.Errorf("unpack %q: %w", h.Name, err)
		}
	}
	for _, l := range u.links {
		if err := u.root.Link(l[1], l[0]); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("unpack %q: hard link to %q: %w", l[0], l[1], err)
		}
	}
	for dir, mode := range u.dirs { // last: a folder may be closed to ourselves
		if err := u.root.Chmod(dir, mode); err != nil {
			return err
		}
	}
	return nil
}

func (u *unpacker) entry(h *tar.Header, r io.Reader) error {
	name := clean(h.Name)
	if name == "." {
		return nil
	}
	if err := u.parents(path.Dir(name)); err != nil {
		return err
	}
	mode := fs.FileMode(h.Mode) & 0o777
	if h.Mode&0o1000 != 0 {
		mode |= fs.ModeSticky
	}
	switch h.Typeflag {
	case tar.TypeDir:
		if err := u.root.Mkdir(name, 0o700); err != nil && !(errors.Is(err, fs.ErrExist) && u.isDir(name)) {
			return err
		}
		delete(u.made, name)
		if !u.mapping.Shift {
			mode |= 0o700
		}
		u.dirs[name] = mode
		return u.own(name, h)
	case tar.TypeReg:
		f, err := u.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		_, err = io.Copy(f, r)
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return err
		}
		if !u.mapping.Shift {
			mode |= 0o400
		}
		if err := u.root.Chmod(name, mode); err != nil {
			return err
		}
		// Compilers and interpreters compare times, so files keep theirs.
		if err := u.root.Chtimes(name, h.ModTime, h.ModTime); err != nil {
			return err
		}
		return u.own(name, h)
	case tar.TypeSymlink:
		if u.made[name] {
			return errors.New("a link in one layer is a folder in another; such an image cannot be unpacked here")
		}
		if err := u.root.Symlink(h.Linkname, name); err != nil {
			return err
		}
		return u.own(name, h)
	case tar.TypeLink:
		u.links = append(u.links, [2]string{name, clean(h.Linkname)})
	}
	return nil
}

func (u *unpacker) isDir(name string) bool {
	st, err := u.root.Lstat(name)
	return err == nil && st.IsDir()
}

func (u *unpacker) own(name string, h *tar.Header) error {
	if !u.mapping.Shift {
		return nil
	}
	return u.root.Lchown(name, u.mapping.host(h.Uid), u.mapping.host(h.Gid))
}

// parents makes the folders above an entry that came before theirs.
func (u *unpacker) parents(dir string) error {
	if st, err := u.root.Stat(dir); dir == "." || err == nil && st.IsDir() {
		return nil
	}
	if err := u.parents(path.Dir(dir)); err != nil {
		return err
	}
	if err := u.root.Mkdir(dir, 0o755); err != nil {
		return err
	}
	u.made[dir] = true
	return u.own(dir, &tar.Header{})
}

// clean makes a tar's name relative to the root.
func clean(name string) string {
	name = strings.TrimPrefix(path.Clean("/"+name), "/")
	if name == "" {
		return "."
	}
	return name
}
