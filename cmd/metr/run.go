package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"metr/internal/report"
	"metr/internal/run"
	"metr/internal/runlog"
	"metr/internal/task"
	"metr/internal/ui"
)

// runFlags are the flags of metr run; metr grade shares most.
type runFlags struct {
	suiteFlags
	agents  []string
	epochs  int
	log     string
	resume  bool
	jobs    int
	shard   string
	timeout time.Duration
	dryRun  bool
	sandbox string
	config  string
	models  modelFlags
	seeded  bool // --seed was given
}

func (r *runFlags) add(a *app, f *pflag.FlagSet) {
	r.suiteFlags.add(f)
	f.StringVar(&r.log, "log", "", "where the run is kept (default runs/TIME-SUITE-AGENT)")
	f.BoolVar(&r.resume, "resume", false, "go on with the run in --log: what is in it is not done again")
	f.IntVarP(&r.jobs, "jobs", "j", runtime.NumCPU(), "attempts at once")
	f.StringVar(&r.shard, "shard", "", "only part i of n of the attempts, as in 2/8")
	f.DurationVar(&r.timeout, "timeout", 0, "CPU time of one program under test, instead of the task's own limit")
	f.BoolVar(&r.dryRun, "dry-run", false, "say what would run, and end")
	f.StringVar(&r.sandbox, "sandbox", "auto", "auto, native or none")
	f.StringVar(&r.config, "config", "", "TOML file with values for these flags, by their names")
	f.BoolVar(&a.json, "json", false, "one event a line on standard output")
	f.BoolVarP(&a.quiet, "quiet", "q", false, "no progress and no notices")
}

func (a *app) runCmd() *cobra.Command {
	var flags runFlags
	c := &cobra.Command{
		Use:   "run [SUITE...]",
		Short: "Solve tasks with an agent and grade what it did",
		Long: `Run has each agent solve each task of the suites, once an epoch, judges what it
did, and keeps everything in a run log. A suite is a word (metr suite ls), a
folder of tasks, or a file of a published data set; SUITE/GLOB selects tasks.

Agents: gold (the reference solution), nop (nothing), wrong (every wrong
solution that the suite brings, to see that the judges catch them),
replay:LOG or replay:LOG#AGENT (the attempts of an earlier run, judged again);
and with --model: model (one call, no tools), loop (the built-in agent with
tools), codex, claude, copilot, opencode, gemini, qwen, and exec:CMD (any
program). See metr help agents and metr help models.

Without arguments it runs gold, nop and wrong over the starter suite, and judges
what a small real model answered when it was recorded. With a model and no
agent, the agent is model.`,
		Example: `  metr run
  metr run starter/py-* --agent gold --epochs 3
  metr run humaneval --data HumanEval.jsonl.gz --agent gold --json
  metr run humaneval --model ollama/qwen2.5-coder:1.5b
  metr run starter --agent loop --model openai/gpt-5@high --budget 5`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.fromConfig(cmd.Flags()); err != nil {
				return err
			}
			flags.seeded = cmd.Flags().Changed("seed")
			return a.run(cmd.Context(), args, flags)
		},
	}
	flags.add(a, c.Flags())
	flags.models.add(c.Flags())
	c.Flags().VarP(listFlag{&flags.agents}, "agent", "a", "agents (default gold,nop,wrong; model where there is a --model)")
	c.Flags().IntVar(&flags.epochs, "epochs", 1, "attempts at each task")
	return c
}

// fromConfig sets flags from the file of --config, strictly: an unknown key or
// a value that the flag does not take is an error. The command line wins.
func (r *runFlags) fromConfig(f *pflag.FlagSet) error {
	if r.config == "" {
		return nil
	}
	b, err := os.ReadFile(r.config)
	if err != nil {
		return usageError{err}
	}
	var values map[string]any
	if err := toml.Unmarshal(b, &values); err != nil {
		var de *toml.DecodeError
		if errors.As(err, &de) {
			row, _ := de.Position()
			return usage("%s:%d: %s", r.config, row, strings.TrimPrefix(de.Error(), "toml: "))
		}
		return usage("%s: %w", r.config, err)
	}
	for key, v := range values {
		flag := f.Lookup(key)
		if flag == nil || key == "config" || key == "help" {
			return usage("%s: unknown key %q; the keys are the names of the flags of this verb", where(r.config, b, key), key)
		}
		if flag.Changed {
			continue
		}
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		for _, x := range list {
			text := fmt.Sprint(x)
			if err := f.Set(key, text); err != nil {
				return usage("%s: %s %q: expected %s", where(r.config, b, key), key, text, wanted(flag))
			}
		}
	}
	return nil
}

// where is FILE:LINE of a key of a TOML file without tables.
func where(file string, text []byte, key string) string {
	at := regexp.MustCompile(`(?m)^[ \t]*["']?` + regexp.QuoteMeta(key) + `["']?[ \t]*=`).FindIndex(text)
	if at == nil {
		return file
	}
	return fmt.Sprintf("%s:%d", file, 1+bytes.Count(text[:at[0]], []byte("\n")))
}

// modelSeed is the seed that models are given: one of their own, or --seed where
// it was asked for.
func (r *runFlags) modelSeed() *int64 {
	if r.models.modelSeed == nil && r.seeded {
		return &r.seed
	}
	return r.models.modelSeed
}

func (r *runFlags) check() error {
	switch {
	case r.epochs < 1:
		return usage("--epochs %d: expected a number from 1", r.epochs)
	case r.jobs < 1:
		return usage("--jobs %d: expected a number from 1", r.jobs)
	case r.timeout < 0:
		return usage("--timeout %v: expected a time above 0", r.timeout)
	case r.resume && r.log == "":
		return usage("--resume needs --log: which run is to go on?")
	}
	return nil
}

func (a *app) run(ctx context.Context, args []string, flags runFlags) error {
	first := len(args) == 0 && len(flags.agents) == 0 && len(flags.models.models) == 0
	if len(args) == 0 {
		args = []string{"starter"}
	}
	if len(flags.agents) == 0 {
		flags.agents = []string{"gold", "nop", "wrong"}
		if len(flags.models.models) > 0 {
			flags.agents = []string{"model"}
		}
	}
	if err := flags.check(); err != nil {
		return err
	}
	if err := flags.models.check(); err != nil {
		return err
	}
	flags.models.offline = flags.dryRun || flags.models.replay != ""
	var suites []*task.Suite
	for _, arg := range args {
		l, err := a.loadSuite(ctx, arg, flags.suiteFlags)
		if err == nil {
			err = a.runnable(ctx, &l)
		}
		if err != nil {
			return err
		}
		suites = append(suites, l.Suite)
	}
	s, err := join(suites)
	if err != nil {
		return err
	}
	plans, closers, err := a.agents(ctx, s, flags)
	for _, c := range closers {
		defer c.Close()
	}
	if err != nil {
		return err
	}
	if first { // beside those who try the judges, what a real model answered
		p, ok, err := recorded(ctx, s)
		if err != nil {
			return err
		}
		if ok {
			plans = append(plans, p)
		}
	}
	return a.execute(ctx, job{flags: flags, suite: s, suites: suites, plans: plans})
}

// join makes one suite of several.
func join(suites []*task.Suite) (*task.Suite, error) {
	if len(suites) == 1 {
		return suites[0], nil
	}
	out := &task.Suite{}
	var names, digests []string
	for _, s := range suites {
		names, digests = append(names, s.Name), append(digests, s.Digest)
		out.Tasks = append(out.Tasks, s.Tasks...)
	}
	out.Name, out.Digest = strings.Join(names, "+"), strings.Join(digests, "+")
	if err := out.CheckIDs(); err != nil {
		return nil, usageError{err}
	}
	return out, nil
}

// job is a list of attempts to be made, judged, logged and reported.
type job struct {
	flags   runFlags
	suite   *task.Suite
	suites  []*task.Suite
	plans   []plan
	answers string             // digest of the answers that are graded; "" where an agent makes them
	each    func(task.Attempt) // told of each attempt beside the printer; may be nil
	after   func(*runlog.Log) error
}

func (a *app) execute(ctx context.Context, j job) error {
	flags := j.flags
	shard, err := run.ParseShard(flags.shard)
	if err != nil {
		return usageError{err}
	}
	items, err := j.items(nil)
	if err != nil {
		return err
	}
	items = shard.Of(items)
	total, err := run.Count(items)
	if err != nil {
		return err
	}
	if flags.timeout > 0 {
		for _, t := range j.suite.Tasks {
			t.Limits.CPU, t.Limits.Wall = flags.timeout, 4*flags.timeout+10*time.Second
		}
	}
	if flags.dryRun {
		return a.dryRun(ctx, j, items, total)
	}
	st, err := a.newStack(flags.sandbox)
	if err != nil {
		return err
	}
	defer st.Close()
	for _, s := range j.suites {
		if err := st.judge.Check(s); err != nil {
			return usageError{err}
		}
	}
	tools, err := st.prepare(ctx, j.suite.Tasks)
	if err != nil {
		return err
	}
	m := st.manifest(tools, j.suites...)
	m.Agents, m.Epochs, m.Seed, m.Shard = j.agents(), flags.epochs, flags.seed, flags.shard
	config := map[string]any{"timeout_s": flags.timeout.Seconds(), "kind": flags.kinds, "language": flags.languages, "limit": flags.limit, "sample": flags.sample, "answers": j.answers}
	if len(flags.models.models) > 0 {
		if len(flags.models.models) == 1 {
			m.Model = flags.models.models[0]
		}
		if config["agents"], err = flags.models.settings(flags.modelSeed()); err != nil {
			return err
		}
	}
	if m.Config, err = json.Marshal(config); err != nil {
		return err
	}
	if flags.log == "" {
		flags.log = filepath.Join("runs", time.Now().Format("20060102-150405")+"-"+fileName(j.suite.Name)+"-"+fileName(strings.Join(j.agents(), "+")))
	}
	if st.hub, err = a.newHub(ctx, &flags.models, flags.modelSeed()); err != nil {
		return err
	}
	defer st.hub.Close()
	if items, err = j.items(st); err != nil {
		return err
	}
	items = shard.Of(items)
	log, done, err := a.openLog(ctx, flags, m)
	if err != nil {
		return err
	}
	a.resumeHint = fmt.Sprintf("; the same command with --resume --log %s goes on", flags.log)
	began := time.Now()
	p := a.printer()
	p.Start(total, len(done))
	r := &run.Runner{Judge: st.judge, Log: log, Done: done, Jobs: flags.jobs, Retry: flags.models.retry, Event: func(at task.Attempt) {
		p.Attempt(at)
		if j.each != nil {
			j.each(at)
		}
	}}
	err = r.Run(ctx, items)
	p.Stop()
	if cerr := log.Close(); err == nil && cerr != nil {
		err = fmt.Errorf("run log: %w", cerr)
	}
	if cerr := st.hub.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	if log, err = runlog.Open(ctx, flags.log); err != nil {
		return err
	}
	defer log.Close()
	h := report.Header{
		Log: flags.log, Suite: j.suite.Name, SuiteDigest: j.suite.Digest, Agents: j.agents(), Model: m.Model, Epochs: flags.epochs,
		Tasks: len(j.suite.Tasks), Sandbox: st.backend.Name(), WallS: time.Since(began).Seconds(),
	}
	if err := a.show(ctx, log, h); err != nil {
		return err
	}
	if j.after != nil {
		return j.after(log)
	}
	return nil
}

// items chains the attempts of all agents.
func (j job) items(st *stack) (iter.Seq2[run.Item, error], error) {
	var seqs []iter.Seq2[run.Item, error]
	for _, p := range j.plans {
		seq, err := p.make(st)
		if err != nil {
			return nil, err
		}
		seqs = append(seqs, seq)
	}
	return run.Chain(seqs...), nil
}

// agents are the names of the agents.
func (j job) agents() []string {
	var out []string
	for _, p := range j.plans {
		out = append(out, p.name)
	}
	return out
}

// openLog creates the run's log, or opens it to go on.
func (a *app) openLog(ctx context.Context, flags runFlags, m runlog.Manifest) (*runlog.Log, map[task.Key]bool, error) {
	done := map[task.Key]bool{}
	if !flags.resume {
		l, err := runlog.Create(ctx, flags.log, m)
		if errors.Is(err, runlog.ErrExists) {
			err = fmt.Errorf("%w; --resume goes on with it", err)
		}
		if err != nil {
			return nil, nil, usageOr(err)
		}
		return l, done, nil
	}
	l, err := runlog.Open(ctx, flags.log)
	if err != nil {
		return nil, nil, usageOr(err)
	}
	if what := differs(l.Manifest(), m); what != "" {
		l.Close()
		return nil, nil, usage("log %s is of another run: its %s differs; --resume goes on with the same run only", flags.log, what)
	}
	outcomes, err := l.Done(ctx)
	if err != nil {
		l.Close()
		return nil, nil, err
	}
	for k := range outcomes {
		done[k] = true
	}
	return l, done, nil
}

// differs names the first part of the plan in which two runs differ.
func differs(old, now runlog.Manifest) string {
	equal := func(a, b any) bool {
		x, _ := json.Marshal(a)
		y, _ := json.Marshal(b)
		return bytes.Equal(x, y)
	}
	answers := func(m runlog.Manifest) string {
		var c struct{ Answers string }
		_ = json.Unmarshal(m.Config, &c)
		return c.Answers
	}
	switch {
	case answers(old) != answers(now):
		return "set of answers"
	case !equal(old.Suites, now.Suites):
		return "suite"
	case !equal(old.Agents, now.Agents):
		return "list of agents"
	case old.Epochs != now.Epochs:
		return "number of epochs"
	case old.Sandbox.Backend != now.Sandbox.Backend || old.Sandbox.Weakened != now.Sandbox.Weakened:
		return "sandbox"
	case !equal(old.Config, now.Config):
		return "configuration"
	case old.Shard != now.Shard:
		return "shard"
	}
	return ""
}

func (a *app) printer() ui.Printer {
	switch {
	case a.json:
		return ui.JSON{Encoder: report.NewEncoder(a.stdout)}
	case a.quiet:
		return ui.Quiet{}
	case tty(a.stderr):
		return &ui.Live{W: a.stderr}
	}
	return &ui.Plain{W: a.stderr}
}

// show prints what the run came to.
func (a *app) show(ctx context.Context, log *runlog.Log, h report.Header) error {
	rep, err := report.Summarize(h, log.Attempts(ctx))
	if err != nil {
		return err
	}
	o := report.Options{Color: a.color()}
	if a.json {
		err = report.NewEncoder(a.stdout).Summaries(rep)
	} else {
		if _, ok := rep.Find("wrong"); ok {
			// Side by side, so that one screen shows whether the judges tell right
			// from wrong; metr report has the rest.
			err = report.Judges(a.stdout, rep, o)
		} else {
			err = report.Text(a.stdout, rep, o)
		}
		if err == nil {
			fmt.Fprintf(a.stdout, "\nThe run is kept in %s; metr report %s shows all of its figures.\n", h.Log, h.Log)
		}
	}
	if err == nil && rep.Invalid() > 0 {
		err = errInvalid
	}
	return err
}

// fileName makes s fit for a file's name.
func fileName(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>| `, r) {
			return '-'
		}
		return r
	}, s)
}
