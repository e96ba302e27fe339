package agent

import (
	"context"
	"errors"
	"strings"
	"testing"

	"metr/internal/runlog"
	"metr/internal/task"
)

var patch = task.Patch{Changes: []task.Change{{Path: "a", Mode: 0o644, Data: []byte("x\x00\xff")}, {Path: "b", Delete: true}, {Path: "l", Link: "a", Mode: 0o777}}}

func TestKnownAnswers(t *testing.T) {
	tk := &task.Task{ID: "t", Solution: patch}
	for _, tt := range []struct {
		a     Agent
		name  string
		empty bool
	}{
		{Gold{}, "gold", false},
		{Nop{}, "nop", true},
		{Variant{Kind: "wrong", V: task.Variant{Name: "w", Patch: patch}}, "wrong:w", false},
		{Fixed{Label: "answers", Work: Work{Patch: patch}}, "answers", false},
	} {
		w, err := tt.a.Solve(t.Context(), tk, 1)
		if err != nil || tt.a.Name() != tt.name || w.Patch.Empty() != tt.empty {
			t.Errorf("%s: %q %+v %v", tt.name, tt.a.Name(), w, err)
		}
	}
	if _, err := (Gold{}).Solve(t.Context(), &task.Task{ID: "t"}, 1); err == nil || err.Error() != "task t has no reference solution" {
		t.Errorf("gold without a solution: %v", err)
	}
}

func TestPatchesKeepTheirBytes(t *testing.T) {
	b, err := EncodePatch(patch)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodePatch(b)
	if err != nil || len(got.Changes) != 3 || string(got.Changes[0].Data) != "x\x00\xff" || !got.Changes[1].Delete || got.Changes[2].Link != "a" {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := DecodePatch([]byte("{")); err == nil {
		t.Error("half a patch was decoded")
	}
}

func TestReplay(t *testing.T) {
	ctx := context.Background()
	place := t.TempDir() + "/log"
	l, err := runlog.Create(ctx, place, runlog.Manifest{Agents: []string{"a", "b"}})
	if err != nil {
		t.Fatal(err)
	}
	b, _ := EncodePatch(patch)
	digest, err := l.Put(ctx, b)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []task.Attempt{
		{Task: "t", Epoch: 1, Agent: "a", Outcome: task.Solved, Patch: digest, Model: "m", Tokens: task.Tokens{Out: 3}},
		{Task: "t", Epoch: 2, Agent: "a", Outcome: task.Unsolved, Reason: "the diff does not apply"},
		{Task: "t", Epoch: 1, Agent: "b", Outcome: task.Solved, Patch: digest},
	} {
		if err := l.Append(ctx, at); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenLog(ctx, place, ""); err == nil || !strings.Contains(err.Error(), "holds several agents") {
		t.Errorf("several agents: %v", err)
	}
	from, err := OpenLog(ctx, place, "a")
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	tk := &task.Task{ID: "t"}
	r := Replay{From: from}
	if w, err := r.Solve(ctx, tk, 1); err != nil || w.Model != "m" || w.Tokens.Out != 3 || len(w.Patch.Changes) != 3 {
		t.Errorf("epoch 1: %+v %v", w, err)
	}
	if w, err := r.Solve(ctx, tk, 2); err != nil || w.Failed != "the diff does not apply" {
		t.Errorf("epoch 2: %+v %v", w, err)
	}
	if _, err := r.Solve(ctx, tk, 3); !errors.Is(err, ErrNoAttempt) {
		t.Errorf("epoch 3: %v", err)
	}
	if from.Epochs() != 2 {
		t.Errorf("%d epochs", from.Epochs())
	}
}
