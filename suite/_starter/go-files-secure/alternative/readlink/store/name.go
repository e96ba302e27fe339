package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ErrForbidden is wrapped by the errors for names that may not be used.
var ErrForbidden = errors.New("name is forbidden")

// maxLinks bounds the links on the way of one name.
const maxLinks = 40

// locate walks from the root, one element after the other, and follows links by
// hand. It returns where that ends.
func (s *Store) locate(name string) (string, error) {
	rest, err := elements(name)
	if err != nil {
		return "", err
	}
	var at []string // elements below the root, no links among them
	links := 0
	for len(rest) > 0 {
		e := rest[0]
		rest = rest[1:]
		if e == "" || e == "." {
			continue
		}
		if e == ".." {
			if len(at) == 0 {
				return "", fmt.Errorf("%w: %q leads outside", ErrForbidden, name)
			}
			at = at[:len(at)-1]
			continue
		}
		at = append(at, e)
		info, err := os.Lstat(s.path(at))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			continue
		}
		target, err := os.Readlink(s.path(at))
		if err != nil {
			return "", err
		}
		if links++; links > maxLinks || filepath.IsAbs(target) {
			return "", fmt.Errorf("%w: %q follows a link that is not relative, or too many", ErrForbidden, name)
		}
		at = at[:len(at)-1]
		rest = append(strings.Split(filepath.ToSlash(target), "/"), rest...)
	}
	return s.path(at), nil
}

func (s *Store) path(elements []string) string {
	return filepath.Join(s.root, filepath.Join(elements...))
}

// elements splits a name, or says why it is forbidden.
func elements(name string) ([]string, error) {
	if name == "" || name[0] == '/' || strings.ContainsAny(name, "\x00\\") {
		return nil, fmt.Errorf("%w: %q is not a relative path", ErrForbidden, name)
	}
	parts := strings.Split(name, "/")
	for _, p := range parts {
		if p == ".." {
			return nil, fmt.Errorf("%w: %q goes up", ErrForbidden, name)
		}
	}
	return parts, nil
}
