// Package ledger matches payments with invoices.
package ledger

import (
	"cmp"
	"slices"
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
	accounts map[string]*account // by name as it was first written
	known    map[string]*account // by folded name
}

// account holds one customer's open invoices by amount, in the order in which
// they are to be paid.
type account struct {
	due map[int64][]int // indexes into Ledger.invoices
}

type entry struct {
	Invoice
	closed bool // paid or canceled
}

// Bill adds an invoice and returns its number. Invoices need not come in the
// order of their days.
func (l *Ledger) Bill(inv Invoice) int {
	at := len(l.invoices)
	l.invoices = append(l.invoices, entry{Invoice: inv})
	a := l.account(inv.Customer)
	if a == nil {
		a = &account{due: make(map[int64][]int)}
		if l.known == nil {
			l.known = make(map[string]*account)
			l.accounts = make(map[string]*account)
		}
		l.known[fold(inv.Customer)] = a
		l.accounts[inv.Customer] = a
	}
	due := a.due[inv.Cents]
	i, _ := slices.BinarySearchFunc(due, at, l.order)
	a.due[inv.Cents] = slices.Insert(due, i, at)
	return at + 1
}

// Cancel closes an open invoice without a payment and reports whether there was
// one of that number.
func (l *Ledger) Cancel(number int) bool {
	if number < 1 || number > len(l.invoices) || l.invoices[number-1].closed {
		return false
	}
	e := &l.invoices[number-1]
	e.closed = true
	a := l.account(e.Customer)
	due := a.due[e.Cents]
	i, _ := slices.BinarySearchFunc(due, number-1, l.order)
	a.due[e.Cents] = slices.Delete(due, i, i+1)
	return true
}

// Settle closes the invoice that p pays and returns its number. It is an open
// one for the same amount and customer, written no later than the payment's
// day: of several the one with the earliest day, and of those the one with the
// lowest number. Names of customers are the same if strings.EqualFold says so
// once surrounding white space is removed.
func (l *Ledger) Settle(p Payment) (number int, ok bool) {
	a := l.account(p.Customer)
	if a == nil {
		return 0, false
	}
	due := a.due[p.Cents]
	if len(due) == 0 || l.invoices[due[0]].Day > p.Day {
		return 0, false
	}
	a.due[p.Cents] = due[1:]
	l.invoices[due[0]].closed = true
	return due[0] + 1, true
}

// order compares invoices by day, then by number.
func (l *Ledger) order(i, j int) int {
	return cmp.Or(cmp.Compare(l.invoices[i].Day, l.invoices[j].Day), cmp.Compare(i, j))
}

// account returns the account of that customer, nil if there is none.
func (l *Ledger) account(name string) *account {
	if a := l.accounts[name]; a != nil {
		return a
	}
	return l.known[fold(name)]
}

// fold maps each rune to the first one of those that differ in case only.
func fold(name string) string {
	rs := []rune(strings.TrimSpace(name))
	for i, r := range rs {
		for next := unicode.SimpleFold(r); next > r; next = unicode.SimpleFold(r) {
			r = next
		}
		rs[i] = unicode.SimpleFold(r)
	}
	return string(rs)
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
