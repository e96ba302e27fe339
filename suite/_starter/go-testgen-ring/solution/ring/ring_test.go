package ring

import (
	"errors"
	"slices"
	"testing"
)

// filled returns a ring of that capacity with the values pushed.
func filled(t *testing.T, capacity int, values ...int) *Ring {
	t.Helper()
	r, err := New(capacity)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range values {
		r.Push(v)
	}
	return r
}

// holds checks everything that can be seen of a ring.
func holds(t *testing.T, r *Ring, capacity int, want ...int) {
	t.Helper()
	if r.Cap() != capacity || r.Len() != len(want) {
		t.Fatalf("Cap = %d, Len = %d, want %d and %d", r.Cap(), r.Len(), capacity, len(want))
	}
	if got := r.Values(); !slices.Equal(got, want) {
		t.Fatalf("Values = %d, want %d", got, want)
	}
	for i, w := range want {
		for _, at := range []int{i, i - len(want)} {
			if got, ok := r.At(at); got != w || !ok {
				t.Fatalf("At(%d) = %d, %t, want %d", at, got, ok, w)
			}
		}
	}
	for _, at := range []int{len(want), len(want) + 1, -len(want) - 1, -len(want) - 2, 100, -100} {
		if got, ok := r.At(at); got != 0 || ok {
			t.Fatalf("At(%d) = %d, %t in a ring of %d values", at, got, ok, len(want))
		}
	}
}

func TestNew(t *testing.T) {
	for _, capacity := range []int{1, 2, 7} {
		holds(t, filled(t, capacity), capacity)
	}
	for _, capacity := range []int{0, -1, -100} {
		if _, err := New(capacity); !errors.Is(err, ErrCapacity) {
			t.Errorf("New(%d): %v, want ErrCapacity", capacity, err)
		}
	}
}

func TestPush(t *testing.T) {
	r := filled(t, 3)
	for i := 1; i <= 10; i++ {
		dropped, full := r.Push(i)
		wantDropped := max(i-3, 0)
		if dropped != wantDropped || full != (i > 3) {
			t.Fatalf("Push(%d) = %d, %t", i, dropped, full)
		}
		var want []int
		for v := wantDropped + 1; v <= i; v++ {
			want = append(want, v)
		}
		holds(t, r, 3, want...)
	}
}

func TestPop(t *testing.T) {
	r := filled(t, 2, 5, 6)
	for _, want := range []int{5, 6} {
		if v, ok := r.Pop(); v != want || !ok {
			t.Fatalf("Pop = %d, %t, want %d", v, ok, want)
		}
	}
	for range 2 {
		if v, ok := r.Pop(); v != 0 || ok {
			t.Fatalf("Pop of an empty ring = %d, %t", v, ok)
		}
	}
	holds(t, r, 2)
}

func TestMixed(t *testing.T) {
	for capacity := 1; capacity <= 4; capacity++ {
		r := filled(t, capacity)
		var model []int
		for i := 1; i < 60; i++ {
			if i*i%5 == 1 {
				v, ok := r.Pop()
				if ok != (len(model) > 0) || ok && v != model[0] {
					t.Fatalf("Pop = %d, %t, model %d", v, ok, model)
				}
				if ok {
					model = model[1:]
				}
			} else {
				r.Push(i)
				model = append(model, i)
				if len(model) > capacity {
					model = model[1:]
				}
			}
			holds(t, r, capacity, model...)
		}
	}
}

func TestValuesIsACopy(t *testing.T) {
	r := filled(t, 3, 1, 2)
	r.Values()[0] = 99
	holds(t, r, 3, 1, 2)
	v := r.Values()
	r.Push(3)
	r.Push(4)
	if !slices.Equal(v, []int{1, 2}) {
		t.Errorf("an earlier copy changed to %d", v)
	}
}

func TestClear(t *testing.T) {
	r := filled(t, 3, 1, 2)
	r.Clear()
	holds(t, r, 3)
	if _, full := r.Push(7); full {
		t.Error("a cleared ring is full")
	}
	r.Push(8)
	r.Push(9)
	holds(t, r, 3, 7, 8, 9)
	r.Push(10)
	r.Clear()
	holds(t, r, 3)
}
