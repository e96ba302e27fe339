package gateway

import (
	"fmt"
	"sync"

	"metr/internal/model"
)

// Limit is what may be used. Zero means no limit.
type Limit struct {
	USD    model.Money
	Tokens int64 // input and output together, cached input included
	Calls  int64 // tries that went out
}

// Spent is what a budget was charged. It may be more than what was used: a call
// that did not say what it used is charged with what it can have used at most.
type Spent struct {
	USD    model.Money
	Tokens int64
	Calls  int64
}

// Budget keeps a Limit. What a call can use at most is reserved before it goes
// out, so the sum of what was charged and what is reserved never passes the
// limit. It is safe for concurrent use.
type Budget struct {
	mu       sync.Mutex
	max      Limit
	charged  Spent
	reserved Spent
}

// NewBudget makes a budget.
func NewBudget(l Limit) *Budget { return &Budget{max: l} }

// Spent says what was charged so far, without what is reserved.
func (b *Budget) Spent() Spent {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.charged
}

func (b *Budget) limit() Limit {
	if b == nil {
		return Limit{}
	}
	return b.max
}

// room is how many tokens of output of a call the budget affords, at most want.
// Caller holds b.mu.
func (b *Budget) room(in, want int64, p *model.Price) int64 {
	if b.max.Calls > 0 && b.charged.Calls+b.reserved.Calls >= b.max.Calls {
		return 0
	}
	if b.max.Tokens > 0 {
		want = min(want, b.max.Tokens-b.charged.Tokens-b.reserved.Tokens-in)
	}
	if b.max.USD > 0 && want > 0 {
		left := b.max.USD - b.charged.USD - b.reserved.USD
		if p == nil {
			return 0
		}
		fixed := p.Bound(in, 0)
		switch one := p.Bound(in, 1) - fixed; {
		case left < fixed:
			return 0
		case one > 0:
			want = min(want, int64((left-fixed)/one))
		}
	}
	return max(want, 0)
}

// hold is what is reserved for one try.
type hold struct {
	budgets []*Budget
	amount  Spent
}

// reserve takes what a call of up to in and want tokens may use from all
// budgets at once, want made smaller where one of them affords less, though not
// below least. short is the place of the budget that does not afford it.
func reserve(budgets []*Budget, in, want, least int64, p *model.Price) (h *hold, out int64, short int) {
	for _, b := range budgets { // always in the same order: attempt, run
		b.mu.Lock()
		defer b.mu.Unlock()
	}
	out = want
	for i, b := range budgets {
		if out = b.room(in, out, p); out < least {
			return nil, 0, i
		}
	}
	h = &hold{budgets, Spent{Tokens: in + out, Calls: 1}}
	if p != nil {
		h.amount.USD = p.Bound(in, out)
	}
	for _, b := range budgets {
		b.reserved.add(h.amount)
	}
	return h, out, -1
}

// settle charges what was used in place of what was reserved. nil charges all.
func (h *hold) settle(used *Spent) {
	if used == nil {
		used = &h.amount
	}
	for _, b := range h.budgets {
		b.mu.Lock()
		b.reserved.add(Spent{-h.amount.USD, -h.amount.Tokens, -h.amount.Calls})
		b.charged.add(*used)
		b.mu.Unlock()
	}
}

func (s *Spent) add(o Spent) {
	s.USD += o.USD
	s.Tokens += o.Tokens
	s.Calls += o.Calls
}

// String says what the limit is.
func (l Limit) String() string {
	s := ""
	if l.USD > 0 {
		s += fmt.Sprintf(", %v", l.USD)
	}
	if l.Tokens > 0 {
		s += fmt.Sprintf(", %d tokens", l.Tokens)
	}
	if l.Calls > 0 {
		s += fmt.Sprintf(", %d calls", l.Calls)
	}
	if s == "" {
		return "no limit"
	}
	return s[2:]
}
