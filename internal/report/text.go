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

// Text writes tables for people, at most 100 columns wide: the comparison of
// agents where there are several, then each agent's figures.
func Text(w io.Writer, r *Report, o Options) error {
	p := &printer{Writer: bufio.NewWriter(w), color: o.Color}
	p.heading(r)
	if len(r.Summaries) > 1 {
		p.agents(r.Summaries)
	}
	for _, s := range r.Summaries {
		p.summary(s)
	}
	if len(r.Summaries) == 0 {
		p.line("no attempts")
	} else {
		p.legend()
	}
	return p.Flush()
}

func (p *printer) heading(r *Report) {
	h := r.Header
	tasks, epochs := h.Tasks, h.Epochs
	for _, s := range r.Summaries {
		tasks, epochs = max(tasks, s.Tasks), max(epochs, s.Epochs)
	}
	p.line("%s", p.paint(bold, clip(cmp.Or(h.Suite, "run"), width-52))+
		fmt.Sprintf("  %s, %s, sandbox %s", plural(tasks, "task"), plural(epochs, "epoch"), clip(cmp.Or(h.Sandbox, "not recorded"), 16)))
	if h.WallS > 0 {
		p.line("run    took %s", seconds(h.WallS))
	}
	if h.SuiteDigest != "" {
		p.line("digest %s", clip(h.SuiteDigest, width-7))
	}
	if h.Log != "" {
		p.line("log    %s", clip(h.Log, width-7))
	}
	if h.Sandbox == "none" {
		p.line("%s", p.paint(yellow, "without a sandbox: programs under test could read the judge, so no figure here is safe from forgery"))
	}
}

func (p *printer) summary(s Summary) {
	p.line("")
	title := clip(s.Agent, 40)
	if s.Model != "" {
		title += "  " + clip(s.Model, 50)
	}
	p.line("%s", p.paint(bold, title))
	if s.Attempted < s.Tasks {
		p.line("%s", p.paint(yellow, fmt.Sprintf("%d of %d tasks attempted: every figure is about those alone", s.Attempted, s.Tasks)))
	}
	p.shares(s)
	if s.Bounds != nil {
		p.line("%s", p.paint(yellow, fmt.Sprintf("%d of %d attempts invalid: with them the score is between %s (none solved) and %s (all solved)",
			s.Invalid, s.Attempts, percent(s.Bounds.Low), percent(s.Bounds.High))))
	}
	p.gaps(s)
	p.passK(s)
	p.endings(s)
	p.reasons(s)
	p.refs("invalid, and tried again by --resume:", s.Lost, s.Invalid)
	p.line("")
	p.line("tokens %d in, %d out   attempts took %s   cpu %s", s.Tokens.In, s.Tokens.Out, seconds(s.AttemptS), seconds(s.CPUS))
	p.line("cost %s", cost(s))
}

// shares is the main table: the score, then by axis, label, kind and language.
func (p *printer) shares(s Summary) {
	var rows []table.Row
	add := func(name string, x Share) {
		if x.Interval == nil {
			rows = append(rows, table.Row{name, "", 0, none, "", ""})
			return
		}
		rows = append(rows, table.Row{name, x.Passed, x.LookedAt, percent(x.Interval.Estimate), within(*x.Interval), p.paint(shade(x), bar(x.Interval))})
	}
	score := Share{s.Solved, s.Solved + s.Unsolved, s.Score}
	add("solved", score)
	rows = append(rows, nil)
	for _, a := range task.Axes {
		add(string(a), s.Axes[a])
	}
	rows = append(rows, nil)
	for _, l := range task.Labels {
		add(string(l)+" tests", s.Labels[l])
	}
	rows = append(rows, nil)
	for _, k := range ordered(s.Kinds, task.Kinds) {
		add(clip("kind "+string(k), 24), s.Kinds[k])
	}
	rows = append(rows, nil)
	for _, l := range ordered(s.Languages, task.Languages) {
		add(clip("language "+string(l), 24), s.Languages[l])
	}
	p.table(table.Row{"", "passed", "of", "share", "95 % interval", "0 %" + fmt.Sprintf("%*s", barWidth-3, "100 %")}, rows, 2, 3, 4, 5)
}

func shade(x Share) string {
	switch x.Passed {
	case x.LookedAt:
		return green
	case 0:
		return red
	}
	return yellow
}

func (p *printer) gaps(s Summary) {
	var rows []table.Row
	add := func(name string, g *Gap) {
		if g == nil {
			rows = append(rows, table.Row{name, none, "", 0})
			return
		}
		rows = append(rows, table.Row{name, points(g.Estimate), withinPoints(g.Interval), g.Attempts})
	}
	add("surface gap: syntax less semantics", s.SurfaceGap)
	for _, l := range task.Labels {
		if g, ok := s.LabelGaps[l]; ok {
			add("typical less "+string(l)+" tests", &g)
		}
	}
	p.line("")
	p.table(table.Row{"paired by attempt", "points", "95 % interval", "attempts"}, rows, 2, 3, 4)
}

func (p *printer) passK(s Summary) {
	if s.Epochs < 2 || len(s.PassAt) == 0 && s.Refused == "" {
		return
	}
	p.line("")
	var rows []table.Row
	for _, k := range slices.Sorted(maps.Keys(s.PassAt)) {
		at, hat := s.PassAtInterval[k], s.PassHatInterval[k]
		rows = append(rows, table.Row{k, percent(at.Estimate), within(at), percent(hat.Estimate), within(hat)})
	}
	if len(rows) > 0 {
		p.table(table.Row{"k", "pass@k", "95 % interval", "pass^k", "95 % interval"}, rows, 1, 2, 3, 4, 5)
	}
	if s.Refused != "" {
		p.line("not given: %s", clip(s.Refused, width-11))
	}
}

// endings tells how the work of an agent that asks a model ended: a refusal or
// an answer that was cut is no wrong answer, and shows here.
func (p *printer) endings(s Summary) {
	if len(s.Endings) == 0 {
		return
	}
	var parts []string
	for _, e := range ordered(s.Endings, task.Endings) {
		parts = append(parts, fmt.Sprintf("%s %d", e, s.Endings[e]))
	}
	p.line("")
	p.line("endings  %s", clip(strings.Join(parts, ", "), width-9))
}

func (p *printer) reasons(s Summary) {
	if len(s.Reasons) == 0 {
		return
	}
	p.line("")
	var rows []table.Row
	shown, counted := 0, 0
	for _, r := range s.Reasons[:min(maxShown, len(s.Reasons))] {
		rows = append(rows, table.Row{r.Count, r.Outcome.String(), clip(r.Reason, 75)})
		shown++
		counted += r.Count
	}
	p.table(table.Row{"count", "outcome", "reason"}, rows, 1)
	if rest := len(s.Reasons) - shown; rest > 0 {
		p.line("and %s for %s", plural(rest, "other reason"), plural(s.Unsolved+s.Invalid-counted, "attempt"))
	}
}

func (p *printer) refs(what string, refs []Ref, total int) {
	if total == 0 {
		return
	}
	p.line("")
	p.line("%s", p.paint(yellow, what))
	for _, r := range refs[:min(maxShown, len(refs))] {
		p.line("  %s", clip(fmt.Sprintf("%s %s epoch %d: %s", r.Task, r.Agent, r.Epoch, cmp.Or(r.Reason, "no reason recorded")), width-2))
	}
	if rest := total - min(maxShown, len(refs)); rest > 0 {
		p.line("  and %d more", rest)
	}
}

func (p *printer) legend() {
	p.line("")
	p.line("Intervals hold 95 %%: Wilson's; with several epochs at an effective sample size, clustered by task.")
	p.line("An axis or label counts an attempt as passed if all that was looked at there passed. Invalid")
	p.line("attempts are in no share. The line is the interval, the dot the estimate.")
}
