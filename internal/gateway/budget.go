package gateway

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	"github.com/tidwall/sjson"

	"metr/internal/model"
)

// budget reserves what a try may use before it goes out and settles afterwards.
// The bound of the input is its bytes: no tokenizer in use makes more tokens
// than bytes. The bound of the output is put into the request, so that the
// provider keeps it. Each retry reserves anew.
//
// A try that was refused by the provider costs nothing; one that broke off, or
// did not say what it used, is charged with its bound.
type budget struct{ next Doer }

// leastOutput is how many tokens of output must be affordable for a call to go
// out, unless it asks for fewer: with less, models only begin.
const leastOutput = 256

func (d budget) Do(ctx context.Context, c *Call) (*Reply, error) {
	a := c.Attempt
	if c.Counting {
		return d.next.Do(ctx, c)
	}
	budgets := []*Budget{a.budget}
	if run := a.gate.cfg.Run; run != nil {
		budgets = append(budgets, run)
	}
	kept := false // a limit on what a call can generate is needed
	for _, b := range budgets {
		kept = kept || b.max.USD > 0 || b.max.Tokens > 0
	}
	want := c.control.max
	if want == 0 {
		want = a.spec.MaxOutput
	}
	n := c.control.choices
	h, out, short := reserve(budgets, c.control.input, want*n, min(want, leastOutput)*n, a.spec.Price)
	if h == nil {
		name := [...]string{"the attempt", "the whole run"}[short]
		f := &refusal{http.StatusPaymentRequired, RefusedBudget, fmt.Sprintf("the budget of %s (%v) does not afford this call", name, budgets[short].max)}
		return f.reply(c.Protocol), nil
	}
	try := *c
	if per := out / n; kept && (c.control.max == 0 || per < c.control.max) {
		var err error
		if try.Body, err = try.clamp(per); err != nil {
			h.settle(&Spent{})
			return nil, err
		}
		try.control.max = per
	}
	rep, err := d.next.Do(ctx, &try)
	switch {
	case err != nil:
		h.settle(nil)
		return nil, err
	case rep.Refused != "":
		h.settle(&Spent{})
		return rep, nil
	case !rep.ok():
		h.settle(&Spent{Calls: 1})
		return rep, nil
	}
	inner := rep.Body
	var once sync.Once
	rep.Body = body{inner.Read, func() error {
		err := inner.Close()
		once.Do(func() { h.settle(used(rep.Reading, a.spec.Price)) })
		return err
	}}
	return rep, nil
}

// used is what the answer says it used, nil where it does not.
func used(r *Reading, p *model.Price) *Spent {
	if !r.Metered || !r.Complete {
		return nil
	}
	s := &Spent{Tokens: r.Usage.Input + r.Usage.Output, Calls: 1}
	if p != nil {
		s.USD = p.Cost(r.Usage)
	}
	return s
}

// clamp puts the limit on output into the request.
func (c *Call) clamp(per int64) ([]byte, error) {
	b, err := sjson.SetBytes(append([]byte(nil), c.Body...), maxField(c.Protocol, c.Attempt.spec.Provider.Open), per)
	if err != nil || c.Protocol != model.Chat {
		return b, err
	}
	// The other name of the same limit would compete with it.
	other := "max_tokens"
	if c.Attempt.spec.Provider.Open {
		other = "max_completion_tokens"
	}
	return sjson.DeleteBytes(b, other)
}
