package main

import (
	"context"
	"fmt"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	oneshot "metr/internal/agent/model"
	"metr/internal/run"
	"metr/internal/runlog"
	"metr/internal/task"
)

// dryRun says what would run and what it would take.
func (a *app) dryRun(ctx context.Context, j job, items iter.Seq2[run.Item, error], total int) error {
	f := j.flags
	asking := 0
	for it, err := range items {
		if err != nil {
			return err
		}
		if it.Key().Model != "" && it.Agent.Name() != "replay" {
			asking++
		}
	}
	paid := "no model is called, so nothing is paid for"
	if asking > 0 {
		paid = fmt.Sprintf("%d of them ask %s", asking, strings.Join(f.models.models, ", "))
	}
	fmt.Fprintf(a.stdout, "%d attempts: %d tasks of %s, agents %s, epochs %d; %s\n",
		total, len(j.suite.Tasks), j.suite.Name, strings.Join(j.agents(), ", "), f.epochs, paid)
	if asking == 0 {
		return nil
	}
	all, err := f.models.lines()
	if err != nil {
		return err
	}
	for _, l := range all {
		for _, p := range j.plans {
			if _, may := asks(p.name); !may {
				continue
			}
			if err := a.estimate(ctx, j, l, p.name, items); err != nil {
				return err
			}
		}
	}
	if b := f.models.budget; b > 0 {
		fmt.Fprintf(a.stdout, "  the budget of $%.2f is never passed: what it does not afford is not asked\n", b)
	}
	return nil
}

// spread is a sum with the range that it lies in.
type spread struct{ low, mid, high float64 }

// estimate says what the attempts of an agent with a model may take.
func (a *app) estimate(ctx context.Context, j job, l line, agentName string, items iter.Seq2[run.Item, error]) error {
	var mine []run.Item
	for it := range items {
		if k := it.Key(); k.Agent == agentName && k.Model == l.name.String() {
			mine = append(mine, it)
		}
	}
	if len(mine) == 0 {
		return nil
	}
	like, from, err := a.earlier(ctx, j.flags.models.like, agentName, l.name.String())
	if err != nil {
		return err
	}
	var calls, in, out, wall spread
	source := ""
	if len(like) > 0 {
		get := func(f func(task.Attempt) float64) spread { return project(mine, like, f) }
		calls = get(func(at task.Attempt) float64 { return float64(at.Calls) })
		in = get(func(at task.Attempt) float64 { return float64(at.Tokens.In) })
		out = get(func(at task.Attempt) float64 { return float64(at.Tokens.Out) })
		wall = get(func(at task.Attempt) float64 { return at.WallS })
		source = "by the attempts in " + from
	} else {
		n := float64(len(mine))
		calls = spread{n, n, n}
		source = "by the length of the prompts; --like LOG estimates from an earlier run"
		x, ok := mine[0].Agent.(*oneshot.Agent)
		if !ok {
			fmt.Fprintf(a.stdout, "  %s %s: %d attempts of several calls each; tokens, cost and time are not known beforehand: --like LOG estimates from an earlier run\n", agentName, l.name, len(mine))
			return nil
		}
		most := 4096.0
		if j.flags.models.maxTokens > 0 {
			most = float64(j.flags.models.maxTokens)
		}
		for _, it := range mine {
			p, err := x.Prompt(it.Task)
			if err != nil {
				return usageError{err}
			}
			in.low, in.mid, in.high = in.low+float64(len(p))/5, in.mid+float64(len(p))/4, in.high+float64(len(p))/2.5
		}
		out = spread{n * math.Min(50, most), n * math.Min(600, most), n * most}
	}
	fmt.Fprintf(a.stdout, "  %s %s: %s calls, tokens in %s, out %s, %s\n", agentName, l.name, calls.show("%.0f"), in.show("%.0f"), out.show("%.0f"), source)
	if l.price == nil {
		fmt.Fprintf(a.stdout, "    cost unknown: there is no price for %s; --price declares one\n", l.name)
	} else {
		in6, out6 := l.price.In.Dollars(), l.price.Out.Dollars()
		cost := spread{in.low*in6 + out.low*out6, in.mid*in6 + out.mid*out6, in.high*in6 + out.high*out6}
		fmt.Fprintf(a.stdout, "    cost about $%s, at the prices of %s\n", cost.show("%.2f"), orDash(l.price.Date, l.price.Source))
	}
	if wall.mid > 0 {
		jobs := float64(j.flags.jobs)
		t := func(s float64) string {
			return time.Duration(s / jobs * float64(time.Second)).Round(time.Second).String()
		}
		fmt.Fprintf(a.stdout, "    time about %s (%s to %s) with %d at once\n", t(wall.mid), t(wall.low), t(wall.high), j.flags.jobs)
	} else {
		fmt.Fprintf(a.stdout, "    time unknown without an earlier run\n")
	}
	return nil
}

func orDash(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

func (s spread) show(format string) string {
	low, mid, high := fmt.Sprintf(format, s.low), fmt.Sprintf(format, s.mid), fmt.Sprintf(format, s.high)
	if low == high {
		return mid
	}
	return fmt.Sprintf("%s (%s to %s)", mid, low, high)
}

// project sums what the items may take: the mean of the same task's earlier
// attempts, else of all. The range is two standard errors of the sum with as
// much spread as there was between attempts.
func project(items []run.Item, like map[string][]task.Attempt, f func(task.Attempt) float64) spread {
	var all []float64
	for _, as := range like {
		for _, at := range as {
			all = append(all, f(at))
		}
	}
	mean := func(xs []float64) float64 {
		s := 0.0
		for _, x := range xs {
			s += x
		}
		return s / float64(len(xs))
	}
	m := mean(all)
	v := 0.0
	for _, x := range all {
		v += (x - m) * (x - m) / float64(len(all))
	}
	sum := 0.0
	for _, it := range items {
		if as := like[it.Task.ID]; len(as) > 0 {
			var xs []float64
			for _, at := range as {
				xs = append(xs, f(at))
			}
			sum += mean(xs)
		} else {
			sum += m
		}
	}
	n := float64(len(items))
	e := 2 * math.Sqrt(v*n*(1+n/float64(len(all))))
	return spread{math.Max(0, sum-e), sum, sum + e}
}

// earlier reads the attempts of an earlier run by task: of the log named, or of
// the last one below runs/ with that agent. Those of the same model come first.
func (a *app) earlier(ctx context.Context, place, agentName, model string) (map[string][]task.Attempt, string, error) {
	places := []string{place}
	if place == "" {
		places, _ = filepath.Glob("runs/*")
		slices.Sort(places)
		slices.Reverse(places)
		places = places[:min(len(places), 20)]
	}
	for _, p := range places {
		if st, err := os.Stat(filepath.Join(p, "manifest.json")); place == "" && (err != nil || st.IsDir()) {
			continue
		}
		l, err := runlog.Open(ctx, p)
		if err != nil {
			if place == "" {
				continue
			}
			return nil, "", usageOr(err)
		}
		same, other := map[string][]task.Attempt{}, map[string][]task.Attempt{}
		for at, err := range l.Attempts(ctx) {
			if err != nil {
				l.Close()
				return nil, "", err
			}
			switch at.Verdicts = nil; {
			case at.Agent != agentName || at.Calls == 0:
			case at.Model == model:
				same[at.Task] = append(same[at.Task], at)
			default:
				other[at.Task] = append(other[at.Task], at)
			}
		}
		l.Close()
		if len(same) > 0 {
			return same, p, nil
		}
		if len(other) > 0 {
			return other, p + " with another model", nil
		}
		if place != "" {
			return nil, "", usage("--like %s: the log has no attempts of agent %s that asked a model", place, agentName)
		}
	}
	return nil, "", nil
}
