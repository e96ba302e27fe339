package cli

import (
	"fmt"
	"strings"
	"sync"

	"metr/internal/agent"
	"metr/internal/gateway"
	"metr/internal/model"
	"metr/internal/sandbox"
	"metr/internal/task"
)

// watch follows an attempt's calls: what the last one came to says why an agent
// gave up.
type watch struct {
	also gateway.Recorder

	mu     sync.Mutex
	last   gateway.Event // the last call, answered or not
	reason string        // of the last refusal for want of budget
}

// Record takes an event and hands it on.
func (w *watch) Record(e gateway.Event) {
	w.mu.Lock()
	switch {
	case e.Kind == gateway.RefusedBudget:
		w.reason = e.Reason
		w.last = e
	case e.Kind == gateway.Answered && e.Call != nil && e.Call.Counting:
	case e.Kind == gateway.Answered, e.Kind == gateway.Failed, e.Kind == gateway.Broken:
		w.last = e
	}
	w.mu.Unlock()
	if w.also != nil {
		w.also.Record(e)
	}
}

// facts are what is known of how an agent's work ended.
type facts struct {
	run    sandbox.Result
	usage  gateway.Summary
	calls  *watch
	said   said
	stderr string
	model  bool // there was one
}

// trouble is our own failure, if the work ended by one: the attempt says nothing
// about the agent then. What it left and used is kept all the same.
func (f facts) trouble() error {
	failed := f.run.End != sandbox.Exited || f.run.Code != 0 || !f.said.done || f.said.failed != ""
	switch last := f.calls.last; {
	case f.usage.Exhausted && agent.RunBudget(f.calls.reason):
		return fmt.Errorf("the run's budget was spent before the agent was done: %s", f.calls.reason)
	case last.Kind == gateway.Failed && failed:
		return fmt.Errorf("the model was not reached: %s", last.Reason)
	case f.usage.Refused[gateway.RefusedReplay] > 0:
		return fmt.Errorf("the recording does not hold a call that the agent made")
	case f.model && f.usage.Calls == 0 && f.usage.Refused[gateway.RefusedProtocol] > 0:
		return fmt.Errorf("the agent and the provider do not speak the same protocol")
	}
	return nil
}

// ending says how the work ended, in one place for all agents. What was seen
// from outside counts before what the agent says.
func (f facts) ending() (task.Ending, string) {
	why := f.said.failed
	if why == "" {
		why = lastLine(f.stderr)
	}
	e, cut := finishOf(f.calls.last)
	clean := f.run.End == sandbox.Exited && f.run.Code == 0 && f.said.failed == ""
	switch {
	case f.run.End == sandbox.TimedOut, f.run.End == sandbox.CPUExceeded:
		return task.OutOfTime, f.run.String()
	case f.usage.Exhausted && (!clean || f.calls.last.Kind == gateway.RefusedBudget):
		return task.OverSpent, f.calls.reason
	case f.run.End != sandbox.Exited:
		return task.Crashed, f.run.String()
	case f.said.ending != "":
		return f.said.ending, why
	case cut:
		return e, why
	case f.run.Code != 0:
		return task.Crashed, join(f.run.String(), why)
	case f.said.failed != "":
		return task.Crashed, why
	case f.model && f.usage.Calls == 0:
		return task.Stopped, join("it asked no model", why)
	case !f.said.done:
		return task.Stopped, why
	}
	return task.Completed, ""
}

// finishOf reads the end of the last call in the provider's words; cut is false
// for one that is an ordinary end.
func finishOf(e gateway.Event) (end task.Ending, cut bool) {
	if e.Call == nil {
		return "", false
	}
	switch strings.ToLower(e.Call.Finish) {
	case "refusal":
		return task.Refused, true
	case "content_filter", "safety", "prohibited_content", "blocklist", "recitation", "spii":
		return task.Filtered, true
	case "length", "max_tokens", "max_output_tokens":
		return task.Truncated, true
	case "model_context_window_exceeded":
		return task.Overflow, true
	}
	if model.ErrorFinish(e.Call.Status, "", e.Reason) == model.Overflow {
		return task.Overflow, true
	}
	return "", false
}

func join(a, b string) string {
	if b == "" {
		return a
	}
	return a + ": " + b
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return firstLine(s[strings.LastIndexByte(s, '\n')+1:])
}
