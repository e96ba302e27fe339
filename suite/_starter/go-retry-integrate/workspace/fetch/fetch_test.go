package fetch

import (
	"context"
	"errors"
	"testing"
)

type fixed map[string]string

func (m fixed) Read(_ context.Context, name string) ([]byte, error) {
	if s, ok := m[name]; ok {
		return []byte(s), nil
	}
	return nil, ErrNotFound
}

func TestFetch(t *testing.T) {
	f := Fetcher{Source: fixed{"a": "alpha"}}
	got, err := f.Fetch(context.Background(), "a")
	if err != nil || string(got) != "alpha" {
		t.Errorf("Fetch = %q, %v", got, err)
	}
	if _, err := f.Fetch(context.Background(), "b"); !errors.Is(err, ErrNotFound) {
		t.Errorf("err = %v, want ErrNotFound", err)
	}
	if got, want := f.Stats(), (Stats{Fetched: 1, Failed: 1}); got != want {
		t.Errorf("Stats = %+v, want %+v", got, want)
	}
}
