// Package ledger matches payments with invoices.
package ledger

import (
	"container/heap"
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
	open     map[key]*byDay // may still hold canceled invoices
}

// key is what an invoice and its payment have in common.
type key struct {
	customer string // as folded returns it
	cents    int64
}

type entry struct {
	Invoice
	closed bool // paid or canceled
}

// Bill adds an invoice and returns its number. Invoices need not come in the
// order of their days.
func (l *Ledger) Bill(inv Invoice) int {
	l.invoices = append(l.invoices, entry{Invoice: inv})
	number := len(l.invoices)
	k := key{folded(inv.Customer), inv.Cents}
	if l.open == nil {
		l.open = make(map[key]*byDay)
	}
	if l.open[k] == nil {
		l.open[k] = new(byDay)
	}
	heap.Push(l.open[k], waiting{inv.Day, number})
	return number
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
	queue := l.open[key{folded(p.Customer), p.Cents}]
	if queue == nil {
		return 0, false
	}
	for queue.Len() > 0 {
		first := (*queue)[0]
		e := &l.invoices[first.number-1]
		if !e.closed && first.day > p.Day {
			return 0, false
		}
		heap.Pop(queue)
		if !e.closed {
			e.closed = true
			return first.number, true
		}
	}
	return 0, false
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

// byDay is a heap of numbers of invoices, the earliest day first, then the
// lowest number.
type byDay []waiting

type waiting struct{ day, number int }

func (h byDay) Len() int      { return len(h) }
func (h byDay) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h byDay) Less(i, j int) bool {
	if h[i].day != h[j].day {
		return h[i].day < h[j].day
	}
	return h[i].number < h[j].number
}

func (h *byDay) Push(x any) { *h = append(*h, x.(waiting)) }
func (h *byDay) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}
