package page

import (
	"sync"

	"example.com/pagecache/lru"
)

// Renderer makes a page. It is slow.
type Renderer func(Name) (string, error)

// Service answers requests for pages. It is safe for use by several goroutines.
type Service struct {
	mu     sync.Mutex
	cache  *lru.Cache // nil: no cache
	render Renderer
	misses int
}

// NewService returns a service over render. cache may be nil.
func NewService(render Renderer, cache *lru.Cache) *Service {
	return &Service{cache: cache, render: render}
}

// Page returns the page of that name. Failed renderings are not cached.
func (s *Service) Page(name string) (string, error) {
	n, err := ParseName(name)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cache != nil {
		if body, ok := s.cache.Get(n.String()); ok {
			return body, nil
		}
	}
	s.misses++
	body, err := s.render(n)
	if err != nil {
		return "", err
	}
	if s.cache != nil {
		s.cache.Put(n.String(), body)
	}
	return body, nil
}

// Misses counts the pages that had to be rendered.
func (s *Service) Misses() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.misses
}
