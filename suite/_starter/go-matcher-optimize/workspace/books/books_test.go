package books

import (
	"slices"
	"testing"
)

func TestApply(t *testing.T) {
	var b Books
	got, err := b.Apply("bill 100 1 Anna\nbill 250 2 Anna\ncancel 2\npay 100 3 ANNA\npay 100 3 Anna\ncancel 2")
	want := []string{"invoice 1", "invoice 2", "canceled 2", "paid 1", "unknown", "unknown"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("Apply = %q, %v", got, err)
	}
	if len(b.Open()) != 0 {
		t.Errorf("Open = %d", b.Open())
	}
	if _, err := b.Apply("pay x 1 Anna"); err == nil {
		t.Error("a bad line was accepted")
	}
}
