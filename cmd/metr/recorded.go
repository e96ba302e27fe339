package main

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"iter"
	"maps"
	"slices"
	"strings"

	"metr/internal/agent"
	oneshot "metr/internal/agent/model"
	"metr/internal/gateway"
	"metr/internal/model"
	"metr/internal/run"
	"metr/internal/task"
)

// What a small real model answered, as scripts/smollm/record recorded it, so that
// a run without a key and without arguments shows a real model's real score.
//
//go:embed all:recordings
var recordingFiles embed.FS

// The settings of the recording; calls made with others are not in it.
const recordedMax = 384

// recordedAgent is the agent model on the recording that lies in dir.
func recordedAgent(dir fs.FS) (*oneshot.Agent, error) {
	tape, err := gateway.ReadTape(dir)
	if err != nil {
		return nil, err
	}
	served, err := agent.ReadServed(dir)
	if err != nil {
		return nil, err
	}
	names := slices.Sorted(maps.Keys(served))
	if len(names) != 1 {
		return nil, errors.New("recording: expected one model")
	}
	name, err := model.Parse(names[0])
	if err != nil {
		return nil, err
	}
	provider, err := model.Lookup(name.Provider, "http://127.0.0.1:1/v1", func(string) string { return "" })
	if err != nil {
		return nil, err
	}
	price := model.Free()
	about := served[names[0]]
	about.Replayed = true
	return &oneshot.Agent{Line: agent.Line{
		Gate: gateway.New(gateway.Config{Replay: tape}), Model: name, Provider: provider, Price: &price, About: about,
		Settings: agent.Settings{Temperature: new(float64), MaxTokens: recordedMax},
	}}, nil
}

// recorded plans the attempts that the recording of the suite holds; ok is false
// where it holds none. A task that was changed since is not among them: the
// model was not asked that.
func recorded(ctx context.Context, s *task.Suite) (p plan, ok bool, err error) {
	dir, err := fs.Sub(recordingFiles, "recordings/"+strings.ReplaceAll(s.Name, "/", "-"))
	if err != nil {
		return p, false, err
	}
	if _, err := fs.Stat(dir, "calls.jsonl"); err != nil {
		return p, false, nil
	}
	a, err := recordedAgent(dir)
	if err != nil {
		return p, false, err
	}
	sub := *s
	sub.Tasks = nil
	for _, t := range s.Tasks {
		if _, err := a.Solve(ctx, t, 1); err == nil {
			sub.Tasks = append(sub.Tasks, t)
		}
	}
	return plan{"model", func(*stack) (iter.Seq2[run.Item, error], error) { return run.Each(&sub, []agent.Agent{a}, 1), nil }}, len(sub.Tasks) > 0, ctx.Err()
}
