package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"metr/internal/agent"
	"metr/internal/agent/cli"
	"metr/internal/agent/loop"
	oneshot "metr/internal/agent/model"
	"metr/internal/run"
	"metr/internal/task"
)

// listFlag is a list of agents: by commas, except that exec:CMD takes all that
// follows.
type listFlag struct{ list *[]string }

func (l listFlag) String() string {
	if l.list == nil {
		return ""
	}
	return strings.Join(*l.list, ",")
}

func (l listFlag) Set(s string) error {
	for s != "" {
		if strings.HasPrefix(s, "exec:") {
			*l.list = append(*l.list, s)
			return nil
		}
		var one string
		one, s, _ = strings.Cut(s, ",")
		if one != "" {
			*l.list = append(*l.list, one)
		}
	}
	return nil
}

func (listFlag) Type() string { return "agents" }

// plan is the attempts of one agent. They are counted without a stack, and made
// with one.
type plan struct {
	name string // for the manifest
	make func(*stack) (iter.Seq2[run.Item, error], error)
}

// knownAgents are the names that --agent takes.
func knownAgents() string {
	return "gold, nop, wrong, alternative, replay:LOG, model, loop, exec:CMD, " + strings.Join(cli.Names(), ", ")
}

// asks says whether an agent of that name needs a model; may, whether it can do
// with one.
func asks(name string) (needs, may bool) {
	switch {
	case strings.HasPrefix(name, "exec:"):
		return false, true
	case name == "model", name == "loop", slices.Contains(cli.Names(), name):
		return true, true
	}
	return false, false
}

// agents plans the attempts that the agents are to make.
func (a *app) agents(ctx context.Context, s *task.Suite, flags runFlags) (plans []plan, closers []io.Closer, err error) {
	models := len(flags.models.models)
	used := false
	for _, name := range flags.agents {
		needs, may := asks(name)
		used = used || may
		if needs && models == 0 {
			return nil, closers, usage("agent %s needs a model: name one with --model PROVIDER/NAME, as in ollama/qwen2.5-coder:1.5b; see metr help models", name)
		}
	}
	if models > 0 && !used {
		return nil, closers, usage("--model %s: none of the agents %s asks a model; --agent model does", flags.models.models[0], strings.Join(flags.agents, ", "))
	}
	known := func(agents ...agent.Agent) func(*stack) (iter.Seq2[run.Item, error], error) {
		return func(*stack) (iter.Seq2[run.Item, error], error) { return run.Each(s, agents, flags.epochs), nil }
	}
	for _, name := range flags.agents {
		kind, rest, _ := strings.Cut(name, ":")
		needs, _ := asks(name)
		switch {
		case name == "gold":
			plans = append(plans, plan{name, known(agent.Gold{})})
		case name == "nop":
			plans = append(plans, plan{name, known(agent.Nop{})})
		case name == "wrong", name == "alternative":
			seq := run.Variants(s, name == "wrong", name == "alternative")
			if n, _ := run.Count(seq); n == 0 && len(flags.agents) == 1 {
				return nil, closers, usage("suite %s brings no %s solutions", s.Name, name)
			}
			plans = append(plans, plan{name, func(*stack) (iter.Seq2[run.Item, error], error) { return seq, nil }})
		case kind == "replay" && rest != "":
			place, of, _ := strings.Cut(rest, "#")
			l, err := agent.OpenLog(ctx, place, of)
			if err != nil {
				return nil, closers, usageOr(err)
			}
			closers = append(closers, l)
			seq := run.Each(s, []agent.Agent{agent.Replay{From: l}}, max(flags.epochs, l.Epochs()))
			plans = append(plans, plan{"replay", func(*stack) (iter.Seq2[run.Item, error], error) { return seq, nil }})
		case needs, kind == "exec" && rest != "":
			plans = append(plans, plan{name, func(st *stack) (iter.Seq2[run.Item, error], error) {
				as, err := a.asking(ctx, name, st, flags)
				return run.Each(s, as, flags.epochs), err
			}})
		default:
			return nil, closers, usage("agent %q is not known; known are %s", name, knownAgents())
		}
	}
	return plans, closers, nil
}

// asking makes the agent once for each model. Without a stack it is fit to be
// counted and to say what is wrong with its name.
func (a *app) asking(ctx context.Context, name string, st *stack, flags runFlags) ([]agent.Agent, error) {
	m := &flags.models
	var lines []*agent.Line
	switch {
	case st != nil && st.hub != nil:
		lines = st.hub.lines
	default:
		all, err := m.lines()
		if err != nil {
			return nil, err
		}
		for _, l := range all {
			lines = append(lines, &agent.Line{Model: l.name, Provider: l.provider, Price: l.price})
		}
	}
	if len(lines) == 0 {
		lines = []*agent.Line{nil} // exec does without
	}
	var out []agent.Agent
	for _, l := range lines {
		switch name {
		case "model":
			out = append(out, &oneshot.Agent{Line: *l, Completion: m.completion, Time: m.agentTime})
			continue
		case "loop":
			x := &loop.Agent{Line: *l, Limits: loop.Limits{Steps: m.steps, Time: m.agentTime}}
			if st != nil {
				x.Backend, x.Host = st.backend, st.host
			}
			out = append(out, x)
			continue
		}
		cache, err := cli.Dir()
		if err != nil {
			return nil, err
		}
		cfg := cli.Config{Line: l, Limits: task.Limits{Wall: m.agentTime}, Cache: cache, Notice: a.notice}
		if st != nil {
			cfg.Backend, cfg.Host = st.backend, st.host
		}
		var x *cli.Agent
		if command, ok := strings.CutPrefix(name, "exec:"); ok {
			x, err = cli.Exec(command, cfg)
		} else {
			x, err = cli.New(name, cfg)
		}
		if err != nil {
			return nil, usageError{err}
		}
		if st != nil {
			if err := x.Prepare(ctx); err != nil {
				return nil, err
			}
		}
		out = append(out, x)
	}
	return out, nil
}

// notice tells the user what takes long.
func (a *app) notice(text string) {
	if !a.quiet {
		fmt.Fprintln(a.stderr, "metr:", text)
	}
}
