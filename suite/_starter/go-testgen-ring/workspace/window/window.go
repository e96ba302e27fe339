// Package window computes figures over the last readings of a sensor.
package window

import "example.com/probe/ring"

// Window holds the last readings.
type Window struct {
	ring *ring.Ring
	sum  int
}

// New returns a window of that many readings.
func New(size int) (*Window, error) {
	r, err := ring.New(size)
	if err != nil {
		return nil, err
	}
	return &Window{ring: r}, nil
}

// Add takes in a reading.
func (w *Window) Add(v int) {
	old, full := w.ring.Push(v)
	if full {
		w.sum -= old
	}
	w.sum += v
}

// Mean is the mean of the readings in the window, 0 if there are none.
func (w *Window) Mean() float64 {
	if w.ring.Len() == 0 {
		return 0
	}
	return float64(w.sum) / float64(w.ring.Len())
}
