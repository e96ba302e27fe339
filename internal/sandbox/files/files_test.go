package files_test

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"metr/internal/sandbox"
	"metr/internal/sandbox/files"
	"metr/internal/task"
)

func open(t *testing.T) (*os.Root, string) {
	t.Helper()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root, dir
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

var some = task.Tree{
	"a":            {Mode: 0o644, Data: []byte("one")},
	"d/e/run":      {Mode: 0o755, Data: []byte("two")},
	"link":         {Mode: 0o777, Link: "../outside"},
	"odd\n ü\"/x ": {Mode: 0o600, Data: []byte{0, 255}},
}

func equal(a, b task.Tree) bool {
	return maps.EqualFunc(a, b, func(x, y task.File) bool {
		return x.Mode == y.Mode && x.Link == y.Link && bytes.Equal(x.Data, y.Data)
	})
}

func TestThereAndBack(t *testing.T) {
	root, _ := open(t)
	made := []string{}
	at, err := files.Make(root, "x/y", func(name string) error { made = append(made, name); return nil })
	must(t, err)
	defer at.Close()
	if !slices.Equal(made, []string{"x", "x/y"}) {
		t.Errorf("made %q", made)
	}
	for range 2 { // the second time over what is there
		must(t, files.Put(at, some))
		got, err := files.Get(at, 1<<20)
		if err != nil || !equal(got, some) {
			t.Errorf("%v, %v", got, err)
		}
	}
	if _, err := files.Open(root, "x/none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// What a command left in the way of files is replaced, and a link that leads out
// is never followed.
func TestInTheWay(t *testing.T) {
	root, dir := open(t)
	outside := t.TempDir()
	must(t, os.Mkdir(dir+"/box", 0o755),
		os.Symlink(outside, dir+"/box/d"), os.MkdirAll(dir+"/box/a/deep/er", 0o755), os.WriteFile(dir+"/box/a/f", nil, 0), os.Symlink(outside+"/file", dir+"/box/link"),
		os.WriteFile(dir+"/box/odd\n ü\"", []byte("a file"), 0o644))
	at, err := files.Make(root, "box", nil)
	must(t, err)
	defer at.Close()
	must(t, files.Put(at, some))
	if got, err := files.Get(at, 1<<20); err != nil || !equal(got, some) {
		t.Errorf("%v, %v", got, err)
	}
	if left, err := os.ReadDir(outside); err != nil || len(left) > 0 {
		t.Errorf("written outside: %v %v", left, err)
	}
	must(t, os.Symlink(outside, dir+"/out"))
	if _, err := files.Open(root, "out"); err == nil {
		t.Error("a link out of the root was opened as a folder")
	}
	in, err := files.Make(root, "out/in", nil)
	must(t, err)
	in.Close()
	if left, _ := os.ReadDir(outside); len(left) > 0 {
		t.Error("a folder was made outside")
	}
}

// An owner who takes his rights from himself gets them back.
func TestClosed(t *testing.T) {
	root, dir := open(t)
	work := filepath.Join(dir, "way", "work")
	must(t, os.MkdirAll(work+"/sub/deeper", 0o755), os.WriteFile(work+"/sub/deeper/file", []byte("x"), 0))
	for _, d := range []string{"/sub/deeper", "/sub", ""} {
		must(t, os.Chmod(work+d, 0))
	}
	must(t, os.Chmod(dir+"/way", 0))
	at, err := files.Open(root, "way/work")
	must(t, err)
	defer at.Close()
	got, err := files.Get(at, 1<<20)
	if err != nil || string(got["sub/deeper/file"].Data) != "x" {
		t.Errorf("%v, %v", got, err)
	}
	must(t, os.Chmod(work+"/sub", 0), files.Put(at, task.Tree{"sub/new": {Mode: 0o644, Data: []byte("y")}}))
	must(t, os.Chmod(work+"/sub/deeper", 0), os.Chmod(work+"/sub", 0), files.Unlock(root), os.RemoveAll(work))
}

func TestTooLarge(t *testing.T) {
	root, dir := open(t)
	must(t, os.WriteFile(dir+"/f", make([]byte, 1000), 0o644))
	if got, err := files.Get(root, 2000); err != nil || len(got) != 1 {
		t.Errorf("%v %v", got, err)
	}
	for _, limit := range []int64{-1, 0, 100, 1500} {
		if _, err := files.Get(root, limit); err != sandbox.ErrTooLarge {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
	// Folders have a price though they have no bytes, and a depth.
	deep, at := strings.Repeat("d", 200), root
	for range 150 {
		must(t, at.Mkdir(deep, 0o755))
		next, err := at.OpenRoot(deep)
		must(t, err)
		defer next.Close()
		at = next
	}
	if _, err := files.Get(root, 1<<30); err != sandbox.ErrTooLarge {
		t.Errorf("150 folders deep: %v", err)
	}
}
