// Package ledger matches payments with invoices.
package ledger

import (
	"strings"
	"unicode"
)

// Invoice asks a customer for money.
type Invoice struct {
	Customer string
	Cents    int64 // may be negative: a credit
	Day      int   // on which it was written, counted from some day zero
}

// Payment is money that came in.
type Payment struct {
	Customer string
	Cents    int64
	Day      int
}

// Ledger keeps invoices, numbered from 1. The zero value is ready to use. It is
// not safe for use by several goroutines at once.
type Ledger struct {
	invoices []entry
	of       map[string][]int // indexes by folded name
}

type entry struct {
	Invoice
	closed bool // paid or canceled
}

// Bill adds an invoice and returns its number. Invoices need not come in the
// order of their days.
func (l *Ledger) Bill(inv Invoice) int {
	if l.of == nil {
		l.of = make(map[string][]int)
	}
	name := folded(inv.Customer)
	l.of[name] = append(l.of[name], len(l.invoices))
	l.invoices = append(l.invoices, entry{Invoice: inv})
	return len(l.invoices)
}

// Cancel closes an open invoice without a payment and reports whether there was
// one of that number.
func (l *Ledger) Cancel(number int) bool {
	if number < 1 || number > len(l.invoices) || l.invoices[number-1].closed {
		return false
	}
	l.invoices[number-1].closed = true
	return true
}

// Settle closes the invoice that p pays and returns its number. It is an open
// one for the same amount and customer, written no later than the payment's
// day: of several the one with the earliest day, and of those the one with the
// lowest number. Names of customers are the same if strings.EqualFold says so
// once surrounding white space is removed.
func (l *Ledger) Settle(p Payment) (number int, ok bool) {
	best := -1
	for _, i := range l.of[folded(p.Customer)] {
		e := l.invoices[i]
		if e.closed || e.Cents != p.Cents || e.Day > p.Day {
			continue
		}
		if best < 0 || e.Day < l.invoices[best].Day {
			best = i
		}
	}
	if best < 0 {
		return 0, false
	}
	l.invoices[best].closed = true
	return best + 1, true
}

// Open lists the numbers of the open invoices in order.
func (l *Ledger) Open() []int {
	out := []int{}
	for i, e := range l.invoices {
		if !e.closed {
			out = append(out, i+1)
		}
	}
	return out
}

// folded returns the same string for all names that strings.EqualFold takes for
// the same, surrounding white space removed.
func folded(name string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			least = min(least, f)
		}
		return least
	}, strings.TrimSpace(name))
}
