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
	capacity int
	onEvict  EvictFunc
	nodes    map[string]*node
	root     node // root.next is the most recently used, root.prev the least
}

type node struct {
	key, value string
	next, prev *node
}

// New returns an empty cache for at most capacity entries. A capacity below
// zero counts as zero. onEvict may be nil.
func New(capacity int, onEvict EvictFunc) *Cache {
	if capacity < 0 {
		capacity = 0
	}
	c := &Cache{capacity: capacity, onEvict: onEvict, nodes: map[string]*node{}}
	c.root.next, c.root.prev = &c.root, &c.root
	return c
}

func (n *node) unlink() { n.prev.next, n.next.prev = n.next, n.prev }

func (c *Cache) pushFront(n *node) {
	n.prev, n.next = &c.root, c.root.next
	n.next.prev = n
	c.root.next = n
}

// Get returns the value of key and marks it as used.
func (c *Cache) Get(key string) (string, bool) {
	n := c.nodes[key]
	if n == nil {
		return "", false
	}
	n.unlink()
	c.pushFront(n)
	return n.value, true
}

// Peek returns the value of key and leaves the order of use.
func (c *Cache) Peek(key string) (string, bool) {
	if n := c.nodes[key]; n != nil {
		return n.value, true
	}
	return "", false
}

// Put stores value under key and reports whether an entry was evicted for it.
func (c *Cache) Put(key, value string) bool {
	if n := c.nodes[key]; n != nil {
		n.value = value
		n.unlink()
		c.pushFront(n)
		return false
	}
	n := &node{key: key, value: value}
	c.nodes[key] = n
	c.pushFront(n)
	if len(c.nodes) <= c.capacity {
		return false
	}
	c.evict()
	return true
}

func (c *Cache) evict() {
	n := c.root.prev
	n.unlink()
	delete(c.nodes, n.key)
	if c.onEvict != nil {
		c.onEvict(n.key, n.value)
	}
}

// Remove drops key and reports whether it was there.
func (c *Cache) Remove(key string) bool {
	n := c.nodes[key]
	if n == nil {
		return false
	}
	n.unlink()
	delete(c.nodes, key)
	return true
}

// Resize changes the capacity and returns how many entries had to go.
func (c *Cache) Resize(capacity int) int {
	c.capacity = max(0, capacity)
	n := 0
	for len(c.nodes) > c.capacity {
		c.evict()
		n++
	}
	return n
}

// Len returns the number of entries.
func (c *Cache) Len() int { return len(c.nodes) }

// Keys lists the keys, the most recently used first.
func (c *Cache) Keys() []string {
	keys := []string{}
	for n := c.root.next; n != &c.root; n = n.next {
		keys = append(keys, n.key)
	}
	return keys
}
