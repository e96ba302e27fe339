//go:build linux

package oci

import (
	"archive/tar"
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// archive makes a tar of headers; a file's data is its name.
func archive(t testing.TB, hs ...tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range hs {
		if h.Typeflag == tar.TypeReg {
			h.Size = int64(len(h.Name))
		}
		h.Mode = 0o755
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			if _, err := w.Write([]byte(h.Name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// unpackTo unpacks text below dir/in/rootfs and lists all files below dir.
func unpackTo(t testing.TB, dir string, text []byte) ([]string, error) {
	t.Helper()
	rootfs := filepath.Join(dir, "in", "rootfs")
	if err := os.MkdirAll(rootfs, 0o755); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(rootfs)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	u := &unpacker{root: root, mapping: mapping{Size: 1}, made: map[string]bool{}}
	uerr := u.all(context.Background(), tar.NewReader(bytes.NewReader(text)))
	var all []string
	err = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, p)
			all = append(all, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, uerr
}

func TestUnpack(t *testing.T) {
	file := func(n string) tar.Header { return tar.Header{Name: n, Typeflag: tar.TypeReg} }
	link := func(n, to string) tar.Header { return tar.Header{Name: n, Typeflag: tar.TypeSymlink, Linkname: to} }
	hard := func(n, to string) tar.Header { return tar.Header{Name: n, Typeflag: tar.TypeLink, Linkname: to} }
	for _, c := range []struct {
		name    string
		entries []tar.Header
		want    string // the files, or a part of the error
	}{
		{"files", []tar.Header{file("a"), file("d/e/f")}, "in/rootfs/a in/rootfs/d/e/f"},
		{"upward names stay inside", []tar.Header{file("../../x"), file("/abs")}, "in/rootfs/abs in/rootfs/x"},
		{"through a link inside", []tar.Header{file("usr/lib/a"), link("lib", "usr/lib"), file("lib/b")}, "in/rootfs/lib in/rootfs/usr/lib/a in/rootfs/usr/lib/b"},
		{"through a link outside", []tar.Header{link("out", "../.."), file("out/x")}, "unpack \"out/x\""},
		{"through an absolute link", []tar.Header{link("out", "/tmp"), file("out/x")}, "unpack \"out/x\""},
		{"hard link", []tar.Header{hard("b", "a"), file("a")}, "in/rootfs/a in/rootfs/b"},
		{"hard link outside", []tar.Header{hard("b", "../../canary")}, "hard link"},
		{"a link where a folder is", []tar.Header{file("lib/a"), link("lib", "usr/lib")}, "a link in one layer"},
		{"devices are left out", []tar.Header{{Name: "dev/x", Typeflag: tar.TypeChar}, {Name: "p", Typeflag: tar.TypeFifo}}, ""},
	} {
		all, err := unpackTo(t, t.TempDir(), archive(t, c.entries...))
		if err != nil {
			if c.want == "" || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		if got := strings.Join(all, " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// Whatever an archive says, nothing is written outside of the image.
func FuzzUnpack(f *testing.F) {
	f.Add(archive(f, tar.Header{Name: "a", Typeflag: tar.TypeReg}, tar.Header{Name: "l", Typeflag: tar.TypeSymlink, Linkname: "../.."}, tar.Header{Name: "l/x", Typeflag: tar.TypeReg}))
	f.Add(archive(f, tar.Header{Name: "d", Typeflag: tar.TypeDir}, tar.Header{Name: "d", Typeflag: tar.TypeLink, Linkname: "../canary"}))
	f.Add([]byte("no tar"))
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "canary"), []byte("alive"), 0o644); err != nil {
			t.Fatal(err)
		}
		all, _ := unpackTo(t, dir, text)
		outside := slices.DeleteFunc(all, func(p string) bool { return strings.HasPrefix(p, "in/rootfs/") })
		if got, _ := os.ReadFile(filepath.Join(dir, "canary")); !slices.Equal(outside, []string{"canary"}) || string(got) != "alive" {
			t.Errorf("outside of the image: %q, canary %q", outside, got)
		}
	})
}
