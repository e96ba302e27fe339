package report

import (
	"cmp"
	"fmt"
	"slices"

	"metr/internal/stats"
	"metr/internal/task"
)

// Report computes the figures of what has been added so far.
func (acc *Accumulator) Report() *Report {
	r := &Report{Header: acc.header}
	for _, k := range acc.order {
		r.Summaries = append(r.Summaries, acc.groups[k].summary(acc.header, k))
	}
	return r
}

func (g *group) summary(h Header, k groupKey) Summary {
	name := k.agent
	// In order of task ids, whatever order the attempts ended in: sums of floating
	// point numbers, and so the last digit of figures, depend on it.
	ids := make([]string, 0, len(g.tasks))
	for id := range g.tasks {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	tallies := make([]*tally, len(ids))
	counts := make([]stats.Count, len(ids))
	s := Summary{
		Event: "summary", Log: h.Log, Suite: h.Suite, SuiteDigest: h.SuiteDigest,
		Agent: name, Model: g.model, Sandbox: h.Sandbox,
		Epochs: cmp.Or(h.Epochs, g.epochs), Tasks: cmp.Or(h.Tasks, len(ids)), Attempted: len(ids),
		PassAt: map[int]float64{}, PassAtInterval: map[int]stats.Interval{},
		PassHat: map[int]float64{}, PassHatInterval: map[int]stats.Interval{},
		Axes: map[task.Axis]Share{}, Labels: map[task.Label]Share{},
		LabelGaps: map[task.Label]Gap{}, Endings: g.endings,
		Lost: g.lost, Surprises: g.surprises,
		Tokens: g.tokens, CostKnown: g.cost, CostUnknown: g.noCost,
		WallS: cmp.Or(h.WallS, g.wall), AttemptS: g.wall, CPUS: g.cpu,
	}
	for i, id := range ids {
		t := g.tasks[id]
		tallies[i] = t
		counts[i] = stats.Count{N: int(t.solved + t.unsolved), Solved: int(t.solved), Invalid: int(t.invalid)}
		s.Solved += int(t.solved)
		s.Unsolved += int(t.unsolved)
		s.Invalid += int(t.invalid)
	}
	s.Attempts = s.Solved + s.Unsolved + s.Invalid
	if g.noCost == 0 && s.Attempts > 0 {
		s.CostUSD = &s.CostKnown
	}
	s.Score = share(counts).Interval
	if s.Invalid > 0 {
		b, _ := stats.Bounds(counts)
		s.Bounds = &b
	}
	if name != Wrong { // wrong solutions of a task are not samples of one agent
		s.passK(ids, counts)
	}
	s.axesAndLabels(tallies)
	s.Kinds = by(tallies, counts, func(t *tally) task.Kind { return t.kind })
	s.Languages = by(tallies, counts, func(t *tally) task.Language { return t.language })
	s.Reasons = g.sortedReasons()
	return s
}

// passK fills pass@k and pass^k for k = 1, 2, 5, 10, 20, ... as far as any task
// has samples, and says where it had to stop.
func (s *Summary) passK(ids []string, counts []stats.Count) {
	most := 0
	for _, c := range counts {
		most = max(most, c.N)
	}
	for k := range ladder(most) {
		at, refused := stats.PassAtK(counts, k, stats.Level)
		if refused != nil {
			s.Refused = fmt.Sprintf("pass@%d: task %s has %d valid samples; %d of %d tasks have fewer than %d",
				k, Safe(ids[refused.Index]), refused.N, refused.Tasks, len(ids), k)
			return
		}
		hat, _ := stats.PassHatK(counts, k, stats.Level)
		s.PassAt[k], s.PassAtInterval[k] = at.Estimate, at
		s.PassHat[k], s.PassHatInterval[k] = hat.Estimate, hat
	}
}

// ladder yields 1, 2, 5, 10, 20, 50, ... up to most.
func ladder(most int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for ten := 1; ten <= most; ten *= 10 {
			for _, m := range []int{1, 2, 5} {
				if m*ten > most || !yield(m*ten) {
					return
				}
			}
		}
	}
}

func (s *Summary) axesAndLabels(ts []*tally) {
	counts := make([]stats.Count, len(ts))
	pairs := make([]stats.Pairs, len(ts))
	shareOf := func(get func(*tally) passed) Share {
		for i, t := range ts {
			p := get(t)
			counts[i] = stats.Count{N: int(p.n), Solved: int(p.passed)}
		}
		return share(counts)
	}
	gapOf := func(get func(*tally) stats.Pairs) *Gap {
		n := 0
		for i, t := range ts {
			pairs[i] = get(t)
			n += pairs[i].N
		}
		iv, ok := stats.PairedDifference(pairs, stats.Level)
		if !ok {
			return nil
		}
		return &Gap{iv, n}
	}
	for i, a := range task.Axes {
		s.Axes[a] = shareOf(func(t *tally) passed { return t.axes[i] })
	}
	for i, l := range task.Labels {
		s.Labels[l] = shareOf(func(t *tally) passed { return t.labels[i] })
		if l != task.Edge && l != task.State && l != task.Error {
			continue
		}
		if g := gapOf(func(t *tally) stats.Pairs { return t.gaps[i] }); g != nil {
			s.LabelGaps[l] = *g
		}
	}
	s.SurfaceGap = gapOf(func(t *tally) stats.Pairs { return t.surface })
}

func share(counts []stats.Count) Share {
	var s Share
	for _, c := range counts {
		s.Passed += c.Solved
		s.LookedAt += c.N
	}
	if s.LookedAt > 0 {
		iv := stats.Clustered(counts, stats.Level)
		s.Interval = &iv
	}
	return s
}

// by splits the score by a property of tasks.
func by[K comparable](ts []*tally, counts []stats.Count, key func(*tally) K) map[K]Share {
	split := make(map[K][]stats.Count)
	for i, t := range ts {
		split[key(t)] = append(split[key(t)], counts[i])
	}
	out := make(map[K]Share, len(split))
	for k, cs := range split {
		out[k] = share(cs)
	}
	return out
}

func (g *group) sortedReasons() []Reason {
	out := make([]Reason, 0, len(g.reasons))
	for k, n := range g.reasons {
		out = append(out, Reason{k.outcome, k.reason, n})
	}
	slices.SortFunc(out, func(a, b Reason) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Reason, b.Reason))
	})
	return out
}
