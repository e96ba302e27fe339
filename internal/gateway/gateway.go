// Package gateway stands between agents and models. An agent in a box speaks to
// it as to OpenAI, Anthropic or Google, with a token that is worth something
// only here and only for its own attempt; the gateway puts in the real key and
// passes the call on, to the provider of the same protocol.
//
//	agent ──token──> front ─> trace ─> drop usage ─> record ─> retry ─> budget ─> cut ─> meter ─> time-outs ─> translate ─> upstream ──key──> provider
//	                   │                  replay takes the place of all that follows it, without network
//	                   └─ every refusal and every call is an Event in the attempt's record
//
// The front decides who asks, for which model, by which protocol, and lets
// through what it knows: a request's address, headers and model are made anew,
// never taken over. Each decorator does one thing. What a call may cost is
// reserved before it goes out, so a budget cannot be passed.
//
// The gateway translates between protocols in one place alone: Responses for
// servers that speak Chat Completions. It does not place agents in boxes, and
// opens no listener: metr holds those and hands their requests to
// Attempt.ServeHTTP. Agents that run inside metr use Attempt.Client.
package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
	"golang.org/x/sync/semaphore"

	"metr/internal/model"
)

// Config is a gateway's make-up. The zero value is usable.
type Config struct {
	Run      *Budget           // what all attempts together may use; nil: no limit
	Recorder Recorder          // told of what belongs to no attempt; may be nil
	Tape     *Tape             // calls are recorded here; may be nil
	Replay   *Tape             // calls are answered from here and the network is not touched; may be nil
	Cache    bool              // with Replay: what it does not hold is asked of the provider
	Tracer   trace.Tracer      // nil: no traces
	HTTP     http.RoundTripper // how providers are reached; nil: a transport with Timeouts.Connect
	Secrets  []model.Key       // must be found in no recording and no reply, beside the providers' own keys
	Timeouts Timeouts
	Retry    Retry
	Limits   Limits
}

// Timeouts bound the parts of a call.
type Timeouts struct {
	Connect   time.Duration // default 10 s
	FirstByte time.Duration // until the answer begins; of an answer that is not streamed, until it is there; default 10 min
	Idle      time.Duration // between two pieces of a stream; default 3 min
	Total     time.Duration // of the whole call, retries included; default 30 min
}

// Limits bound what an agent can make the gateway do. Zero means the default.
type Limits struct {
	Request  int64 // bytes of a request; default 16 MiB
	Answer   int64 // bytes of an answer; default 64 MiB
	Open     int   // calls of one attempt at the same time; default 16
	MaxBytes int64 // bytes of a stream for each token that was asked for; default 1024
}

// Gateway serves model calls. It is safe for concurrent use.
type Gateway struct {
	cfg   Config
	scrub scrubber
	doer  Doer

	mu       sync.Mutex
	attempts map[tokenHash]*Attempt
}

// New makes a gateway.
func New(cfg Config) *Gateway {
	t := &cfg.Timeouts
	t.Connect = cmp.Or(t.Connect, 10*time.Second)
	t.FirstByte = cmp.Or(t.FirstByte, 10*time.Minute)
	t.Idle = cmp.Or(t.Idle, 3*time.Minute)
	t.Total = cmp.Or(t.Total, 30*time.Minute)
	l := &cfg.Limits
	l.Request = cmp.Or(l.Request, 16<<20)
	l.Answer = cmp.Or(l.Answer, 64<<20)
	l.Open = cmp.Or(l.Open, 16)
	l.MaxBytes = cmp.Or(l.MaxBytes, 1024)
	cfg.Retry = cfg.Retry.withDefaults()
	if cfg.Tracer == nil {
		cfg.Tracer = noop.Tracer{}
	}
	if cfg.HTTP == nil {
		cfg.HTTP = transport(t.Connect)
	}
	g := &Gateway{cfg: cfg, attempts: map[tokenHash]*Attempt{}}
	for _, k := range cfg.Secrets {
		g.scrub.add(k)
	}
	var d Doer = upstream{cfg.HTTP, cfg.Limits.Answer, &g.scrub}
	d = timeouts{translate{d}, cfg.Timeouts}
	d = meter{d}
	d = cut{d, cfg.Limits}
	d = budget{d}
	d = retry{d, cfg.Retry}
	if cfg.Replay != nil {
		r := replay{tape: cfg.Replay}
		if cfg.Cache {
			r.miss = record(d, cfg.Tape, &g.scrub)
		}
		d = budget{meter{r}}
		if cfg.Cache {
			d = meter{r} // a miss pays for itself, a hit costs nothing
		}
	} else {
		d = record(d, cfg.Tape, &g.scrub)
	}
	g.doer = traced{dropUsage{d}, cfg.Tracer}
	return g
}

// Spec is what an attempt may use.
type Spec struct {
	ID       string         // names the attempt in events and traces
	Scope    string         // names it in recordings: the same in the run that is recorded and the one that replays
	Model    model.Name     // the one model that it may call
	Aliases  []string       // other names under which the agent may ask for that model
	Provider model.Provider // who serves it
	Price    *model.Price   // nil: unknown
	Limit    Limit
	// MaxOutput is the limit of output tokens that is put into calls that name
	// none, where there is a budget to keep; default 16384.
	MaxOutput int64
	Recorder  Recorder // told of each call and each refusal; may be nil
}

// Open admits an attempt. It is an error to ask for a budget in dollars where
// the model's price is not known. The caller closes the attempt.
func (g *Gateway) Open(s Spec) (*Attempt, error) {
	if s.Model.Model == "" || s.Provider.BaseURL == "" {
		return nil, errors.New("gateway: an attempt needs a model and a provider")
	}
	if s.Price == nil && (s.Limit.USD > 0 || g.cfg.Run.limit().USD > 0) {
		return nil, fmt.Errorf("the price of %s is not known, so a budget in dollars cannot be kept: declare the price, or set the budget in tokens", s.Model)
	}
	if s.MaxOutput == 0 {
		s.MaxOutput = 16384
	}
	g.scrub.add(s.Provider.Key)
	a := &Attempt{spec: s, gate: g, budget: NewBudget(s.Limit), slots: semaphore.NewWeighted(int64(g.cfg.Limits.Open)), seen: map[string]int{}}
	a.token, a.hash = newToken()
	a.ctx, a.end = context.WithCancel(context.Background())
	g.mu.Lock()
	g.attempts[a.hash] = a
	g.mu.Unlock()
	return a, nil
}

// owner finds the attempt that a token belongs to.
func (g *Gateway) owner(token string) *Attempt {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.attempts[hashToken(token)]
}

// ServeHTTP serves a listener that several attempts share: the token says who
// asks. Where an attempt has a listener of its own, serve Attempt.ServeHTTP.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.serve(w, r, nil) }
