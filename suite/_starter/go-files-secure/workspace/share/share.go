// Package share keeps links to files of a store.
package share

import (
	"errors"
	"fmt"
	"hash/fnv"
	"sync"

	"example.com/handout/store"
)

// ErrNoLink is wrapped by the error for a token that was never given out.
var ErrNoLink = errors.New("no such link")

// Links maps tokens to names in a store. It is safe for use by several
// goroutines.
type Links struct {
	store *store.Store
	mu    sync.Mutex
	names map[string]string // by token
}

// New returns an empty list of links to files of s.
func New(s *store.Store) *Links {
	return &Links{store: s, names: make(map[string]string)}
}

// Add makes a link to the file of that name, which must be readable now, and
// returns its token.
func (l *Links) Add(name string) (string, error) {
	if _, err := l.store.Read(name); err != nil {
		return "", err
	}
	h := fnv.New64a()
	h.Write([]byte(name))
	token := fmt.Sprintf("%016x", h.Sum64())
	l.mu.Lock()
	defer l.mu.Unlock()
	l.names[token] = name
	return token, nil
}

// Read returns the content of the file that the link stands for, as it is now.
func (l *Links) Read(token string) ([]byte, error) {
	l.mu.Lock()
	name, ok := l.names[token]
	l.mu.Unlock()
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrNoLink, token)
	}
	return l.store.Read(name)
}
