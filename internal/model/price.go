package model

import (
	_ "embed"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Money is an amount in millionths of a millionth of a US dollar, in which every
// published price of one token is a whole number. It holds up to 9.2 million
// dollars.
type Money int64

// Dollar is one US dollar.
const Dollar Money = 1e12

// Dollars converts to US dollars.
func (m Money) Dollars() float64 { return float64(m) / float64(Dollar) }

// FromDollars rounds to the nearest Money.
func FromDollars(usd float64) Money { return Money(math.Round(usd * float64(Dollar))) }

func (m Money) String() string { return "$" + strconv.FormatFloat(m.Dollars(), 'f', -1, 64) }

// Usage is what one call used, in tokens.
type Usage struct {
	Input        int64 `json:"input"`                    // everything read, Cached and CacheWrite included
	Cached       int64 `json:"cached,omitempty"`         // part of Input that came from the provider's cache
	CacheWrite   int64 `json:"cache_write,omitempty"`    // part of Input written to the cache
	CacheWrite1h int64 `json:"cache_write_1h,omitempty"` // part of CacheWrite that is kept for an hour
	Output       int64 `json:"output"`                   // everything written, Reasoning included
	Reasoning    int64 `json:"reasoning,omitempty"`      // part of Output that was not shown as the answer
}

// Add returns the sum.
func (u Usage) Add(v Usage) Usage {
	return Usage{u.Input + v.Input, u.Cached + v.Cached, u.CacheWrite + v.CacheWrite, u.CacheWrite1h + v.CacheWrite1h, u.Output + v.Output, u.Reasoning + v.Reasoning}
}

// Rates are prices of one token.
type Rates struct{ In, Cached, CacheWrite, CacheWrite1h, Out Money }

// Price is what a model costs, by whom that was said, and when.
type Price struct {
	Rates
	UpTo   int64 // Rates hold for prompts of up to so many tokens, Long above; 0: for all
	Long   Rates
	Source string // where it was read
	Date   string // when, YYYY-MM-DD
}

// Free is the price of a model that the user declares to cost nothing: a server
// of their own.
func Free() Price { return Price{Source: "0, local: declared by the user"} }

// Cost is what u costs.
func (p Price) Cost(u Usage) Money {
	r := p.Rates
	if p.UpTo > 0 && u.Input > p.UpTo {
		r = p.Long
	}
	plain := max(u.Input-u.Cached-u.CacheWrite, 0)
	short := max(u.CacheWrite-u.CacheWrite1h, 0)
	return Money(plain)*r.In + Money(u.Cached)*r.Cached + Money(short)*r.CacheWrite + Money(u.CacheWrite1h)*r.CacheWrite1h + Money(u.Output)*r.Out
}

// Bound is the most that a call of up to in and out tokens can cost.
func (p Price) Bound(in, out int64) Money {
	bound := func(r Rates) Money {
		return Money(in)*max(r.In, r.Cached, r.CacheWrite, r.CacheWrite1h) + Money(out)*r.Out
	}
	b := bound(p.Rates)
	if p.UpTo > 0 && in > p.UpTo {
		b = max(b, bound(p.Long))
	}
	return b
}

// Prices is a table of prices. The zero value knows none.
type Prices struct{ rows map[string]Price }

//go:embed prices.toml
var table []byte

// Table reads the prices that METR brings with it.
func Table() (Prices, error) { return ReadPrices(table) }

// ReadPrices reads a table in the form of prices.toml; an unknown key, a row
// twice, or a row without source and date is an error.
func ReadPrices(data []byte) (Prices, error) {
	type rates struct {
		In      float64  `toml:"in"`
		Cached  *float64 `toml:"cached"`
		Write   *float64 `toml:"cache_write"`
		Write1h *float64 `toml:"cache_write_1h"`
		Out     float64  `toml:"out"`
	}
	var file struct {
		Model []struct {
			Name   string `toml:"name"`
			Source string `toml:"source"`
			Date   string `toml:"date"`
			UpTo   int64  `toml:"up_to"`
			Long   *rates `toml:"long"`
			rates
		} `toml:"model"`
	}
	if err := toml.NewDecoder(strings.NewReader(string(data))).DisallowUnknownFields().Decode(&file); err != nil {
		return Prices{}, fmt.Errorf("price table: %w", err)
	}
	// What the source does not say costs as much as plain input.
	convert := func(r rates) Rates {
		or := func(p *float64) Money {
			if p == nil {
				return FromDollars(r.In / 1e6)
			}
			return FromDollars(*p / 1e6)
		}
		return Rates{FromDollars(r.In / 1e6), or(r.Cached), or(r.Write), or(r.Write1h), FromDollars(r.Out / 1e6)}
	}
	out := Prices{map[string]Price{}}
	for _, m := range file.Model {
		_, err := Parse(m.Name)
		_, twice := out.rows[m.Name]
		switch {
		case err != nil:
			return Prices{}, fmt.Errorf("price table: %w", err)
		case twice:
			return Prices{}, fmt.Errorf("price table: %s occurs twice", m.Name)
		case m.Source == "" || !isDate.MatchString(m.Date):
			return Prices{}, fmt.Errorf("price table: %s: expected a source and a date as in 2026-11-23", m.Name)
		case m.In <= 0 || m.Out <= 0 || (m.UpTo > 0) != (m.Long != nil):
			return Prices{}, fmt.Errorf("price table: %s: expected prices above 0, and up_to together with long", m.Name)
		}
		p := Price{Rates: convert(m.rates), UpTo: m.UpTo, Source: m.Source, Date: m.Date}
		if m.Long != nil {
			p.Long = convert(*m.Long)
		}
		out.rows[m.Name] = p
	}
	return out, nil
}

var (
	isDate = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)
	dated  = regexp.MustCompile(`-(\d{4}-\d\d-\d\d|20\d{6})$`)
)

// Find returns the price of a model, whatever its effort. A snapshot
// (NAME-2026-01-31, NAME-20260131) costs what its model costs. ok is false where
// the price is not known, which is not the same as free.
func (t Prices) Find(n Name) (p Price, ok bool) {
	name := n.Provider + "/" + n.Model
	if p, ok = t.rows[name]; !ok {
		p, ok = t.rows[dated.ReplaceAllString(name, "")]
	}
	return p, ok
}

// ParsePrice reads what a user declares: "local" for a server of their own that
// costs nothing, or dollars for a million tokens as IN,OUT or IN,CACHED,OUT.
func ParsePrice(s string) (Price, error) {
	if s == "local" {
		return Free(), nil
	}
	bad := fmt.Errorf("price %q: expected local, or dollars for a million tokens as IN,OUT or IN,CACHED,OUT", s)
	var v []Money
	for f := range strings.SplitSeq(s, ",") {
		x, err := strconv.ParseFloat(strings.TrimSpace(f), 64)
		if err != nil || !(x >= 0 && x < 1e6) {
			return Price{}, bad
		}
		v = append(v, FromDollars(x/1e6))
	}
	p := Price{Source: "declared by the user"}
	switch len(v) {
	case 2:
		p.Rates = Rates{In: v[0], Cached: v[0], CacheWrite: v[0], CacheWrite1h: v[0], Out: v[1]}
	case 3:
		p.Rates = Rates{In: v[0], Cached: v[1], CacheWrite: v[0], CacheWrite1h: v[0], Out: v[2]}
	default:
		return Price{}, bad
	}
	return p, nil
}
