// Package site keeps the pages of a notebook by address.
package site

import (
	"sort"
	"strconv"

	"example.com/notebook/slug"
)

// limit is the longest slug, in bytes, before a number is added to it.
const limit = 32

// Site hands out addresses. The zero value is ready to use. It is not safe for
// use by several goroutines at once.
type Site struct {
	titles map[string]string // by address
}

// Add gives the title an address that no other page has: its slug, or the slug
// with the first free number from 2 on.
func (s *Site) Add(title string) string {
	if s.titles == nil {
		s.titles = make(map[string]string)
	}
	base := slug.Make(title, limit)
	address := base
	for n := 2; s.has(address); n++ {
		address = base + "-" + strconv.Itoa(n)
	}
	s.titles[address] = title
	return address
}

func (s *Site) has(address string) bool {
	_, ok := s.titles[address]
	return ok
}

// Title returns the title of the page at that address.
func (s *Site) Title(address string) (string, bool) {
	t, ok := s.titles[address]
	return t, ok
}

// Addresses lists all addresses in order.
func (s *Site) Addresses() []string {
	out := make([]string, 0, len(s.titles))
	for a := range s.titles {
		out = append(out, a)
	}
	sort.Strings(out)
	return out
}
