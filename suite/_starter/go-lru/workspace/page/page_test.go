package page

import (
	"errors"
	"testing"
)

func TestParseName(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Name
		bad  bool
	}{
		{in: "de/start", want: Name{"de", "start"}},
		{in: "en/help/keys", want: Name{"en", "help/keys"}},
		{in: "start", bad: true},
		{in: "/start", bad: true},
		{in: "de/", bad: true},
	} {
		got, err := ParseName(c.in)
		if c.bad != errors.Is(err, ErrName) || got != c.want {
			t.Errorf("ParseName(%q) = %v, %v", c.in, got, err)
		}
	}
}

func TestServiceWithoutCache(t *testing.T) {
	s := NewService(func(n Name) (string, error) { return "<" + n.Path + ">", nil }, nil)
	for range 2 {
		if got, err := s.Page("de/start"); err != nil || got != "<start>" {
			t.Fatalf("Page = %q, %v", got, err)
		}
	}
	if s.Misses() != 2 {
		t.Errorf("misses = %d, want 2", s.Misses())
	}
}

func TestServiceBadName(t *testing.T) {
	s := NewService(func(Name) (string, error) { return "", nil }, nil)
	if _, err := s.Page("start"); !errors.Is(err, ErrName) {
		t.Errorf("err = %v, want ErrName", err)
	}
}
