package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// ErrForbidden is wrapped by the errors for names that may not be used.
var ErrForbidden = errors.New("name is forbidden")

// locate returns the path of the file that name stands for.
func (s *Store) locate(name string) (string, error) {
	if err := check(name); err != nil {
		return "", err
	}
	file := filepath.Join(s.root, name)
	if file != s.root && !strings.HasPrefix(file, s.root+string(filepath.Separator)) {
		return "", fmt.Errorf("%w: %q is outside", ErrForbidden, name)
	}
	return file, nil
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
