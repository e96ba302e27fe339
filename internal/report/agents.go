package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"metr/internal/task"
)

// agentsAbreast is how many agents fit beside each other.
const agentsAbreast = 3

// Judges writes the table of a run that tries the judges rather than a model:
// the reference solutions (gold), nothing done (nop) and the wrong solutions,
// side by side by axis and by test label, then what it shows in words: whether
// every reference was solved, nothing passed for something, and how many wrong
// solutions were caught and by which graders.
func Judges(w io.Writer, r *Report, o Options) error {
	p := &printer{Writer: bufio.NewWriter(w), color: o.Color}
	p.heading(r)
	p.agents(r.Summaries)
	p.line("")
	for _, s := range r.Summaries {
		p.judged(s)
	}
	return p.Flush()
}

// agents prints shares with a column an agent.
func (p *printer) agents(all []Summary) {
	for part := range slices.Chunk(all, agentsAbreast) {
		p.line("")
		head := table.Row{"passed"}
		for _, s := range part {
			head = append(head, clip(label(s, all), 24))
		}
		var rows []table.Row
		add := func(name string, get func(Summary) Share) {
			row := table.Row{name}
			for _, s := range part {
				x := get(s)
				if x.Interval == nil {
					row = append(row, none)
					continue
				}
				row = append(row, p.paint(shade(x), full(x)))
			}
			rows = append(rows, row)
		}
		add("solved", func(s Summary) Share { return Share{s.Solved, s.Solved + s.Unsolved, s.Score} })
		rows = append(rows, nil)
		for _, a := range task.Axes {
			add(string(a), func(s Summary) Share { return s.Axes[a] })
		}
		rows = append(rows, nil)
		for _, l := range task.Labels {
			add(string(l)+" tests", func(s Summary) Share { return s.Labels[l] })
		}
		p.table(head, rows, 2, 3, 4)
	}
}

// label names a column: by the model where several were asked by one agent.
func label(s Summary, all []Summary) string {
	for _, o := range all {
		if o.Agent == s.Agent && o.Model != s.Model {
			return s.Model
		}
	}
	return s.Agent
}

// judged says in words what an agent's figures say about the judges.
func (p *printer) judged(s Summary) {
	if s.Attempts == 0 {
		return
	}
	valid := s.Solved + s.Unsolved
	say := func(ok bool, format string, args ...any) {
		color := red
		if ok && s.Invalid == 0 {
			color = green
		}
		p.line("%s", p.paint(color, fmt.Sprintf(format, args...)))
	}
	switch s.Agent {
	case Gold:
		say(s.Unsolved == 0, "gold   the reference solution solved %d of %d attempts", s.Solved, valid)
	case Nop:
		say(s.Solved == 0, "nop    doing nothing solved %d of %d attempts", s.Solved, valid)
	case Wrong:
		say(s.Solved == 0, "wrong  wrong solutions caught: %s", full(s.Caught()))
		if by := s.CaughtBy(); len(by) > 0 {
			p.line("       by %s", clip(tallyLine(by), width-10))
		}
	default:
		if s.Model != "" {
			p.modelled(s)
			p.listRefs("invalid", s.Lost)
		}
		return
	}
	p.listRefs("not as it should be", s.Surprises)
	p.listRefs("invalid", s.Lost)
}

// modelled says in words what a model came to beside those who try the judges.
func (p *printer) modelled(s Summary) {
	p.line("%s  %s", clip(s.Agent, 20), clip(s.Model, 70))
	p.line("       solved %s of its %s", full(Share{s.Solved, s.Solved + s.Unsolved, s.Score}), plural(s.Attempted, "task"))
	if syntax := s.Axes[task.Syntax]; syntax.Interval != nil {
		p.line("       passes syntax: %s", full(syntax))
	}
	if g := s.SurfaceGap; g != nil {
		p.line("       surface gap, syntax less semantics: %s points, %s", points(g.Estimate), withinPoints(g.Interval))
	}
	var parts []string
	for _, e := range ordered(s.Endings, task.Endings) {
		parts = append(parts, fmt.Sprintf("%s %d", e, s.Endings[e]))
	}
	if len(parts) > 0 {
		p.line("       endings: %s", clip(strings.Join(parts, ", "), width-16))
	}
}

func (p *printer) listRefs(what string, refs []Ref) {
	for _, r := range refs[:min(maxShown, len(refs))] {
		line := fmt.Sprintf("%s: %s %s epoch %d", what, r.Task, r.Agent, r.Epoch)
		if r.Reason != "" {
			line += ": " + r.Reason
		}
		p.line("       %s", clip(line, width-7))
	}
	if rest := len(refs) - maxShown; rest > 0 {
		p.line("       and %d more", rest)
	}
}

// Caught is the complement of the score: how many attempts were not solved.
func (s Summary) Caught() Share {
	c := Share{Passed: s.Unsolved, LookedAt: s.Solved + s.Unsolved}
	if s.Score != nil {
		iv := *s.Score
		iv.Estimate, iv.Low, iv.High = 1-iv.Estimate, 1-iv.High, 1-iv.Low
		c.Interval = &iv
	}
	return c
}

// CaughtBy counts unsolved attempts by the grader that decided, as their reasons
// name it.
func (s Summary) CaughtBy() map[string]int {
	out := make(map[string]int)
	for _, r := range s.Reasons {
		if r.Outcome == task.Unsolved {
			grader, _, found := strings.Cut(r.Reason, ":")
			if !found {
				grader = "other"
			}
			out[grader] += r.Count
		}
	}
	return out
}

// tallyLine is "tests 31, api 4", most frequent first.
func tallyLine(m map[string]int) string {
	keys := slices.SortedFunc(maps.Keys(m), func(a, b string) int {
		return cmp.Or(cmp.Compare(m[b], m[a]), cmp.Compare(a, b))
	})
	for i, k := range keys {
		keys[i] = fmt.Sprintf("%s %d", k, m[k])
	}
	return strings.Join(keys, ", ")
}
