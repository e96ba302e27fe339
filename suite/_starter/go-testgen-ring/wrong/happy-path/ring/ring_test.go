package ring

import (
	"slices"
	"testing"
)

func TestRing(t *testing.T) {
	r, err := New(3)
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= 4; i++ {
		r.Push(i)
	}
	if got := r.Values(); !slices.Equal(got, []int{2, 3, 4}) {
		t.Errorf("Values = %d", got)
	}
	if v, ok := r.Pop(); v != 2 || !ok {
		t.Errorf("Pop = %d, %t", v, ok)
	}
	if v, ok := r.At(1); v != 4 || !ok {
		t.Errorf("At(1) = %d, %t", v, ok)
	}
	if r.Len() != 2 || r.Cap() != 3 {
		t.Errorf("Len = %d, Cap = %d", r.Len(), r.Cap())
	}
}
