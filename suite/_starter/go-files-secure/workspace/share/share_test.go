package share

import (
	"errors"
	"testing"

	"example.com/handout/store"
)

func TestLinks(t *testing.T) {
	s, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Write("a.txt", []byte("one")); err != nil {
		t.Fatal(err)
	}
	l := New(s)
	token, err := l.Add("a.txt")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Write("a.txt", []byte("two")); err != nil {
		t.Fatal(err)
	}
	if got, err := l.Read(token); err != nil || string(got) != "two" {
		t.Errorf("Read = %q, %v", got, err)
	}
	if _, err := l.Read("0"); !errors.Is(err, ErrNoLink) {
		t.Errorf("err = %v, want ErrNoLink", err)
	}
	if _, err := l.Add("b.txt"); err == nil {
		t.Error("a link to a missing file was made")
	}
}
