package native

import (
	"archive/tar"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// mkdirOwned makes dir and the parents that are missing, owned by uid.
func mkdirOwned(dir string, uid, gid int) error {
	if _, err := os.Lstat(dir); err == nil {
		return nil
	}
	if err := mkdirOwned(filepath.Dir(dir), uid, gid); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	return os.Lchown(dir, uid, gid)
}

// extract writes one entry below root, never through a link that leaves it.
func extract(root *os.Root, h *tar.Header, r io.Reader, uid, gid int) error {
	name := path.Clean(h.Name)
	if dir := path.Dir(name); dir != "." {
		made := ""
		for _, part := range strings.Split(dir, "/") {
			made = path.Join(made, part)
			if err := root.Mkdir(made, 0o755); err == nil {
				if err := root.Lchown(made, uid, gid); err != nil {
					return err
				}
			} else if !os.IsExist(err) {
				return err
			}
		}
	}
	if st, err := root.Lstat(name); err == nil && !st.IsDir() {
		if err := root.Remove(name); err != nil {
			return err
		}
	}
	if h.Typeflag == tar.TypeSymlink {
		if err := root.Symlink(h.Linkname, name); err != nil {
			return err
		}
		return root.Lchown(name, uid, gid)
	}
	f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.Copy(f, r); err != nil {
		return err
	}
	if err := f.Chown(uid, gid); err != nil {
		return err
	}
	return f.Chmod(fs.FileMode(h.Mode).Perm())
}

// get writes the files below dir to w as a tar stream; large if there are more
// than max bytes of them, when the stream is cut.
func (b *initBox) get(dir string, max int64, w io.Writer) (large bool, err error) {
	tw := tar.NewWriter(w)
	var total int64
	err = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			if p == dir && os.IsNotExist(err) {
				return fs.SkipAll
			}
			return err
		}
		if d.IsDir() {
			return nil
		}
		st, err := d.Info()
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, p)
		total += int64(len(rel)) + 512
		h := &tar.Header{Name: rel, Mode: int64(st.Mode().Perm()), Typeflag: tar.TypeReg, Format: tar.FormatPAX}
		switch {
		case st.Mode()&fs.ModeSymlink != 0:
			if h.Linkname, err = os.Readlink(p); err != nil {
				return err
			}
			h.Typeflag = tar.TypeSymlink
		case st.Mode().IsRegular():
			h.Size = st.Size()
		default:
			return nil // sockets, pipes and devices do not cross
		}
		if total += h.Size; total > max {
			large = true
			return fs.SkipAll
		}
		if err := tw.WriteHeader(h); err != nil || h.Size == 0 {
			return err
		}
		f, err := os.Open(p)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(tw, f)
		return err
	})
	if err == nil {
		err = tw.Close()
	}
	return large, err
}
