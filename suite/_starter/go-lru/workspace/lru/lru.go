// Package lru keeps a bounded number of strings by key and drops the one that
// was not used for the longest time when it needs room.
//
// A Cache is not safe for use by several goroutines at once.
package lru

// EvictFunc is told about an entry that the cache dropped to keep within its
// capacity. It runs after the entry is gone and may call Get, Peek, Len and Keys
// of that cache.
type EvictFunc func(key, value string)

// Cache is a least-recently-used cache. New makes one.
type Cache struct {
	// TODO: fields
}

// New returns an empty cache for at most capacity entries. A capacity below
// zero counts as zero. onEvict may be nil.
func New(capacity int, onEvict EvictFunc) *Cache {
	panic("lru: New is not written yet")
}

// Get returns the value of key and whether it is there. A key that is there
// becomes the most recently used one.
func (c *Cache) Get(key string) (string, bool) {
	panic("lru: Get is not written yet")
}

// Peek is Get without any effect on the order of use.
func (c *Cache) Peek(key string) (string, bool) {
	panic("lru: Peek is not written yet")
}

// Put stores value under key, which becomes the most recently used one. If the
// key was there, its value is replaced: that is not an eviction. If there
// are now more entries than the capacity, the least recently used one is
// evicted. In a cache of capacity zero that is the new entry itself.
// Put reports whether it evicted an entry.
func (c *Cache) Put(key, value string) bool {
	panic("lru: Put is not written yet")
}

// Remove drops key and reports whether it was there. That is not an eviction:
// onEvict is not called.
func (c *Cache) Remove(key string) bool {
	panic("lru: Remove is not written yet")
}

// Resize changes the capacity, below zero counting as zero. Entries too many
// are evicted at once, the least recently used first. It returns how many.
// Making the cache larger keeps every entry and the order of use.
func (c *Cache) Resize(capacity int) int {
	panic("lru: Resize is not written yet")
}

// Len returns the number of entries.
func (c *Cache) Len() int {
	panic("lru: Len is not written yet")
}

// Keys lists the keys, the most recently used first. It does not change the
// order of use. An empty cache gives an empty list.
func (c *Cache) Keys() []string {
	panic("lru: Keys is not written yet")
}
