package gateway

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"metr/internal/model"
)

type tokenHash [sha256.Size]byte

// tokenPrefix makes tokens easy to tell from keys.
const tokenPrefix = "metr-attempt-"

func newToken() (model.Key, tokenHash) {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	t := tokenPrefix + base64.RawURLEncoding.EncodeToString(b[:])
	return model.NewKey(t), hashToken(t)
}

func hashToken(t string) tokenHash { return sha256.Sum256([]byte(t)) }

// Attempt is one attempt's access to its model.
type Attempt struct {
	spec   Spec
	gate   *Gateway
	budget *Budget
	token  model.Key
	ctx    context.Context // ends with the attempt
	end    context.CancelFunc
	hash   tokenHash
	slots  *semaphore.Weighted

	mu       sync.Mutex
	chatOnly atomic.Bool    // the server was found to speak Chat Completions alone
	seen     map[string]int // how often each request was made, for recordings
	sum      Summary
	models   map[string]bool
	cost     model.Money
}

// Token is what the agent is given in place of a key. It is worth nothing
// outside of the gateway and nothing after Close.
func (a *Attempt) Token() string { return a.token.Reveal() }

// Close ends the attempt: its token is refused from now on, and calls that are
// still open are broken off. When it returns, the Summary is final. It may be
// called more than once.
func (a *Attempt) Close() error {
	a.gate.mu.Lock()
	delete(a.gate.attempts, a.hash)
	a.gate.mu.Unlock()
	a.end()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if a.Drain(ctx) != nil {
		return errors.New("gateway: an attempt was closed while the agent kept a call open; its record may lack it")
	}
	return nil
}

// Drain waits until no call is open. An agent that has read an answer to its
// end may be a moment ahead of the record.
func (a *Attempt) Drain(ctx context.Context) error {
	all := int64(a.gate.cfg.Limits.Open)
	if err := a.slots.Acquire(ctx, all); err != nil {
		return err
	}
	a.slots.Release(all)
	return nil
}

// ServeHTTP serves the attempt's own listener: another attempt's token is
// refused there, and that is put down to this attempt.
func (a *Attempt) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.gate.serve(w, r, a) }

// Client asks the attempt's model from inside metr, through all that the
// gateway does and without a listener. protocol is "" for the provider's first
// choice.
func (a *Attempt) Client(protocol model.Protocol) model.Client {
	p := a.spec.Provider
	p.BaseURL, p.Key, p.KeyHeader = "http://gateway/v1", a.token, ""
	if protocol == "" && len(p.Protocols) > 0 {
		protocol = p.Protocols[0]
	}
	if protocol == model.Gemini {
		p.BaseURL += "beta"
	}
	return model.Client{Provider: p, Protocol: protocol, HTTP: &http.Client{Transport: inProcess{a}}}
}

// Summary is what an attempt came to.
type Summary struct {
	Calls     int          // answered by the provider or from a recording
	Failed    int          // not answered after all retries: our instrument's failure
	Broken    int          // answers that broke off or were no JSON
	Refused   map[Kind]int // by what kind of refusal
	Usage     model.Usage  // of the calls that said what they used
	Unknown   int          // calls that did not
	Cost      *float64     // US dollars; nil where the price is not known, or what some call used
	Spent     Spent        // what the budget was charged, bounds included
	Exhausted bool         // a call was refused for want of budget
	Models    []string     // what servers called themselves
	Efforts   []string     // the efforts that were sent, FIELD=VALUE
}

// Summary says what the attempt came to so far. Calls that are open are not in
// it; see Close and Drain.
func (a *Attempt) Summary() Summary {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.sum
	s.Refused = maps.Clone(s.Refused)
	s.Efforts = slices.Clone(s.Efforts)
	s.Models = slices.Sorted(maps.Keys(a.models))
	s.Spent = a.budget.Spent()
	s.Exhausted = s.Refused[RefusedBudget] > 0
	if a.spec.Price != nil && s.Unknown == 0 {
		usd := a.cost.Dollars()
		s.Cost = &usd
	}
	return s
}

// note counts the event and hands it on.
func (a *Attempt) note(e Event) {
	e.Attempt = a.spec.ID
	a.mu.Lock()
	switch {
	case e.Kind.Refusal():
		if a.sum.Refused == nil {
			a.sum.Refused = map[Kind]int{}
		}
		a.sum.Refused[e.Kind]++
	case e.Kind == Failed:
		a.sum.Failed++
	case e.Kind == Broken:
		a.sum.Broken++
	}
	if c := e.Call; c != nil && (e.Kind == Answered || e.Kind == Broken) {
		if e.Kind == Answered {
			a.sum.Calls++
		}
		a.sum.Usage = a.sum.Usage.Add(c.Usage)
		switch {
		case c.Metered && a.spec.Price != nil:
			a.cost += a.spec.Price.Cost(c.Usage)
		case !c.Metered && !c.Counting:
			a.sum.Unknown++
		}
		if c.Served != "" {
			if a.models == nil {
				a.models = map[string]bool{}
			}
			a.models[c.Served] = true
		}
		if c.Effort != "" && !slices.Contains(a.sum.Efforts, c.Effort) {
			a.sum.Efforts = append(a.sum.Efforts, c.Effort)
		}
	}
	a.mu.Unlock()
	if a.spec.Recorder != nil {
		a.spec.Recorder.Record(e)
	}
}

// again counts how often a request was made.
func (a *Attempt) again(key string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seen[key]++
	return a.seen[key]
}
