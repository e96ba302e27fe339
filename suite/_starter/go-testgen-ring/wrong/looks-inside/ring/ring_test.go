package ring

import "testing"

func TestInside(t *testing.T) {
	r, err := New(2)
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= 3; i++ {
		r.Push(i)
	}
	if r.first != 1 || r.n != 2 || r.buf[0] != 3 || r.buf[1] != 2 {
		t.Errorf("ring is %+v", *r)
	}
}
