package report

import (
	"bytes"
	"strings"
	"testing"

	"metr/internal/task"
)

// Results are kept by the model asked for, and endings are counted beside
// outcomes.
func TestModelsAndEndings(t *testing.T) {
	of := func(agent, model string, epoch int, o task.Outcome, e task.Ending) task.Attempt {
		return task.Attempt{Task: "t", Epoch: epoch, Agent: agent, Model: model, Outcome: o, Ending: e, Reason: "why", Kind: task.Debug, Language: task.Go}
	}
	r, err := Summarize(Header{Agents: []string{"gold", "model"}}, func(yield func(task.Attempt, error) bool) {
		for _, a := range []task.Attempt{
			of("model", "p/b", 1, task.Solved, task.Completed), of("gold", "", 1, task.Solved, ""),
			of("model", "p/a", 1, task.Unsolved, task.Refused), of("model", "p/a", 2, task.Unsolved, task.Refused), of("model", "p/a", 3, task.Unsolved, task.Truncated),
			of("model", "p/a", 4, task.Invalid, ""),
			of("answers", "x", 1, task.Solved, ""), of("answers", "y", 2, task.Unsolved, ""),
		} {
			if !yield(a, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		agent, model      string
		attempts, invalid int
	}
	var got []row
	for _, s := range r.Summaries {
		got = append(got, row{s.Agent, s.Model, s.Attempts, s.Invalid})
	}
	want := []row{{"gold", "", 1, 0}, {"model", "p/b", 1, 0}, {"model", "p/a", 4, 1}, {"answers", "x", 2, 0}}
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Fatalf("%v, want %v", got, want)
		}
	}
	if e := r.Summaries[2].Endings; len(e) != 2 || e[task.Refused] != 2 || e[task.Truncated] != 1 {
		t.Errorf("%v", e)
	}
	var text, judges bytes.Buffer
	if err := Text(&text, r, Options{}); err != nil {
		t.Fatal(err)
	}
	if err := Judges(&judges, r, Options{}); err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{text.String(), judges.String()} {
		for _, want := range []string{"p/a", "p/b", "truncated 1, refused 2"} {
			if !strings.Contains(out, want) {
				t.Errorf("no %q in\n%s", want, out)
			}
		}
	}
	if strings.Count(text.String(), "endings  ") != 2 {
		t.Errorf("endings of who asks no model:\n%s", text.String())
	}
}
