package cli

import (
	"errors"
	"fmt"
	"net/http"
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
	stop func(error) // ends the agent

	mu     sync.Mutex
	last   gateway.Event // the last call, answered or not
	reason string        // of the last refusal for want of budget
	vain   int           // calls in a row that failed or were not affordable
}

// maxVain is how many calls in a row may come to nothing before the agent is
// ended; of those that the budget did not afford, two. The gateway has tried
// each of them for long enough; some agents would go on until their time is up.
const maxVain = 3

var errVain = errors.New("the agent goes on asking in vain")

// Record takes an event and hands it on.
func (w *watch) Record(e gateway.Event) {
	w.mu.Lock()
	switch {
	case e.Kind == gateway.RefusedBudget:
		w.reason, w.last = e.Reason, e
		w.vain += maxVain - 1 // the next one is not affordable either
	case e.Kind == gateway.Answered && e.Call != nil && e.Call.Counting:
	case e.Kind == gateway.Answered:
		w.last, w.vain = e, 0
	case e.Kind == gateway.Failed, e.Kind == gateway.Broken:
		w.last = e
		w.vain++
	}
	if w.vain >= maxVain && w.stop != nil {
		w.stop(errVain)
	}
	w.mu.Unlock()
	if w.also != nil {
		w.also.Record(e)
	}
}

// onVain has stop called when the agent asks in vain.
func (w *watch) onVain(stop func(error)) {
	w.mu.Lock()
	w.stop = stop
	w.mu.Unlock()
}

// facts are what is known of how an agent's work ended.
type facts struct {
	run    sandbox.Result
	usage  gateway.Summary
	calls  *watch
	said   said
	stderr string
	words  string // the agent's last
	same   int    // how often it did the same at the end
	model  bool   // there was one
}

// trouble is our own failure, if the work ended by one: the attempt says nothing
// about the agent then. What it left and used is kept all the same.
func (f facts) trouble() error {
	last := f.calls.last
	lost := last.Kind == gateway.Failed || last.Kind == gateway.Broken
	switch {
	case f.usage.Exhausted && agent.RunBudget(f.calls.reason):
		return fmt.Errorf("the run's budget was spent before the agent was done: %s", f.calls.reason)
	case lost && (!f.clean() || !f.said.done || f.usage.Calls == 0):
		return fmt.Errorf("the model was not reached: %s", last.Reason)
	case f.usage.Refused[gateway.RefusedReplay] > 0:
		return errors.New("the recording does not hold a call that the agent made")
	case f.model && f.usage.Calls == 0 && f.usage.Refused[gateway.RefusedProtocol] > 0:
		return errors.New("the agent and the provider do not speak the same protocol")
	}
	return nil
}

// clean says whether the agent ended as if all was well.
func (f facts) clean() bool {
	return f.run.End == sandbox.Exited && f.run.Code == 0 && f.said.failed == ""
}

// ending says how the work ended, in one place for all agents. What was seen
// from outside counts before what the agent says.
func (f facts) ending() (task.Ending, string) {
	why := f.said.failed
	if why == "" && f.run.Code != 0 {
		why = lastLine(f.stderr)
	}
	last := f.calls.last
	cut := finishOf(last)
	status := 0
	if last.Call != nil && last.Kind == gateway.Answered {
		status = last.Call.Status
	}
	late := f.run.End == sandbox.TimedOut || f.run.End == sandbox.CPUExceeded
	spent := f.usage.Exhausted && (!f.clean() || last.Kind == gateway.RefusedBudget)
	switch {
	case (late || spent) && f.same >= sameAgain:
		return task.Looped, fmt.Sprintf("it did the same %d times in a row, until its time or budget was spent", f.same)
	case late:
		return task.OutOfTime, f.run.String()
	case spent:
		return task.OverSpent, f.calls.reason
	case f.run.End != sandbox.Exited:
		return task.Crashed, f.run.String()
	case f.said.ending != "":
		return f.said.ending, why
	case cut != "":
		return cut, why
	case status >= 400 && overflows(status, why, f.words, f.stderr):
		return task.Overflow, why
	case status >= 400:
		return task.Crashed, join(fmt.Sprintf("its last call was answered with status %d", status), why)
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

// sameAgain is how many equal tool calls at the end are a loop.
const sameAgain = 8

// overflows says whether a refused call was one that did not fit into the model,
// by what the agent made of the refusal.
func overflows(status int, texts ...string) bool {
	for _, t := range texts {
		if model.ErrorFinish(status, "", t) == model.Overflow || strings.Contains(strings.ToLower(t), "too long") {
			return true
		}
	}
	return status == http.StatusRequestEntityTooLarge
}

// finishOf is the end of the last call, from the provider's words; "" for an
// ordinary one.
func finishOf(e gateway.Event) task.Ending {
	if e.Call == nil {
		return ""
	}
	switch strings.ToLower(e.Call.Finish) {
	case "refusal":
		return task.Refused
	case "content_filter", "safety", "prohibited_content", "blocklist", "recitation", "spii":
		return task.Filtered
	case "length", "max_tokens", "max_output_tokens":
		return task.Truncated
	case "model_context_window_exceeded":
		return task.Overflow
	}
	return ""
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
