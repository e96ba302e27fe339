// Package ring holds the last few numbers of an endless series.
package ring

import "errors"

// ErrCapacity is returned for a capacity below one.
var ErrCapacity = errors.New("ring: capacity must be at least 1")

// Ring is a buffer of fixed capacity. New makes one. It is not safe for use by
// several goroutines at once.
type Ring struct {
	buf   []int
	first int // index of the oldest value
	n     int // number of values
}

// New returns an empty ring for at most capacity values, or ErrCapacity.
func New(capacity int) (*Ring, error) {
	if capacity < 1 {
		return nil, ErrCapacity
	}
	return &Ring{buf: make([]int, capacity)}, nil
}

// Push adds v as the newest value. If the ring was full, the oldest value is
// dropped to make room: then Push returns it and true, else 0 and false.
func (r *Ring) Push(v int) (dropped int, full bool) {
	if r.n == len(r.buf) {
		dropped = r.buf[r.first]
		r.first = (r.first + 1) % len(r.buf)
		r.n--
		full = true
	}
	r.buf[(r.first+r.n)%len(r.buf)] = v
	r.n++
	return dropped, full
}

// Pop removes the oldest value and returns it and true, or 0 and false if the
// ring is empty.
func (r *Ring) Pop() (v int, ok bool) {
	if r.n == 0 {
		return 0, false
	}
	r.n--
	return r.buf[(r.first+r.n)%len(r.buf)], true
}

// At returns the value at position i, 0 being the oldest and -1 the newest, -2
// the one before that, and true; or 0 and false if there is no such value.
func (r *Ring) At(i int) (v int, ok bool) {
	if i < 0 {
		i += r.n
	}
	if i < 0 || i >= r.n {
		return 0, false
	}
	return r.buf[(r.first+i)%len(r.buf)], true
}

// Values returns a copy of the values, the oldest first. Changing it does not
// change the ring.
func (r *Ring) Values() []int {
	out := make([]int, r.n)
	for i := range out {
		out[i] = r.buf[(r.first+i)%len(r.buf)]
	}
	return out
}

// Clear removes all values. The capacity stays.
func (r *Ring) Clear() { r.first, r.n = 0, 0 }

// Len returns the number of values.
func (r *Ring) Len() int { return r.n }

// Cap returns the capacity.
func (r *Ring) Cap() int { return len(r.buf) }
