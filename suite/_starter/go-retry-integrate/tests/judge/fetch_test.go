package judge

import (
	"strings"
	"testing"
)

// Outcome mirrors the subject's.
type Outcome struct {
	Body     string
	Message  string
	NotFound bool
	Busy     bool
	Canceled bool
	Reads    int
	Pauses   string
}

// Stats mirrors fetch.Stats.
type Stats struct {
	Fetched int
	Failed  int
	Retries int
}

// fetch makes a rig and fetches once.
func fetch(s *S, attempts int, maxWait, script string, want Outcome) {
	var got Outcome
	s.Call("NewRig", attempts, maxWait).Handle().Call("Fetch", "p", script).Into(&got)
	message := got.Message
	if got.Message != "" {
		if !strings.HasPrefix(got.Message, "fetch p: ") {
			s.Errorf("%s: error %q does not begin with %q", script, got.Message, "fetch p: ")
		}
		got.Message = "error"
	}
	if got != want {
		s.Errorf("%s: got %+v (error %q), want %+v", script, got, message, want)
	}
}

func TestTypicalFirstTry(t *testing.T) {
	s := subject(t)
	fetch(s, 5, "0s", "ok alpha", Outcome{Body: "alpha", Reads: 1})
}

func TestTypicalTriesAgain(t *testing.T) {
	s := subject(t)
	fetch(s, 5, "0s", "broken, busy, ok alpha", Outcome{Body: "alpha", Reads: 3, Pauses: "100ms 200ms"})
}

func TestTypicalServerSaysWhen(t *testing.T) {
	s := subject(t)
	fetch(s, 5, "1m", "busy 7s, ok alpha", Outcome{Body: "alpha", Reads: 2, Pauses: "7s"})
}

func TestEdgePausesAreCapped(t *testing.T) {
	s := subject(t)
	fetch(s, 9, "0s", "broken, broken, broken, broken, broken, broken, ok x",
		Outcome{Body: "x", Reads: 7, Pauses: "100ms 200ms 400ms 800ms 1s 1s"})
}

func TestEdgeAskedPauseLeavesGrowth(t *testing.T) {
	s := subject(t)
	fetch(s, 9, "0s", "broken, busy 3ms, broken, busy 2m, broken, ok x",
		Outcome{Body: "x", Reads: 6, Pauses: "100ms 3ms 200ms 2m0s 400ms"})
}

func TestEdgeAttemptsBelowOne(t *testing.T) {
	s := subject(t)
	fetch(s, 0, "0s", "broken, ok x", Outcome{Message: "error", Reads: 1})
	fetch(s, -4, "0s", "ok x", Outcome{Body: "x", Reads: 1})
}

func TestEdgeLongestWait(t *testing.T) {
	s := subject(t)
	fetch(s, 5, "10s", "busy 10s, ok x", Outcome{Body: "x", Reads: 2, Pauses: "10s"})
	fetch(s, 5, "10s", "busy 10001ms, ok x", Outcome{Message: "error", Busy: true, Reads: 1})
	fetch(s, 5, "50ms", "broken, busy 60ms, ok x",
		Outcome{Message: "error", Busy: true, Reads: 2, Pauses: "100ms"})
	fetch(s, 5, "50ms", "broken, ok x", Outcome{Body: "x", Reads: 2, Pauses: "100ms"})
}

func TestErrorNotFoundEndsIt(t *testing.T) {
	s := subject(t)
	fetch(s, 5, "0s", "missing, ok x", Outcome{Message: "error", NotFound: true, Reads: 1})
	fetch(s, 5, "0s", "broken, missing, ok x",
		Outcome{Message: "error", NotFound: true, Reads: 2, Pauses: "100ms"})
}

func TestErrorTriesUsedUp(t *testing.T) {
	s := subject(t)
	fetch(s, 3, "0s", "broken, broken, busy, ok x",
		Outcome{Message: "error", Busy: true, Reads: 3, Pauses: "100ms 200ms"})
	fetch(s, 2, "0s", "busy, broken, ok x", Outcome{Message: "error", Reads: 2, Pauses: "100ms"})
	fetch(s, 2, "0s", "broken, busy 9s, ok x",
		Outcome{Message: "error", Busy: true, Reads: 2, Pauses: "100ms"})
}

func TestErrorCanceled(t *testing.T) {
	s := subject(t)
	for script, reads := range map[string]int{
		"canceled before, ok x":  0,
		"cancel, ok x":           1,
		"broken, cancel, ok x":   2,
		"busy 1s, cancel, ok x":  2,
		"broken, busy, cancel":   3,
		"cancel, cancel, cancel": 1,
	} {
		var got Outcome
		s.Call("NewRig", 5, "0s").Handle().Call("Fetch", "p", script).Into(&got)
		if !got.Canceled || got.Reads != reads || got.Body != "" {
			s.Errorf("%s: got %+v, want an error that wraps ctx's after %d reads", script, got, reads)
		}
	}
}

func TestStateStats(t *testing.T) {
	s := subject(t)
	rig := s.Call("NewRig", 3, "1s").Handle()
	for _, script := range []string{
		"ok a",
		"broken, broken, ok b",
		"missing",
		"broken, missing",
		"broken, broken, broken, ok c",
		"busy 2s, ok d",
	} {
		rig.Call("Fetch", "p", script).OK()
	}
	rig.Call("Stats").Want(Stats{Fetched: 2, Failed: 4, Retries: 5})
	rig.Call("Fetch", "p", "canceled before, ok e").OK()
	rig.Call("Stats").Want(Stats{Fetched: 2, Failed: 5, Retries: 5})
}

func TestStatePausesStartAfresh(t *testing.T) {
	s := subject(t)
	rig := s.Call("NewRig", 4, "0s").Handle()
	for range 3 {
		var got Outcome
		rig.Call("Fetch", "p", "broken, broken, ok a").Into(&got)
		if want := (Outcome{Body: "a", Reads: 3, Pauses: "100ms 200ms"}); got != want {
			s.Errorf("got %+v, want %+v", got, want)
		}
	}
}

func TestStateManyAtOnce(t *testing.T) {
	s := subject(t)
	s.Call("Together", 200).Want(200, Stats{Fetched: 200, Retries: 200})
}
