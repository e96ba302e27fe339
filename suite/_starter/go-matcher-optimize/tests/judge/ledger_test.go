package judge

import "testing"

// Invoice and Payment mirror the ledger's.
type Invoice struct {
	Customer string
	Cents    int64
	Day      int
}

type Payment = Invoice

func TestTypicalSettle(t *testing.T) {
	s := subject(t)
	l := s.Call("NewLedger").Handle()
	l.Call("Bill", Invoice{"Anna", 100, 1}).Want(1)
	l.Call("Bill", Invoice{"Bert", 100, 1}).Want(2)
	l.Call("Bill", Invoice{"Anna", 250, 1}).Want(3)
	l.Call("Settle", Payment{"Bert", 100, 2}).Want(2, true)
	l.Call("Settle", Payment{"Bert", 250, 2}).Want(0, false)
	l.Call("Open").Want([]int{1, 3})
	l.Call("Settle", Payment{"Anna", 250, 2}).Want(3, true)
	l.Call("Settle", Payment{"Carl", 100, 2}).Want(0, false)
	l.Call("Open").Want([]int{1})
}

func TestTypicalBooks(t *testing.T) {
	s := subject(t)
	b := s.Call("NewBooks").Handle()
	b.Call("Apply", "bill 990 1 Anna Smith\nbill 990 2 Bert\npay 990 2 anna smith\npay 990 2 anna smith").
		Want([]string{"invoice 1", "invoice 2", "paid 1", "unknown"})
	b.Call("Apply", "pay 990 3 BERT\ncancel 1").Want([]string{"paid 2", "unknown"})
	b.Call("Open").Want([]int{})
}

func TestTypicalBatches(t *testing.T) {
	s := subject(t)
	for _, kind := range []string{"subscriptions", "wholesale"} {
		in := s.Call("Input", kind, 500).Handle()
		s.Call("Work", in).Want(500)
		s.Call("Work", in).Want(500)
	}
}

func TestEdgeCase(t *testing.T) {
	s := subject(t)
	for _, names := range [][2]string{
		{"ΟΔΥΣΣΕΥΣ", "οδυσσευς"},
		{"Kelvin", "\u212aelvin"},
		{"Wesſel", "WESSEL"},
		{"ÄRZTE", "ärzte"},
		{"  two words\t", "\u00a0TWO Words\n"},
		{"", "   "},
	} {
		l := s.Call("NewLedger").Handle()
		l.Call("Bill", Invoice{names[0], 1, 1}).OK()
		l.Call("Settle", Payment{names[1], 1, 1}).Want(1, true)
	}
}

func TestEdgeOtherNames(t *testing.T) {
	s := subject(t)
	l := s.Call("NewLedger").Handle()
	for _, n := range []string{"two words", "straße", "Ann", "a b"} {
		l.Call("Bill", Invoice{n, 1, 1}).OK()
	}
	for _, n := range []string{"twowords", "two  words", "STRASSE", "Anna", "An", "b a"} {
		l.Call("Settle", Payment{n, 1, 1}).Want(0, false)
	}
}

func TestEdgeDays(t *testing.T) {
	s := subject(t)
	l := s.Call("NewLedger").Handle()
	for _, day := range []int{5, 3, 5, 3, -2, 9} {
		l.Call("Bill", Invoice{"a", 1, day}).OK()
	}
	l.Call("Settle", Payment{"a", 1, -3}).Want(0, false)
	l.Call("Settle", Payment{"a", 1, 4}).Want(5, true)
	l.Call("Settle", Payment{"a", 1, 5}).Want(2, true)
	l.Call("Settle", Payment{"a", 1, 3}).Want(4, true)
	l.Call("Settle", Payment{"a", 1, 4}).Want(0, false)
	l.Call("Settle", Payment{"a", 1, 5}).Want(1, true)
	l.Call("Settle", Payment{"a", 1, 99}).Want(3, true)
	l.Call("Open").Want([]int{6})
}

func TestEdgeAmounts(t *testing.T) {
	s := subject(t)
	l := s.Call("NewLedger").Handle()
	for _, cents := range []int64{0, -100, 100, 1 << 52, 1<<52 + 1} {
		l.Call("Bill", Invoice{"a", cents, 1}).OK()
	}
	for i, cents := range []int64{0, -100, 100, 1 << 52, 1<<52 + 1} {
		l.Call("Settle", Payment{"a", cents, 1}).Want(i+1, true)
	}
}

func TestEdgeEmpty(t *testing.T) {
	s := subject(t)
	l := s.Call("NewLedger").Handle()
	l.Call("Open").Want([]int{})
	l.Call("Settle", Payment{"a", 1, 1}).Want(0, false)
	for _, n := range []int{-1, 0, 1} {
		l.Call("Cancel", n).Want(false)
	}
}

func TestStateBillAfterSettle(t *testing.T) {
	s := subject(t)
	l := s.Call("NewLedger").Handle()
	l.Call("Bill", Invoice{"a", 1, 5}).OK()
	l.Call("Bill", Invoice{"a", 1, 6}).OK()
	l.Call("Settle", Payment{"a", 1, 9}).Want(1, true)
	l.Call("Bill", Invoice{"a", 1, 2}).Want(3)
	l.Call("Bill", Invoice{"A", 1, 6}).Want(4)
	l.Call("Settle", Payment{"a", 1, 9}).Want(3, true)
	l.Call("Settle", Payment{"a", 1, 9}).Want(2, true)
	l.Call("Settle", Payment{"a", 1, 9}).Want(4, true)
	l.Call("Settle", Payment{"a", 1, 9}).Want(0, false)
}

func TestStateCancel(t *testing.T) {
	s := subject(t)
	l := s.Call("NewLedger").Handle()
	for range 4 {
		l.Call("Bill", Invoice{"a", 1, 1}).OK()
	}
	l.Call("Cancel", 1).Want(true)
	l.Call("Cancel", 1).Want(false)
	l.Call("Settle", Payment{"a", 1, 1}).Want(2, true)
	l.Call("Cancel", 2).Want(false)
	l.Call("Cancel", 4).Want(true)
	l.Call("Open").Want([]int{3})
	l.Call("Settle", Payment{"a", 1, 1}).Want(3, true)
	l.Call("Settle", Payment{"a", 1, 1}).Want(0, false)
	l.Call("Open").Want([]int{})
}

// TestStateAsBefore compares with the code before the change.
func TestStateAsBefore(t *testing.T) {
	s := subject(t)
	for seed := 1; seed <= 20; seed++ {
		var want, got []int
		s.Start().Call("Random", seed, 300).Into(&want)
		s.Call("Random", seed, 300).Into(&got)
		s.Equal(got, want, "answers to 300 random entries")
	}
}

func TestStateLedgersAreApart(t *testing.T) {
	s := subject(t)
	a, b := s.Call("NewLedger").Handle(), s.Call("NewLedger").Handle()
	a.Call("Bill", Invoice{"x", 1, 1}).Want(1)
	b.Call("Settle", Payment{"x", 1, 1}).Want(0, false)
	b.Call("Bill", Invoice{"x", 1, 1}).Want(1)
	a.Call("Settle", Payment{"x", 1, 1}).Want(1, true)
	b.Call("Open").Want([]int{1})
}
