package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"metr/internal/task"
)

// writeCSV writes one row an attempt. An axis column holds pass, fail or broken,
// empty where it was not looked at; a label column how many tests passed of how many.
func writeCSV(w io.Writer, h Header, attempts Attempts) (*Report, error) {
	cw := csv.NewWriter(w)
	head := []string{"agent", "model", "task", "epoch", "kind", "language", "outcome", "reason"}
	for _, a := range task.Axes {
		head = append(head, string(a))
	}
	for _, l := range task.Labels {
		head = append(head, string(l)+"_tests")
	}
	head = append(head, "tokens_in", "tokens_cached", "tokens_reasoning", "tokens_out", "cost_usd", "wall_s", "cpu_s", "started", "patch")
	if err := cw.Write(head); err != nil {
		return nil, fmt.Errorf("report: writing: %w", err)
	}
	r, err := each(h, attempts, func(a *task.Attempt) error { return cw.Write(csvRow(a)) })
	if err != nil {
		return nil, err
	}
	cw.Flush()
	return r, cw.Error()
}

func csvRow(a *task.Attempt) []string {
	num := func(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
	out := []string{a.Agent, a.Model, a.Task, strconv.Itoa(a.Epoch), string(a.Kind), string(a.Language), a.Outcome.String(), cell(a.Reason)}
	axes := task.AxisStatus(a.Verdicts)
	for _, x := range task.Axes {
		out = append(out, string(axes[x]))
	}
	for _, l := range task.Labels {
		out = append(out, testCount(a.Verdicts, l))
	}
	for _, n := range []int64{a.Tokens.In, a.Tokens.Cached, a.Tokens.Reasoning, a.Tokens.Out} {
		out = append(out, strconv.FormatInt(n, 10))
	}
	cost, started := "", ""
	if a.CostUSD != nil {
		cost = num(*a.CostUSD)
	}
	if !a.Started.IsZero() {
		started = a.Started.UTC().Format(time.RFC3339)
	}
	return append(out, cost, num(a.WallS), num(a.CPUS), started, a.Patch)
}

// cell keeps a spreadsheet from running a reason as a formula: reasons quote
// programs under test.
func cell(s string) string {
	s = Safe(s)
	if strings.IndexAny(s, "=+-@\t") == 0 {
		return "'" + s
	}
	return s
}

func testCount(vs []task.Verdict, l task.Label) string {
	run, ok := 0, 0
	for _, v := range vs {
		for _, t := range v.Tests {
			if t.Label == l {
				run++
				if t.Status == task.Pass {
					ok++
				}
			}
		}
	}
	if run == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d", ok, run) // not 1/2: spreadsheets read that as a date
}
