// Package store reads and writes the files below one folder, the root.
package store

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
)

// Store gives access to the files below its root. It is safe for use by several
// goroutines.
type Store struct {
	root string
}

// Open returns the store of the folder root, which must exist.
func Open(root string) (*Store, error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(abs)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("store: %s is not a folder", root)
	}
	return &Store{root: abs}, nil
}

// Read returns the content of the file of that name.
func (s *Store) Read(name string) ([]byte, error) {
	file, err := s.locate(name)
	if err != nil {
		return nil, err
	}
	return os.ReadFile(file)
}

// Write stores data under name and makes the folders on the way.
func (s *Store) Write(name string, data []byte) error {
	file, err := s.locate(name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o644)
}

// List returns the names of what is in the folder name, in order, folders with a
// slash at the end. "." is the root.
func (s *Store) List(name string) ([]string, error) {
	dir, err := s.locate(name)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	out := make([]string, 0, len(entries))
	for _, e := range entries {
		n := e.Name()
		if e.IsDir() {
			n += "/"
		}
		out = append(out, n)
	}
	sort.Strings(out)
	return out, nil
}
