// Package ring holds the last few numbers of an endless series.
package ring

import (
	"container/list"
	"errors"
)

// ErrCapacity is returned for a capacity below one.
var ErrCapacity = errors.New("ring: capacity must be at least 1")

// Ring is a buffer of fixed capacity. New makes one.
type Ring struct {
	values   *list.List
	capacity int
}

// New returns an empty ring for at most capacity values.
func New(capacity int) (*Ring, error) {
	if capacity < 1 {
		return nil, ErrCapacity
	}
	return &Ring{list.New(), capacity}, nil
}

// Push adds v and returns the value that was dropped for it, if one was.
func (r *Ring) Push(v int) (dropped int, full bool) {
	if full = r.values.Len() == r.capacity; full {
		dropped, _ = r.Pop()
	}
	r.values.PushBack(v)
	return dropped, full
}

// Pop removes the oldest value.
func (r *Ring) Pop() (int, bool) {
	e := r.values.Front()
	if e == nil {
		return 0, false
	}
	return r.values.Remove(e).(int), true
}

// At returns the value at position i, counted from the end if negative.
func (r *Ring) At(i int) (int, bool) {
	e, step := r.values.Front(), (*list.Element).Next
	if i < 0 {
		e, step, i = r.values.Back(), (*list.Element).Prev, -i-1
	}
	for ; e != nil && i > 0; i-- {
		e = step(e)
	}
	if e == nil {
		return 0, false
	}
	return e.Value.(int), true
}

// Values returns the values, the oldest first.
func (r *Ring) Values() []int {
	out := []int{}
	for e := r.values.Front(); e != nil; e = e.Next() {
		out = append(out, e.Value.(int))
	}
	return out
}

// Clear removes all values.
func (r *Ring) Clear() { r.values.Init() }

// Len returns the number of values.
func (r *Ring) Len() int { return r.values.Len() }

// Cap returns the capacity.
func (r *Ring) Cap() int { return r.capacity }
