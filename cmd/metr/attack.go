package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/schollz/progressbar/v3"

	"metr/internal/report"
	"metr/internal/sandbox/attack"
)

// attacks are the flags of doctor --attack.
type attacks struct {
	sandbox string
	only    []string
}

// attackSummary is the last line of --json.
type attackSummary struct {
	Event       string  `json:"event"`
	Sandbox     string  `json:"sandbox"`
	Attacks     int     `json:"attacks"`
	Held        int     `json:"held"`
	Broken      int     `json:"broken"`
	NotPromised int     `json:"not_promised"`
	NotHere     int     `json:"not_applicable"`
	Failed      int     `json:"error"`
	WallS       float64 `json:"wall_s"`
}

// attack tries the corpus and shows what came of it.
func (a *app) attack(ctx context.Context, try attacks) error {
	all := attack.All()
	for _, name := range try.only {
		if !slices.ContainsFunc(all, func(x *attack.Attack) bool { return x.Name == name }) {
			var names []string
			for _, x := range all {
				names = append(names, x.Name)
			}
			return usage("--only %s: no such attack; expected some of %s", name, strings.Join(names, ", "))
		}
	}
	s := &stack{}
	defer s.Close()
	if err := a.pickSandbox(s, try.sandbox); err != nil {
		return err
	}
	b := s.backend
	opts := attack.Options{Only: try.only, Traits: attack.Of(b)}
	var bar *progressbar.ProgressBar
	if tty(a.stderr) && !a.quiet {
		total := len(all)
		if len(try.only) > 0 {
			total = len(try.only)
		}
		bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(a.stderr), progressbar.OptionSetWidth(24),
			progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(false))
		opts.Start = func(x *attack.Attack) { bar.Describe(fmt.Sprintf("%-16s", x.Name)) }
	}
	sum := attackSummary{Event: "summary", Sandbox: b.Name()}
	var found []attack.Finding
	began := time.Now()
	var printing error
	err := attack.Run(ctx, b, opts, func(f attack.Finding) {
		found = append(found, f)
		sum.add(f)
		if bar != nil {
			_ = bar.Add(1)
		}
		if a.json && printing == nil {
			printing = json.NewEncoder(a.stdout).Encode(struct {
				Event string `json:"event"`
				attack.Finding
			}{"attack", f})
		}
	})
	if bar != nil {
		_ = bar.Finish()
	}
	if err != nil {
		return err
	}
	sum.WallS = time.Since(began).Seconds()
	switch {
	case a.json && printing == nil:
		printing = json.NewEncoder(a.stdout).Encode(sum)
	case !a.json:
		a.printFindings(found, sum)
	}
	if printing != nil {
		return printing
	}
	return sum.answer()
}

// answer is no if anything broke; if the corpus itself failed there is none.
func (s *attackSummary) answer() error {
	switch {
	case s.Broken > 0:
		return errNo
	case s.Failed > 0:
		return errInvalid
	}
	return nil
}

func (s *attackSummary) add(f attack.Finding) {
	s.Attacks++
	switch f.Status {
	case attack.Held:
		s.Held++
	case attack.Broken:
		s.Broken++
	case attack.NotPromised:
		s.NotPromised++
	case attack.NotHere:
		s.NotHere++
	case attack.Failed:
		s.Failed++
	}
}

// printFindings writes a table of each class, then what did not hold and why.
func (a *app) printFindings(found []attack.Finding, sum attackSummary) {
	var bad []string
	for _, c := range attack.Classes {
		t := a.table(string(c), "what it tries", "")
		t.SetColumnConfigs([]table.ColumnConfig{
			{Number: 1, WidthMin: 16}, {Number: 2, WidthMin: 76, WidthMax: 76, WidthMaxEnforcer: text.WrapSoft},
		})
		for _, f := range found {
			if f.Class != c {
				continue
			}
			t.AppendRow(table.Row{f.Attack, f.Tries, f.Status})
			if f.Status == attack.Broken || f.Status == attack.Failed {
				bad = append(bad, fmt.Sprintf("%s: %s: %s\n    what must hold: %s", f.Attack, f.Status, report.Safe(f.Detail), f.Holds))
			}
		}
		if t.Length() > 0 {
			t.Render()
			fmt.Fprintln(a.stdout)
		}
	}
	if len(bad) > 0 {
		fmt.Fprintf(a.stdout, "What did not hold:\n  %s\n\n", strings.Join(bad, "\n  "))
	}
	line := fmt.Sprintf("%s: %d attacks in %.0f s: %d held, %d broken", sum.Sandbox, sum.Attacks, sum.WallS, sum.Held, sum.Broken)
	for _, more := range []struct {
		n    int
		what attack.Status
	}{{sum.NotPromised, attack.NotPromised}, {sum.NotHere, attack.NotHere}, {sum.Failed, attack.Failed}} {
		if more.n > 0 {
			line += fmt.Sprintf(", %d %s", more.n, more.what)
		}
	}
	fmt.Fprintln(a.stdout, line)
}
