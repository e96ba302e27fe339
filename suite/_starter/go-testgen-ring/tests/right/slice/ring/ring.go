// Package ring holds the last few numbers of an endless series.
package ring

import "errors"

// ErrCapacity is returned for a capacity below one.
var ErrCapacity = errors.New("ring: capacity must be at least 1")

// Ring is a buffer of fixed capacity. New makes one.
type Ring struct {
	values   []int
	capacity int
}

// New returns an empty ring for at most capacity values, or ErrCapacity.
func New(capacity int) (*Ring, error) {
	if capacity <= 0 {
		return nil, ErrCapacity
	}
	return &Ring{capacity: capacity}, nil
}

// Push adds v and returns the value that was dropped for it, if one was.
func (r *Ring) Push(v int) (int, bool) {
	r.values = append(r.values, v)
	if len(r.values) > r.capacity {
		return r.Pop()
	}
	return 0, false
}

// Pop removes the oldest value.
func (r *Ring) Pop() (int, bool) {
	if len(r.values) == 0 {
		return 0, false
	}
	v := r.values[0]
	r.values = r.values[1:]
	return v, true
}

// At returns the value at position i, counted from the end if negative.
func (r *Ring) At(i int) (int, bool) {
	if i < 0 {
		i += len(r.values)
	}
	if i < 0 || i >= len(r.values) {
		return 0, false
	}
	return r.values[i], true
}

// Values returns a copy of the values, the oldest first.
func (r *Ring) Values() []int { return append([]int(nil), r.values...) }

// Clear removes all values.
func (r *Ring) Clear() { r.values = nil }

// Len returns the number of values.
func (r *Ring) Len() int { return len(r.values) }

// Cap returns the capacity.
func (r *Ring) Cap() int { return r.capacity }
