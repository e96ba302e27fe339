package ring_test

import (
	"errors"
	"math/rand"
	"reflect"
	"testing"

	"example.com/probe/ring"
)

// TestAgainstModel does random operations on a ring and on a plain slice.
func TestAgainstModel(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	for round := 0; round < 300; round++ {
		capacity := 1 + rnd.Intn(5)
		r, err := ring.New(capacity)
		if err != nil {
			t.Fatal(err)
		}
		model := []int{}
		for step := 0; step < 40; step++ {
			switch op := rnd.Intn(12); {
			case op < 6:
				v := 1 + rnd.Intn(1000)
				wantV, wantFull := 0, len(model) == capacity
				if wantFull {
					wantV, model = model[0], model[1:]
				}
				model = append(model, v)
				if got, full := r.Push(v); got != wantV || full != wantFull {
					t.Fatalf("Push: %d %t, want %d %t", got, full, wantV, wantFull)
				}
			case op < 9:
				wantV, want := 0, len(model) > 0
				if want {
					wantV, model = model[0], model[1:]
				}
				if got, ok := r.Pop(); got != wantV || ok != want {
					t.Fatalf("Pop: %d %t, want %d %t", got, ok, wantV, want)
				}
			case op < 11:
				i := rnd.Intn(16) - 8
				at := i
				if i < 0 {
					at += len(model)
				}
				wantV, want := 0, at >= 0 && at < len(model)
				if want {
					wantV = model[at]
				}
				if got, ok := r.At(i); got != wantV || ok != want {
					t.Fatalf("At(%d): %d %t, want %d %t", i, got, ok, wantV, want)
				}
			default:
				r.Clear()
				model = []int{}
			}
			got := r.Values()
			if len(got) != len(model) || len(got) > 0 && !reflect.DeepEqual(got, model) {
				t.Fatalf("Values: %v, want %v", got, model)
			}
			for i := range got {
				got[i] = -1 // must not reach the ring
			}
			if r.Len() != len(model) || r.Cap() != capacity {
				t.Fatalf("Len %d, Cap %d, want %d, %d", r.Len(), r.Cap(), len(model), capacity)
			}
		}
	}
}

func TestCapacity(t *testing.T) {
	for _, c := range []int{0, -1, -7} {
		if _, err := ring.New(c); !errors.Is(err, ring.ErrCapacity) {
			t.Errorf("New(%d): %v", c, err)
		}
	}
}
