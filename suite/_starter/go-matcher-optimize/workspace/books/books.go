// Package books reads entries from text and prints what came of them.
package books

import (
	"fmt"
	"strconv"
	"strings"

	"example.com/books/ledger"
)

// Books applies entries to one ledger. The zero value is ready to use.
type Books struct {
	ledger ledger.Ledger
}

// Apply reads entries, one a line, and returns one line for each:
//
//	bill CENTS DAY CUSTOMER    invoice NUMBER
//	pay CENTS DAY CUSTOMER     paid NUMBER, or unknown
//	cancel NUMBER              canceled NUMBER, or unknown
//
// It stops at the first line that it cannot read.
func (b *Books) Apply(text string) ([]string, error) {
	var out []string
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		answer, err := b.entry(strings.TrimSpace(line))
		if err != nil {
			return out, fmt.Errorf("line %d: %w", i+1, err)
		}
		out = append(out, answer)
	}
	return out, nil
}

func (b *Books) entry(line string) (string, error) {
	words := strings.SplitN(line, " ", 4)
	if words[0] == "cancel" && len(words) == 2 {
		n, err := strconv.Atoi(words[1])
		if err != nil {
			return "", err
		}
		if !b.ledger.Cancel(n) {
			return "unknown", nil
		}
		return fmt.Sprint("canceled ", n), nil
	}
	if len(words) != 4 {
		return "", fmt.Errorf("%q is not an entry", line)
	}
	cents, err := strconv.ParseInt(words[1], 10, 64)
	if err != nil {
		return "", err
	}
	day, err := strconv.Atoi(words[2])
	if err != nil {
		return "", err
	}
	switch words[0] {
	case "bill":
		n := b.ledger.Bill(ledger.Invoice{Customer: words[3], Cents: cents, Day: day})
		return fmt.Sprint("invoice ", n), nil
	case "pay":
		n, ok := b.ledger.Settle(ledger.Payment{Customer: words[3], Cents: cents, Day: day})
		if !ok {
			return "unknown", nil
		}
		return fmt.Sprint("paid ", n), nil
	}
	return "", fmt.Errorf("%q is not an entry", line)
}

// Open lists the numbers of the open invoices.
func (b *Books) Open() []int { return b.ledger.Open() }
