package main

import (
	"strings"
	"testing"

	"metr/internal/task"
	"metr/suite"
)

// The recording that a run without arguments replays holds what the starter
// suite asks today, and says who answered.
func TestTheRecordedModelAnswersTheStarterSuite(t *testing.T) {
	s, err := suite.Starter()
	if err != nil {
		t.Fatal(err)
	}
	p, ok, err := recorded(t.Context(), s)
	if err != nil || !ok {
		t.Fatalf("no task of the starter suite is in the recording as it is asked today: %v; scripts/smollm/record makes it anew", err)
	}
	items, err := p.make(nil)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for it := range items {
		n++
		w, err := it.Agent.Solve(t.Context(), it.Task, 1)
		if err != nil {
			t.Fatalf("%s: %v", it.Task.ID, err)
		}
		if w.Ending == "" || w.Tokens.Out == 0 || !w.Served.Replayed || !strings.HasPrefix(w.Served.Digest, "sha256:b179c952") || w.Served.Version == "" || w.Sent.MaxTokens != recordedMax {
			t.Errorf("%s: %+v %+v %+v", it.Task.ID, w, w.Served, w.Sent)
		}
	}
	t.Logf("%d of %d tasks are in the recording as they are asked today", n, len(s.Tasks))
	if _, ok, err := recorded(t.Context(), &task.Suite{Name: "another"}); ok || err != nil {
		t.Errorf("a suite without a recording: %v %v", ok, err)
	}
}
