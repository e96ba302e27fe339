package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"metr/internal/agent"
	"metr/internal/gateway"
	"metr/internal/model"
	"metr/internal/task"
)

// modelFlags say which models are asked, how, and for how much.
type modelFlags struct {
	models     []string
	baseURL    string
	prices     []string
	budget     float64
	perAttempt float64
	budgetTok  int64
	maxTokens  int64
	temp, topP *float64
	modelSeed  *int64
	record     string
	replay     string
	cache      string
	like       string
	offline    bool // nobody is asked: no key is needed
	agentTime  time.Duration
	steps      int
	completion bool
	retry      int
}

func (m *modelFlags) add(f *pflag.FlagSet) {
	f.StringSliceVarP(&m.models, "model", "m", nil, "models, PROVIDER/NAME[@EFFORT]; see metr help models")
	f.StringVar(&m.baseURL, "base-url", "", "where the model's server is, in place of the provider's own address")
	f.StringArrayVar(&m.prices, "price", nil, "price of a model that is not in the table: [MODEL=]IN,OUT or IN,CACHED,OUT in dollars for a million tokens, or local")
	f.Float64Var(&m.budget, "budget", 0, "US dollars that the whole run may cost; it is never passed")
	f.Float64Var(&m.perAttempt, "budget-attempt", 0, "US dollars that one attempt may cost")
	f.Int64Var(&m.budgetTok, "budget-tokens", 0, "tokens that the whole run may use, in and out")
	f.Int64Var(&m.maxTokens, "max-tokens", 0, "tokens of one answer, reasoning included (default: the provider's; 4096 for compatible servers)")
	f.Var(optional[float64]{&m.temp}, "temperature", "sampling temperature (default: the provider's)")
	f.Var(optional[float64]{&m.topP}, "top-p", "nucleus sampling (default: the provider's)")
	f.Var(optional[int64]{&m.modelSeed}, "model-seed", "seed for the model's sampling, where the provider takes one")
	f.StringVar(&m.record, "record", "", "keep every model call in this folder, to be replayed")
	f.StringVar(&m.replay, "replay-calls", "", "answer model calls from this folder, without network and key")
	f.StringVar(&m.cache, "cache", "", "answer model calls from this folder where it holds them, and add the others")
	f.DurationVar(&m.agentTime, "agent-timeout", 30*time.Minute, "time of an agent for one attempt")
	f.IntVar(&m.steps, "max-steps", 50, "answers of the model in one attempt of the agent loop")
	f.BoolVar(&m.completion, "completion", false, "ask in completion mode: for base models without a chat template")
	f.IntVar(&m.retry, "retry-errors", 0, "make an attempt that the instrument lost again, so many times")
	f.StringVar(&m.like, "like", "", "with --dry-run: an earlier run to estimate from (default: the last one below runs/ with the same agent)")
}

// optional is a flag whose absence is not a value.
type optional[T float64 | int64] struct{ p **T }

func (o optional[T]) String() string {
	if o.p == nil || *o.p == nil {
		return ""
	}
	return fmt.Sprint(**o.p)
}

func (o optional[T]) Set(s string) error {
	v := new(T)
	if err := json.Unmarshal([]byte(s), v); err != nil {
		return errors.New("not a number")
	}
	*o.p = v
	return nil
}

func (o optional[T]) Type() string {
	if _, ok := any(*new(T)).(int64); ok {
		return "int"
	}
	return "float64"
}

func (m *modelFlags) check() error {
	from := 0
	for _, s := range []string{m.record, m.replay, m.cache} {
		if s != "" {
			from++
		}
	}
	switch {
	case m.budget < 0 || m.perAttempt < 0 || m.budgetTok < 0 || m.maxTokens < 0:
		return usage("--budget, --budget-attempt, --budget-tokens and --max-tokens: expected numbers above 0")
	case m.temp != nil && !(*m.temp >= 0 && *m.temp <= 2):
		return usage("--temperature %v: expected a number from 0 to 2", *m.temp)
	case m.topP != nil && !(*m.topP > 0 && *m.topP <= 1):
		return usage("--top-p %v: expected a number above 0, up to 1", *m.topP)
	case m.steps < 1:
		return usage("--max-steps %d: expected a number from 1", m.steps)
	case m.agentTime <= 0:
		return usage("--agent-timeout %v: expected a time above 0", m.agentTime)
	case m.retry < 0:
		return usage("--retry-errors %d: expected a number from 0", m.retry)
	case from > 1:
		return usage("--record, --replay-calls and --cache: choose one")
	case len(m.models) == 0 && (m.baseURL != "" || len(m.prices) > 0 || from > 0):
		return usage("--base-url, --price, --record, --replay-calls and --cache go with a model: name one with --model PROVIDER/NAME")
	}
	seen := map[string]bool{}
	for _, s := range m.models {
		if seen[s] {
			return usage("--model %s is named twice", s)
		}
		seen[s] = true
	}
	return nil
}

// line is a model with the way to it, before there is a gateway.
type line struct {
	name     model.Name
	provider model.Provider
	price    *model.Price
}

// lines resolves the models. Nothing is asked of anybody yet.
func (m *modelFlags) lines() ([]line, error) {
	table, err := model.Table()
	if err != nil {
		return nil, err
	}
	getenv := os.Getenv
	if m.offline {
		getenv = func(name string) string {
			if strings.HasSuffix(name, "_KEY") {
				return "no-key-is-needed"
			}
			return os.Getenv(name)
		}
	}
	declared, err := m.declared()
	if err != nil {
		return nil, err
	}
	var out []line
	for _, s := range m.models {
		n, err := model.Parse(s)
		if err != nil {
			return nil, usageError{err}
		}
		base := m.baseURL
		p, err := model.Lookup(n.Provider, base, getenv)
		if err != nil && m.offline && base == "" {
			p, err = model.Lookup(n.Provider, "http://127.0.0.1:1/v1", getenv)
		}
		if err != nil {
			return nil, usageError{err}
		}
		l := line{name: n, provider: p}
		if price, ok := table.Find(n); ok {
			l.price = &price
		}
		for _, key := range []string{"", s, n.Provider + "/" + n.Model} {
			if price, ok := declared[key]; ok {
				l.price = &price
			}
		}
		if l.price == nil && (m.budget > 0 || m.perAttempt > 0) && !m.offline {
			return nil, usage("the price of %s is not known, so a budget in dollars cannot be kept: declare it with --price IN,OUT (dollars for a million tokens) or --price local, or set --budget-tokens", s)
		}
		out = append(out, l)
	}
	return out, nil
}

// declared reads --price.
func (m *modelFlags) declared() (map[string]model.Price, error) {
	out := map[string]model.Price{}
	for _, s := range m.prices {
		name, text, ok := strings.Cut(s, "=")
		if !ok {
			name, text = "", s
		}
		p, err := model.ParsePrice(text)
		if err != nil {
			return nil, usage("--price %s: %w", s, err)
		}
		out[name] = p
	}
	return out, nil
}

// hub is the gateway of a run and what it was furnished with.
type hub struct {
	lines []*agent.Line
	run   *gateway.Budget
	tape  *gateway.Tape
}

// Close ends the recording. The error says that it has a hole.
func (h *hub) Close() error {
	if h == nil || h.tape == nil {
		return nil
	}
	return h.tape.Close()
}

// newHub opens recordings and makes the gateway; nil where no model is named.
func (a *app) newHub(ctx context.Context, m *modelFlags, seed *int64) (*hub, error) {
	if len(m.models) == 0 {
		return nil, nil
	}
	all, err := m.lines()
	if err != nil {
		return nil, err
	}
	cfg := a.gate
	h := &hub{run: gateway.NewBudget(gateway.Limit{USD: model.FromDollars(m.budget), Tokens: m.budgetTok})}
	cfg.Run = h.run
	if m.replay != "" {
		cfg.Run = nil // what is replayed was paid for
	}
	served := map[string]task.Served{}
	replayed := false
	switch {
	case m.replay != "":
		replayed = true
		served, err = openReplay(os.DirFS(m.replay), &cfg)
		if err != nil {
			return nil, usage("--replay-calls %s: %w", m.replay, err)
		}
	case cmp.Or(m.record, m.cache) != "":
		if h.tape, err = agent.CreateTape(cmp.Or(m.record, m.cache)); err != nil {
			return nil, usageError{err}
		}
		cfg.Tape = h.tape
		if m.cache != "" {
			cfg.Replay, cfg.Cache = h.tape, true
		}
	}
	gate := gateway.New(cfg)
	for _, l := range all {
		al := &agent.Line{
			Gate: gate, Model: l.name, Provider: l.provider, Price: l.price,
			Limit:     gateway.Limit{USD: model.FromDollars(m.perAttempt)},
			Settings:  agent.Settings{Temperature: m.temp, TopP: m.topP, Seed: seed, MaxTokens: m.maxTokens},
			MaxOutput: m.maxTokens,
		}
		if replayed {
			al.About = served[l.name.String()]
			al.About.Replayed = true
			al.Limit = gateway.Limit{}
		} else {
			if err := reachable(ctx, l.provider); err != nil {
				return nil, err
			}
			al.About = agent.About(ctx, l.provider, l.name)
			served[l.name.String()] = al.About
		}
		h.lines = append(h.lines, al)
	}
	if dir := cmp.Or(m.record, m.cache); dir != "" {
		if err := agent.WriteServed(dir, served); err != nil {
			return nil, usageError{err}
		}
	}
	return h, nil
}

// reachable says early, and once, that a server of the user's own is not there.
func reachable(ctx context.Context, p model.Provider) error {
	if !p.Open || p.Name == "openrouter" {
		return nil
	}
	u, err := url.Parse(p.BaseURL)
	if err != nil {
		return usageError{err}
	}
	port := cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
	d := net.Dialer{Timeout: 10 * time.Second}
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return usage("provider %s: no server answers at %s: start it, or say with --base-url where it is (%w)", p.Name, p.BaseURL, err)
	}
	return conn.Close()
}

func openReplay(dir fs.FS, cfg *gateway.Config) (map[string]task.Served, error) {
	var err error
	if cfg.Replay, err = gateway.ReadTape(dir); err != nil {
		return nil, err
	}
	return agent.ReadServed(dir)
}

// settings is what of the models goes into the run's manifest. Keys are not
// among it, and of budgets those alone that bear on single attempts.
func (m *modelFlags) settings(seed *int64) (map[string]any, error) {
	all, err := m.lines()
	if err != nil {
		return nil, err
	}
	models := []map[string]any{}
	for _, l := range all {
		e := map[string]any{"name": l.name.String(), "base_url": l.provider.BaseURL, "price": nil}
		if p := l.price; p != nil {
			e["price"] = map[string]any{"in": 1e6 * p.In.Dollars(), "cached": 1e6 * p.Cached.Dollars(), "out": 1e6 * p.Out.Dollars(), "source": p.Source, "date": p.Date}
		}
		if m.replay != "" {
			delete(e, "base_url")
		}
		models = append(models, e)
	}
	return map[string]any{
		"models": models, "replay_calls": m.replay != "",
		"max_tokens": m.maxTokens, "temperature": m.temp, "top_p": m.topP, "model_seed": seed,
		"budget_attempt_usd": m.perAttempt, "agent_timeout_s": m.agentTime.Seconds(), "max_steps": m.steps, "completion": m.completion,
	}, nil
}
