// Package page names pages and serves them through a cache.
package page

import (
	"errors"
	"fmt"
	"strings"
)

// ErrName is wrapped by the errors of ParseName.
var ErrName = errors.New("bad page name")

// Name is a page in one language, such as de/start.
type Name struct {
	Lang string
	Path string
}

// ParseName reads lang/path. Language and path must not be empty.
func ParseName(s string) (Name, error) {
	lang, path, ok := strings.Cut(s, "/")
	if !ok || lang == "" || path == "" {
		return Name{}, fmt.Errorf("%w: %q, expected lang/path", ErrName, s)
	}
	return Name{lang, path}, nil
}

// String is the inverse of ParseName and the key in the cache.
func (n Name) String() string { return n.Lang + "/" + n.Path }
