package agent

import (
	"context"
	"fmt"

	"metr/internal/runlog"
	"metr/internal/task"
)

// LogAttempts is an Earlier over a run log of one agent.
type LogAttempts struct {
	log   *runlog.Log
	index map[taskEpoch]task.Attempt
}

type taskEpoch struct {
	task  string
	epoch int
}

// OpenLog indexes the attempts of the log at place. Of a log of several agents or
// models, choose one as AGENT or AGENT:MODEL, or "" where there is but one. The
// caller closes it.
func OpenLog(ctx context.Context, place, agent string) (*LogAttempts, error) {
	l, err := runlog.Open(ctx, place)
	if err != nil {
		return nil, err
	}
	out := &LogAttempts{log: l, index: map[taskEpoch]task.Attempt{}}
	for a, err := range l.Attempts(ctx) {
		if err != nil {
			l.Close()
			return nil, err
		}
		full := a.Agent
		if a.Model != "" {
			full += ":" + a.Model
		}
		if agent != "" && a.Agent != agent && full != agent {
			continue
		}
		key := taskEpoch{a.Task, a.Epoch}
		if old, ok := out.index[key]; ok && old.Agent != a.Agent {
			l.Close()
			first, second := min(old.Agent, a.Agent), max(old.Agent, a.Agent)
			return nil, fmt.Errorf("log %s holds several agents (%s, %s): name one, as in replay:%s#%s", place, first, second, place, second)
		} else if ok && old.Model != a.Model {
			l.Close()
			first, second := min(old.Model, a.Model), max(old.Model, a.Model)
			return nil, fmt.Errorf("log %s holds several models (%s, %s): name one, as in replay:%s#%s:%s", place, first, second, place, a.Agent, second)
		}
		a.Verdicts = nil
		out.index[key] = a
	}
	return out, nil
}

// Close closes the log.
func (l *LogAttempts) Close() error { return l.log.Close() }

// Epochs is the largest epoch in the log.
func (l *LogAttempts) Epochs() int {
	n := 0
	for k := range l.index {
		n = max(n, k.epoch)
	}
	return n
}

// Model is the model of a recorded attempt.
func (l *LogAttempts) Model(id string, epoch int) string {
	return l.index[taskEpoch{id, epoch}].Model
}

// Patch reads the recorded patch.
func (l *LogAttempts) Patch(ctx context.Context, id string, epoch int) (Work, bool, error) {
	a, ok := l.index[taskEpoch{id, epoch}]
	if !ok {
		return Work{}, false, nil
	}
	w := Work{Model: a.Model, Tokens: a.Tokens, Cost: a.CostUSD, Ending: a.Ending, Calls: a.Calls, Sent: a.Sent, Served: a.Served}
	if a.Patch == "" {
		w.Failed = a.Reason
		return w, true, nil
	}
	b, err := l.log.Get(ctx, a.Patch)
	if err != nil {
		return w, false, err
	}
	w.Patch, err = DecodePatch(b)
	return w, true, err
}
