package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"metr/internal/agent"
	"metr/internal/dataset"
	"metr/internal/run"
	"metr/internal/runlog"
	"metr/internal/task"
	"metr/internal/workspace"
)

func (a *app) gradeCmd() *cobra.Command {
	var flags runFlags
	var out string
	c := &cobra.Command{
		Use:   "grade SUITE ANSWERS",
		Short: "Grade answers or patches that were made elsewhere",
		Long: `Grade judges answers from a file: samples as HumanEval, EvalPlus and MBXP write
them (task_id with completion or solution), EvalPlus's folder of answers, or
SWE-bench predictions (instance_id, model_patch). Several answers to a task are
its epochs, in the file's order.

--out writes the result in the form of the answers' own project beside the run
log: HumanEval's and MBXP's _results.jsonl, EvalPlus's _eval_results.json, or
SWE-bench's report.`,
		Example: `  metr grade humaneval samples.jsonl --data HumanEval.jsonl.gz
  metr grade mbpp+ samples.jsonl --data MbppPlus.jsonl.gz --out samples_eval_results.json
  metr grade starter predictions.jsonl --json`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.fromConfig(cmd.Flags()); err != nil {
				return err
			}
			return a.grade(cmd.Context(), args[0], args[1], out, flags)
		},
	}
	flags.add(a, c.Flags())
	c.Flags().StringVar(&out, "out", "", "also write the result in the answers' own format to this file")
	return c
}

func (a *app) grade(ctx context.Context, suiteArg, answersPath, out string, flags runFlags) error {
	flags.epochs = 1
	if err := flags.check(); err != nil {
		return err
	}
	l, err := a.loadSuite(ctx, suiteArg, flags.suiteFlags)
	if err == nil {
		err = a.runnable(ctx, &l)
	}
	if err != nil {
		return err
	}
	answers, err := dataset.OpenAnswers(answersPath, l.Suite)
	if err != nil {
		return usageOr(err)
	}
	flags.epochs = max(answers.Epochs, 1)
	j := job{flags: flags, suite: l.Suite, suites: []*task.Suite{l.Suite}, plans: []plan{{"answers", func(*stack) (iter.Seq2[run.Item, error], error) { return answerItems(l.Suite, answers), nil }}}}
	if j.answers, err = digest(answers); err != nil {
		return usageOr(err)
	}
	if err := writable(out); err != nil {
		return err
	}
	if out != "" {
		if _, err := os.Stat(out); err == nil {
			return usage("--out %s: the file exists already", out)
		}
		j.after = func(log *runlog.Log) error { return writeResult(ctx, out, l, answers, log) }
	}
	return a.execute(ctx, j)
}

// digest is over all that a verdict on the answers depends on, so that a run is
// not resumed with others.
func digest(answers *dataset.Answers) (string, error) {
	h := sha256.New()
	enc := json.NewEncoder(h)
	for ans, err := range answers.All() {
		if err == nil {
			err = enc.Encode([]any{ans.TaskID, ans.Epoch, ans.Form, ans.Text, ans.Model})
		}
		if err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("sha256:%x", h.Sum(nil)), nil
}

// answerItems makes an attempt of each answer.
func answerItems(s *task.Suite, answers *dataset.Answers) iter.Seq2[run.Item, error] {
	tasks := make(map[string]*task.Task, len(s.Tasks))
	for _, t := range s.Tasks {
		tasks[t.ID] = t
	}
	return func(yield func(run.Item, error) bool) {
		for ans, err := range answers.All() {
			if err != nil {
				yield(run.Item{}, usageOr(err))
				return
			}
			t := tasks[ans.TaskID]
			if !yield(run.Item{Agent: agent.Fixed{Label: "answers", Work: work(t, ans)}, Task: t, Epoch: ans.Epoch}, nil) {
				return
			}
		}
	}
}

// work turns an answer into what an agent would have done.
func work(t *task.Task, ans dataset.Answer) agent.Work {
	w := agent.Work{Model: ans.Model}
	p, ok := ans.Patch(t)
	switch {
	case ok:
		w.Patch = p
	case ans.Form != dataset.Diff:
		w.Failed = "the answer is a " + string(ans.Form) + " and the task wants a patch"
	default:
		var err error
		if w.Patch, err = workspace.Parse(t.Workspace, ans.Text); err != nil {
			w.Failed = err.Error()
		}
	}
	return w
}

// writeResult writes the result file of the answers' own project, whole or not
// at all.
func writeResult(ctx context.Context, path string, l loaded, answers *dataset.Answers, log *runlog.Log) error {
	byKey := map[task.Key]task.Attempt{}
	for at, err := range log.Attempts(ctx) {
		if err != nil {
			return err
		}
		byKey[at.Key()] = at
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".metr-out-")
	if err != nil {
		return usageError{err}
	}
	defer os.Remove(f.Name())
	w := bufio.NewWriter(f)
	err = eachResult(w, l, answers, byKey)
	err = errors.Join(err, w.Flush(), f.Chmod(0o644), f.Close())
	if err != nil {
		return fmt.Errorf("--out %s: %w", path, err)
	}
	return os.Rename(f.Name(), path)
}

func eachResult(w io.Writer, l loaded, answers *dataset.Answers, byKey map[task.Key]task.Attempt) error {
	plus := l.set != nil && strings.HasSuffix(l.set.Name, "+")
	var evalplus *dataset.EvalPlusResults
	if plus {
		evalplus = dataset.NewEvalPlusResults(l.set)
	}
	swe := dataset.NewSWEBenchReport(l.Suite)
	for ans, err := range answers.All() {
		if err != nil {
			return err
		}
		at := byKey[task.Key{Agent: "answers", Model: ans.Model, Task: ans.TaskID, Epoch: ans.Epoch}]
		var row []byte
		switch {
		case plus:
			err = evalplus.Add(ans, at)
		case ans.Form == dataset.Diff:
			err = swe.Add(ans, at)
		case l.set != nil && strings.HasPrefix(l.set.Name, "mbxp"):
			row, err = dataset.MBXPRow(ans, at)
		default:
			row, err = dataset.HumanEvalRow(ans, at)
		}
		if err != nil {
			return err
		}
		if row != nil {
			if _, err := w.Write(append(json.RawMessage(row), '\n')); err != nil {
				return err
			}
		}
	}
	switch {
	case plus:
		return evalplus.Write(w, time.Now())
	case answers.Format == dataset.Predictions:
		return swe.Write(w)
	}
	return nil
}
