package ui

import (
	"bytes"
	"strings"
	"testing"

	"metr/internal/report"
	"metr/internal/task"
)

var cost = 0.25

var attempts = []task.Attempt{
	{Task: "a", Epoch: 1, Agent: "gold", Outcome: task.Solved, CostUSD: new(float64)},
	{Task: "a", Epoch: 2, Agent: "gold", Outcome: task.Unsolved, Reason: "tests: \x1b[31mred\nnext", CostUSD: &cost, Tokens: task.Tokens{In: 10, Out: 5}},
	{Task: "b", Epoch: 1, Agent: "gold", Outcome: task.Invalid, Reason: "no disk"},
}

func tell(p Printer, done int) {
	p.Start(5, done)
	for _, a := range attempts {
		p.Attempt(a)
	}
	p.Stop()
}

func TestPlain(t *testing.T) {
	var b bytes.Buffer
	tell(&Plain{W: &b}, 2)
	got := b.String()
	for _, want := range []string{
		"2 of 5 attempts are in the log already\n",
		"[3/5] solved   gold a\n",
		"[4/5] unsolved gold a #2: tests: ",
		"[5/5] invalid  gold b: no disk\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
	// What a candidate wrote must not steer the terminal or add lines.
	if strings.Contains(got, "\x1b") || strings.Count(got, "\n") != 4 {
		t.Errorf("%q", got)
	}
}

func TestQuiet(t *testing.T) { tell(Quiet{}, 0) }

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	tell(JSON{report.NewEncoder(&b)}, 0)
	if strings.Count(b.String(), "\n") != 3 || strings.Count(b.String(), `{"event":"attempt",`) != 3 {
		t.Errorf("%s", b.String())
	}
}

func TestLive(t *testing.T) {
	l := &Live{W: &bytes.Buffer{}}
	tell(l, 1)
	if got := l.text(); got != "solved 1, invalid 1, 15 tokens, cost unknown" {
		t.Errorf("%q", got)
	}
	known := &Live{W: &bytes.Buffer{}}
	known.Start(2, 0)
	known.Attempt(attempts[1])
	if got := known.text(); got != "solved 0, 15 tokens, $0.25" {
		t.Errorf("%q", got)
	}
	known.Stop()
	(&Live{W: &bytes.Buffer{}}).Stop() // before any start
}
