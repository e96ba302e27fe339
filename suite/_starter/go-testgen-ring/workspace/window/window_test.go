package window

import "testing"

func TestMean(t *testing.T) {
	w, err := New(2)
	if err != nil {
		t.Fatal(err)
	}
	if w.Mean() != 0 {
		t.Errorf("mean of nothing is %v", w.Mean())
	}
	for _, c := range []struct {
		add  int
		want float64
	}{{4, 4}, {6, 5}, {8, 7}} {
		w.Add(c.add)
		if got := w.Mean(); got != c.want {
			t.Errorf("after %d: mean %v, want %v", c.add, got, c.want)
		}
	}
}
