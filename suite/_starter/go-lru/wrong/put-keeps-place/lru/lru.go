// Package lru keeps a bounded number of strings by key and drops the one that
// was not used for the longest time when it needs room.
//
// A Cache is not safe for use by several goroutines at once.
package lru

import "container/list"

// EvictFunc is told about an entry that the cache dropped to keep within its
// capacity. It runs after the entry is gone and may call Get, Peek, Len and Keys
// of that cache.
type EvictFunc func(key, value string)

// Cache is a least-recently-used cache. New makes one.
type Cache struct {
	capacity int
	onEvict  EvictFunc
	order    *list.List // of entry, the most recently used first
	byKey    map[string]*list.Element
}

type entry struct{ key, value string }

// New returns an empty cache for at most capacity entries. A capacity below
// zero counts as zero. onEvict may be nil.
func New(capacity int, onEvict EvictFunc) *Cache {
	return &Cache{
		capacity: max(capacity, 0),
		onEvict:  onEvict,
		order:    list.New(),
		byKey:    make(map[string]*list.Element),
	}
}

// Get returns the value of key and whether it is there. A key that is there
// becomes the most recently used one.
func (c *Cache) Get(key string) (string, bool) {
	e, ok := c.byKey[key]
	if !ok {
		return "", false
	}
	c.order.MoveToFront(e)
	return e.Value.(entry).value, true
}

// Peek is Get without any effect on the order of use.
func (c *Cache) Peek(key string) (string, bool) {
	e, ok := c.byKey[key]
	if !ok {
		return "", false
	}
	return e.Value.(entry).value, true
}

// Put stores value under key, which becomes the most recently used one. If the
// key was there, its value is replaced: that is not an eviction. If there
// are now more entries than the capacity, the least recently used one is
// evicted. In a cache of capacity zero that is the new entry itself.
// Put reports whether it evicted an entry.
func (c *Cache) Put(key, value string) bool {
	if e, ok := c.byKey[key]; ok {
		e.Value = entry{key, value}
		return false
	}
	c.byKey[key] = c.order.PushFront(entry{key, value})
	return c.shrink() > 0
}

// Remove drops key and reports whether it was there. That is not an eviction:
// onEvict is not called.
func (c *Cache) Remove(key string) bool {
	e, ok := c.byKey[key]
	if ok {
		c.order.Remove(e)
		delete(c.byKey, key)
	}
	return ok
}

// Resize changes the capacity, below zero counting as zero. Entries too many
// are evicted at once, the least recently used first. It returns how many.
// Making the cache larger keeps every entry and the order of use.
func (c *Cache) Resize(capacity int) int {
	c.capacity = max(capacity, 0)
	return c.shrink()
}

// shrink evicts down to the capacity, then tells onEvict.
func (c *Cache) shrink() int {
	var gone []entry
	for c.order.Len() > c.capacity {
		e := c.order.Remove(c.order.Back()).(entry)
		delete(c.byKey, e.key)
		gone = append(gone, e)
	}
	if c.onEvict != nil {
		for _, e := range gone {
			c.onEvict(e.key, e.value)
		}
	}
	return len(gone)
}

// Len returns the number of entries.
func (c *Cache) Len() int { return c.order.Len() }

// Keys lists the keys, the most recently used first. It does not change the
// order of use. An empty cache gives an empty list.
func (c *Cache) Keys() []string {
	keys := make([]string, 0, c.order.Len())
	for e := c.order.Front(); e != nil; e = e.Next() {
		keys = append(keys, e.Value.(entry).key)
	}
	return keys
}
