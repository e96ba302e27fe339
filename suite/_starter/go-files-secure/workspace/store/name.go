package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// ErrForbidden is wrapped by the errors for names that may not be used.
var ErrForbidden = errors.New("name is forbidden")

// locate returns the path of the file that name stands for.
func (s *Store) locate(name string) (string, error) {
	if name == "" {
		return "", fmt.Errorf("%w: it is empty", ErrForbidden)
	}
	file := filepath.Join(s.root, name)
	if !strings.HasPrefix(file, s.root) {
		return "", fmt.Errorf("%w: %q is outside", ErrForbidden, name)
	}
	return file, nil
}
