package ledger

import (
	"fmt"
	"slices"
	"testing"
)

func TestSettle(t *testing.T) {
	var l Ledger
	l.Bill(Invoice{"Anna", 100, 5})
	l.Bill(Invoice{"Anna", 100, 3})
	l.Bill(Invoice{"Bert", 100, 1})
	for _, c := range []struct {
		p    Payment
		want int
	}{
		{Payment{" anna ", 100, 9}, 2},
		{Payment{"Anna", 100, 4}, 0},
		{Payment{"Anna", 100, 5}, 1},
		{Payment{"Anna", 100, 9}, 0},
		{Payment{"Bert", 99, 9}, 0},
	} {
		if got, ok := l.Settle(c.p); got != c.want || ok != (c.want > 0) {
			t.Errorf("Settle(%v) = %d, %t, want %d", c.p, got, ok, c.want)
		}
	}
	if got := l.Open(); !slices.Equal(got, []int{3}) {
		t.Errorf("Open = %d", got)
	}
}

func BenchmarkSettle(b *testing.B) {
	for range b.N {
		var l Ledger
		for i := range 2000 {
			l.Bill(Invoice{fmt.Sprint("Customer ", i), 990, i % 30})
		}
		for i := range 2000 {
			l.Settle(Payment{fmt.Sprint("CUSTOMER ", i), 990, 30})
		}
	}
}
