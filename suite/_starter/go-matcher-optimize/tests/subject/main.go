// Command subject shows the candidate's ledger to the judge and builds the
// ledgers that are measured.
package main

import (
	"fmt"

	"example.com/books/books"
	"example.com/books/ledger"
)

func main() {
	serve(table{
		"NewLedger": func() *ledger.Ledger { return new(ledger.Ledger) },
		"NewBooks":  func() *books.Books { return new(books.Books) },
		"Input":     input,
		"Work":      work,
		"Random":    random,
	})
}

// batch is the input of one measurement.
type batch struct {
	invoices []ledger.Invoice
	payments []ledger.Payment
}

// input builds n invoices of that kind and their payments in another order.
func input(kind string, n int) *batch {
	b := new(batch)
	for i := range n {
		inv := ledger.Invoice{Customer: fmt.Sprintf("Customer Number %06d", i), Cents: 990, Day: i % 30}
		if kind == "wholesale" {
			inv.Customer, inv.Cents = "The Corner Shop", int64(1000+i)
		}
		b.invoices = append(b.invoices, inv)
	}
	step := 7
	for n%step == 0 {
		step += 2
	}
	for i := range n {
		k := i * step % n
		p := ledger.Payment{Customer: fmt.Sprintf(" CUSTOMER number %06d ", k), Cents: 990, Day: 30}
		if kind == "wholesale" {
			p.Customer, p.Cents = " the CORNER shop", int64(1000+k)
		}
		b.payments = append(b.payments, p)
	}
	return b
}

// work bills and settles a batch and returns the number of settled invoices.
func work(b *batch) int {
	var l ledger.Ledger
	for _, inv := range b.invoices {
		l.Bill(inv)
	}
	settled := 0
	for _, p := range b.payments {
		if _, ok := l.Settle(p); ok {
			settled++
		}
	}
	return settled
}

// random does n entries that follow from seed and returns every answer.
func random(seed, n int) []int {
	var l ledger.Ledger
	x := uint32(seed)
	next := func(below int) int {
		x = x*1664525 + 1013904223
		return int(x>>8) % below
	}
	names := []string{"Anna", " anna", "BERT", "bert ", "\tBert", "Ölaf", "ölAF"}
	var out []int
	for range n {
		name, cents, day := names[next(len(names))], int64(next(3)*100), next(12)
		switch next(5) {
		case 0, 1:
			out = append(out, l.Bill(ledger.Invoice{Customer: name, Cents: cents, Day: day}))
		case 2, 3:
			got, _ := l.Settle(ledger.Payment{Customer: name, Cents: cents, Day: day})
			out = append(out, got)
		case 4:
			ok := 0
			if l.Cancel(next(40)) {
				ok = 1
			}
			out = append(out, ok)
		}
	}
	return append(out, l.Open()...)
}
