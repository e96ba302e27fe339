package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// ErrForbidden is wrapped by the errors for names that may not be used.
var ErrForbidden = errors.New("name is forbidden")

// locate returns the path of the file that name stands for, symbolic links
// resolved as far as it exists, or an error if that is not below the root.
func (s *Store) locate(name string) (string, error) {
	if err := check(name); err != nil {
		return "", err
	}
	at := s.root
	parts := strings.Split(path.Clean(name), "/")
	for i, part := range parts {
		next := filepath.Join(at, part)
		real, err := filepath.EvalSymlinks(next)
		if errors.Is(err, fs.ErrNotExist) {
			if _, err := os.Lstat(next); err == nil {
				return "", fmt.Errorf("%w: %q goes through a link to nothing", ErrForbidden, name)
			}
			return filepath.Join(next, filepath.Join(parts[i+1:]...)), nil
		}
		if err != nil {
			return "", err
		}
		if !s.holds(real) {
			return "", fmt.Errorf("%w: %q leads outside", ErrForbidden, name)
		}
		at = real
	}
	return at, nil
}

// holds reports whether the resolved path is the root or below it.
func (s *Store) holds(file string) bool {
	return strings.HasPrefix(file, s.root)
}

// check refuses names that are not plain relative paths.
func check(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("%w: it is empty", ErrForbidden)
	case strings.HasPrefix(name, "/"):
		return fmt.Errorf("%w: %q is absolute", ErrForbidden, name)
	case strings.ContainsAny(name, "\\\x00"):
		return fmt.Errorf("%w: %q has a backslash or a zero byte", ErrForbidden, name)
	case slices.Contains(strings.Split(name, "/"), ".."):
		return fmt.Errorf("%w: %q has an element ..", ErrForbidden, name)
	}
	return nil
}
