// Package lru keeps a bounded number of strings by key and drops the one that
// was not used for the longest time when it needs room.
//
// A Cache is not safe for use by several goroutines at once.
package lru

import "sort"

// EvictFunc is told about an entry that the cache dropped to keep within its
// capacity. It runs after the entry is gone and may call Get, Peek, Len and Keys
// of that cache.
type EvictFunc func(key, value string)

// Cache is a least-recently-used cache. New makes one.
type Cache struct {
	capacity int
	onEvict  EvictFunc
	clock    int // grows by one with every use
	items    map[string]*item
}

type item struct {
	value string
	used  int
}

// New returns an empty cache for at most capacity entries. A capacity below
// zero counts as zero. onEvict may be nil.
func New(capacity int, onEvict EvictFunc) *Cache {
	return &Cache{capacity: max(capacity, 0), onEvict: onEvict, items: map[string]*item{}}
}

func (c *Cache) tick() int {
	c.clock++
	return c.clock
}

// Get returns the value of key and marks it as used.
func (c *Cache) Get(key string) (string, bool) {
	it, ok := c.items[key]
	if !ok {
		return "", false
	}
	it.used = c.tick()
	return it.value, true
}

// Peek returns the value of key and leaves the order of use.
func (c *Cache) Peek(key string) (string, bool) {
	it, ok := c.items[key]
	if !ok {
		return "", false
	}
	return it.value, true
}

// Put stores value under key and reports whether an entry was evicted for it.
func (c *Cache) Put(key, value string) bool {
	c.items[key] = &item{value, c.tick()}
	return c.trim() > 0
}

// Remove drops key and reports whether it was there.
func (c *Cache) Remove(key string) bool {
	_, ok := c.items[key]
	delete(c.items, key)
	return ok
}

// Resize changes the capacity and returns how many entries had to go.
func (c *Cache) Resize(capacity int) int {
	c.capacity = max(capacity, 0)
	return c.trim()
}

func (c *Cache) trim() int {
	n := 0
	for len(c.items) > c.capacity {
		keys := c.Keys()
		last := keys[len(keys)-1]
		value := c.items[last].value
		delete(c.items, last)
		if c.onEvict != nil {
			c.onEvict(last, value)
		}
		n++
	}
	return n
}

// Len returns the number of entries.
func (c *Cache) Len() int { return len(c.items) }

// Keys lists the keys, the most recently used first.
func (c *Cache) Keys() []string {
	keys := make([]string, 0, len(c.items))
	for k := range c.items {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return c.items[keys[i]].used > c.items[keys[j]].used })
	return keys
}
