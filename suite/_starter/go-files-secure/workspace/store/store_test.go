package store

import (
	"errors"
	"io/fs"
	"slices"
	"testing"
)

func TestReadAndWrite(t *testing.T) {
	s, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Write("a/b/note.txt", []byte("hello")); err != nil {
		t.Fatal(err)
	}
	got, err := s.Read("a/b/note.txt")
	if err != nil || string(got) != "hello" {
		t.Errorf("Read = %q, %v", got, err)
	}
	names, err := s.List("a")
	if err != nil || !slices.Equal(names, []string{"b/"}) {
		t.Errorf("List = %q, %v", names, err)
	}
	if _, err := s.Read("a/none.txt"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("err = %v, want ErrNotExist", err)
	}
	if _, err := s.Read(""); !errors.Is(err, ErrForbidden) {
		t.Errorf("err = %v, want ErrForbidden", err)
	}
}

func TestOpenMissing(t *testing.T) {
	if _, err := Open(t.TempDir() + "/none"); err == nil {
		t.Error("Open of a missing folder did not fail")
	}
}
