package main

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"metr/internal/check"
	"metr/internal/dataset"
	"metr/internal/task"
)

func (a *app) suiteCmd() *cobra.Command {
	c := &cobra.Command{
		Use:   "suite",
		Short: "List suites, show a task, check that tasks are fair judges",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(a.suiteLsCmd(), a.suiteShowCmd(), a.suiteCheckCmd())
	return c
}

func (a *app) suiteLsCmd() *cobra.Command {
	var flags suiteFlags
	c := &cobra.Command{
		Use:     "ls [SUITE]",
		Short:   "List the suites, or the tasks of one",
		Example: "  metr suite ls\n  metr suite ls starter --kind debug",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				if _, err := flags.filter(); err != nil {
					return err
				}
				t := a.table("suite", "what it is")
				t.AppendRow(table.Row{"starter", "METR's own tasks: nine kinds in Go, Python, JavaScript and TypeScript; needs nothing"})
				for _, w := range dataset.Words() {
					t.AppendRow(table.Row{w, "published data set, fetched on first use or read with --data FILE"})
				}
				t.Render()
				fmt.Fprintln(a.stdout, "A folder of tasks or a file of a data set is a suite too.")
				return nil
			}
			l, err := a.loadSuite(cmd.Context(), args[0], flags)
			if err != nil {
				return err
			}
			t := a.table("task", "kind", "language", "minutes", "title")
			for _, x := range l.Tasks {
				minutes := ""
				if x.HumanMinutes > 0 {
					minutes = fmt.Sprint(x.HumanMinutes)
				}
				t.AppendRow(table.Row{x.ID, x.Kind, x.Language, minutes, x.Title})
			}
			t.Render()
			fmt.Fprintf(a.stdout, "%d tasks, %s\n", len(l.Tasks), l.Digest)
			return nil
		},
	}
	flags.add(c.Flags())
	return c
}

// table is a plain table on standard output.
func (a *app) table(head ...any) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(a.stdout)
	s := table.StyleLight
	s.Options = table.OptionsNoBordersAndSeparators
	t.SetStyle(s)
	t.AppendHeader(head)
	return t
}

func (a *app) suiteShowCmd() *cobra.Command {
	var flags suiteFlags
	var hidden bool
	c := &cobra.Command{
		Use:     "show SUITE/TASK",
		Short:   "Show what a task asks, its files and who judges it",
		Example: "  metr suite show starter/py-login\n  metr suite show humaneval/HumanEval/0 --data HumanEval.jsonl.gz",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := a.loadSuite(cmd.Context(), args[0], flags)
			if err != nil {
				return err
			}
			for _, t := range l.Tasks {
				a.showTask(t, hidden)
			}
			return nil
		},
	}
	flags.add(c.Flags())
	c.Flags().BoolVar(&hidden, "hidden", false, "also the names of hidden tests and known answers")
	return c
}

func (a *app) showTask(t *task.Task, hidden bool) {
	fmt.Fprintf(a.stdout, "%s  version %d, %s, %s\n", t.ID, t.Version, t.Kind, t.Language)
	if t.Title != "" {
		fmt.Fprintf(a.stdout, "%s\n", t.Title)
	}
	if t.HumanMinutes > 0 {
		fmt.Fprintf(a.stdout, "%g minutes for a person (%s); licence %s, created %s\n", t.HumanMinutes, t.HumanMinutesSource, t.Licence, t.Created)
	}
	fmt.Fprintf(a.stdout, "\n%s\n\nworkspace:\n", strings.TrimSpace(t.Instruction))
	for _, p := range t.Workspace.Paths() {
		fmt.Fprintf(a.stdout, "  %s (%d bytes)\n", p, len(t.Workspace[p].Data))
	}
	fmt.Fprintln(a.stdout, "graders:")
	for _, g := range t.Graders {
		how := "reported"
		if g.Required {
			how = "required"
		}
		fmt.Fprintf(a.stdout, "  %s (%s)\n", g.Name, how)
	}
	if !hidden {
		return
	}
	fmt.Fprintln(a.stdout, "hidden tests:")
	for _, p := range t.Tests.Paths() {
		fmt.Fprintf(a.stdout, "  %s\n", p)
	}
	for _, w := range t.Wrong {
		fmt.Fprintf(a.stdout, "wrong %s: %s (caught by %s %s)\n", w.Name, w.Why, w.Grader, w.Label)
	}
	for _, v := range t.Alternative {
		fmt.Fprintf(a.stdout, "alternative %s: %s\n", v.Name, v.Why)
	}
}

func (a *app) suiteCheckCmd() *cobra.Command {
	var flags suiteFlags
	var runs, jobs, load int
	var sandboxName string
	c := &cobra.Command{
		Use:   "check SUITE",
		Short: "Is each task a fair judge?",
		Long: `Check judges each task's own answers: the reference solution must pass in every
run, doing nothing must fail, every wrong solution must fail for the grader and
test label that it names and for nothing else, every alternative must pass.
--load keeps processors busy meanwhile: a judge must not depend on a quiet
machine. The exit status is 1 if any task is not fair.`,
		Example: "  metr suite check starter\n  metr suite check ./my-tasks --runs 10 --load 1 --json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			l, err := a.loadSuite(ctx, args[0], flags)
			if err == nil {
				err = a.runnable(ctx, &l)
			}
			if err != nil {
				return err
			}
			if runs < 1 || jobs < 1 || load < 0 {
				return usage("--runs and --jobs: expected numbers from 1; --load: from 0")
			}
			st, err := a.newStack(sandboxName)
			if err != nil {
				return err
			}
			defer st.Close()
			if err := st.judge.Check(l.Suite); err != nil {
				return usageError{err}
			}
			if _, err := st.prepare(ctx, l.Tasks); err != nil {
				return err
			}
			stop := busy(ctx, load)
			defer stop()
			return a.check(ctx, &check.Checker{Judge: st.judge, Runs: runs, Jobs: jobs}, l.Suite)
		},
	}
	flags.add(c.Flags())
	c.Flags().IntVar(&runs, "runs", 3, "runs of the reference solution")
	c.Flags().IntVarP(&jobs, "jobs", "j", runtime.NumCPU(), "tasks at once")
	c.Flags().IntVar(&load, "load", 0, "processors to keep busy meanwhile")
	c.Flags().StringVar(&sandboxName, "sandbox", "auto", "auto, native or none")
	c.Flags().BoolVar(&a.json, "json", false, "one line a task on standard output")
	return c
}

// busy keeps n processors busy until stop is called.
func busy(ctx context.Context, n int) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	for range n {
		go func() {
			for ctx.Err() == nil {
			}
		}()
	}
	return cancel
}

func (a *app) check(ctx context.Context, c *check.Checker, s *task.Suite) error {
	enc := json.NewEncoder(a.stdout)
	bad := 0
	_, err := c.Check(ctx, s, func(r check.Result) {
		if !r.OK() {
			bad++
		}
		if a.json {
			_ = enc.Encode(r)
			return
		}
		mark := "fair    "
		if !r.OK() {
			mark = "NOT FAIR"
		}
		fmt.Fprintf(a.stdout, "%s %-24s gold %d/%d, wrong caught %d/%d, alternatives %d/%d\n", mark, r.Task, r.Gold, r.GoldRuns, r.Wrong, r.Wrongs, r.Alternative, r.Alternatives)
		for _, f := range r.Findings {
			fmt.Fprintf(a.stdout, "           %s: %s\n", f.Answer, f.What)
		}
	})
	if err != nil {
		return err
	}
	if !a.json {
		fmt.Fprintf(a.stdout, "%d of %d tasks are fair judges as far as was looked\n", len(s.Tasks)-bad, len(s.Tasks))
	}
	if bad > 0 {
		return errNo
	}
	return nil
}
