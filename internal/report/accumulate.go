package report

import (
	"slices"
	"strings"
	"unicode/utf8"

	"metr/internal/stats"
	"metr/internal/task"
)

const (
	maxListed  = 100  // attempts listed by name
	maxReasons = 1000 // different reasons counted apart
	maxReason  = 160  // bytes of a reason that tell it from others
)

// Accumulator keeps what a report needs of the attempts seen so far. It is not
// safe for concurrent use.
type Accumulator struct {
	header Header
	groups map[groupKey]*group
	order  []groupKey
}

// groupKey names a group: results are kept apart by the model asked for. What
// was made elsewhere is one group, whatever its rows say who made them.
type groupKey struct{ agent, model string }

func keyOf(a task.Attempt) groupKey {
	k := groupKey{Group(a.Agent), a.Model}
	if k.agent == "answers" || k.agent == "replay" {
		k.model = ""
	}
	return k
}

// group is one agent's attempts with one model.
type group struct {
	model     string
	endings   map[task.Ending]int
	tasks     map[string]*tally
	reasons   map[reasonKey]int
	lost      []Ref
	surprises []Ref
	tokens    task.Tokens
	cost      float64
	noCost    int
	wall, cpu float64
	epochs    int
}

type reasonKey struct {
	outcome task.Outcome
	reason  string
}

// tally is one task's counts.
type tally struct {
	kind     task.Kind
	language task.Language

	solved, unsolved, invalid int32
	axes                      [4]passed // by task.Axes
	labels                    [5]passed // by task.Labels
	surface                   stats.Pairs
	gaps                      [5]stats.Pairs // typical against the label; by task.Labels
}

type passed struct{ n, passed int32 }

func (p *passed) add(ok bool) {
	p.n++
	if ok {
		p.passed++
	}
}

// NewAccumulator starts an empty report.
func NewAccumulator(h Header) *Accumulator {
	acc := &Accumulator{header: h, groups: make(map[groupKey]*group)}
	for _, a := range h.Agents {
		acc.group(groupKey{agent: Group(a)})
	}
	return acc
}

// group finds a group. One that was planned without its model takes the first
// model that comes.
func (acc *Accumulator) group(k groupKey) *group {
	if g, ok := acc.groups[k]; ok {
		return g
	}
	k = groupKey{strings.Clone(k.agent), strings.Clone(k.model)}
	planned := groupKey{agent: k.agent}
	if g, ok := acc.groups[planned]; ok && len(g.tasks) == 0 {
		delete(acc.groups, planned)
		acc.groups[k] = g
		acc.order[slices.Index(acc.order, planned)] = k
		return g
	}
	g := &group{tasks: make(map[string]*tally), reasons: make(map[reasonKey]int), endings: make(map[task.Ending]int)}
	acc.groups[k] = g
	acc.order = append(acc.order, k)
	return g
}

// Add counts one attempt.
func (acc *Accumulator) Add(a task.Attempt) {
	name := Group(a.Agent)
	g := acc.group(keyOf(a))
	if g.model == "" {
		g.model = strings.Clone(a.Model)
	}
	if a.Ending != "" {
		g.endings[task.Ending(strings.Clone(string(a.Ending)))]++
	}
	g.epochs = max(g.epochs, a.Epoch)
	g.tokens.In += a.Tokens.In
	g.tokens.Cached += a.Tokens.Cached
	g.tokens.Reasoning += a.Tokens.Reasoning
	g.tokens.Out += a.Tokens.Out
	g.wall += a.WallS
	g.cpu += a.CPUS
	if a.CostUSD == nil {
		g.noCost++
	} else {
		g.cost += *a.CostUSD
	}
	t, ok := g.tasks[a.Task]
	if !ok {
		t = &tally{kind: task.Kind(strings.Clone(string(a.Kind))), language: task.Language(strings.Clone(string(a.Language)))}
		g.tasks[strings.Clone(a.Task)] = t
	}
	if a.Outcome != task.Solved {
		g.countReason(a)
	}
	switch a.Outcome {
	case task.Solved:
		t.solved++
		if name == Nop || name == Wrong {
			list(&g.surprises, a)
		}
	case task.Unsolved:
		t.unsolved++
		if name == Gold {
			list(&g.surprises, a)
		}
	default:
		t.invalid++
		list(&g.lost, a)
		return // no other figure knows of it
	}
	t.look(a.Verdicts)
}

func list(refs *[]Ref, a task.Attempt) {
	if len(*refs) < maxListed {
		*refs = append(*refs, Ref{strings.Clone(a.Agent), strings.Clone(a.Task), a.Epoch, oneLine(a.Reason, maxReason)})
	}
}

func (g *group) countReason(a task.Attempt) {
	k := reasonKey{a.Outcome, oneLine(a.Reason, maxReason)}
	if k.reason == "" {
		k.reason = "no reason recorded"
	}
	if _, ok := g.reasons[k]; !ok && len(g.reasons) >= maxReasons {
		k.reason = "other reasons"
	}
	g.reasons[k]++
}

// look counts an attempt's axes and labels, and the pairs of both.
func (t *tally) look(vs []task.Verdict) {
	axes := task.AxisStatus(vs)
	for i, a := range task.Axes {
		if s, ok := axes[a]; ok && s != task.Broken {
			t.axes[i].add(s == task.Pass)
		}
	}
	syn, sem := axes[task.Syntax], axes[task.Semantics]
	if seen(syn) && seen(sem) {
		t.surface.Add(syn == task.Pass, sem == task.Pass)
	}
	labels := labelStatus(vs)
	for i, s := range labels {
		if !seen(s) {
			continue
		}
		t.labels[i].add(s == task.Pass)
		if i > 0 && seen(labels[0]) { // task.Labels begins with Typical
			t.gaps[i].Add(labels[0] == task.Pass, s == task.Pass)
		}
	}
}

func seen(s task.Status) bool { return s == task.Pass || s == task.Fail }

// labelStatus folds an attempt's labelled tests into one status a label, as
// task.AxisStatus does for axes: "" where there was no such test.
func labelStatus(vs []task.Verdict) [5]task.Status {
	var out [5]task.Status
	for _, v := range vs {
		for _, x := range v.Tests {
			i := slices.Index(task.Labels, x.Label)
			if i < 0 || i >= len(out) {
				continue
			}
			switch s := x.Status; {
			case s == task.Broken:
				out[i] = task.Broken
			case s != task.Pass && out[i] != task.Broken:
				out[i] = task.Fail
			case out[i] == "":
				out[i] = task.Pass
			}
		}
	}
	return out
}

// oneLine is the first line of s, made safe for terminals and documents and cut
// to about limit bytes. It shares no memory with s.
func oneLine(s string, limit int) string {
	s = strings.TrimSpace(s)
	if i := strings.IndexAny(s, "\r\n"); i >= 0 {
		s = s[:i] + " …"
	}
	if len(s) > limit {
		cut := limit
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	return strings.Clone(strings.ReplaceAll(Safe(s), "\t", " "))
}
