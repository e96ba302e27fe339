package report

import (
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"metr/internal/stats"
	"metr/internal/task"
)

func summarize(t *testing.T, h Header, as ...task.Attempt) Summary {
	t.Helper()
	r, err := Summarize(h, stream(as...))
	if err != nil {
		t.Fatal(err)
	}
	return r.Summaries[0]
}

func TestCounts(t *testing.T) {
	s := summarize(t, Header{Tasks: 4},
		attempt("model", "a", 1, good()...), attempt("model", "b", 1, edgy()...),
		attempt("model", "c", 1, unbuilt()...), attempt("model", "d", 1, lost()...))
	if s.Attempts != 4 || s.Solved != 1 || s.Unsolved != 2 || s.Invalid != 1 {
		t.Fatalf("counts: %+v", s)
	}
	if want := stats.Wilson(1, 3, stats.Level); *s.Score != want {
		t.Errorf("score %v, want %v: the invalid attempt is no part of it", *s.Score, want)
	}
	if *s.Bounds != (stats.Range{Low: 0.25, High: 0.5}) {
		t.Errorf("bounds %v, want 1/4 and 2/4", *s.Bounds)
	}
	for axis, want := range map[task.Axis][2]int{task.Syntax: {2, 3}, task.Semantics: {1, 3}, task.Context: {2, 2}, task.Constraint: {0, 0}} {
		if got := s.Axes[axis]; got.Passed != want[0] || got.LookedAt != want[1] || (got.Interval == nil) != (want[1] == 0) {
			t.Errorf("%s: %+v, want %v", axis, got, want)
		}
	}
	for label, want := range map[task.Label][2]int{task.Typical: {2, 2}, task.Edge: {1, 2}, task.State: {1, 1}, task.Error: {0, 0}} {
		if got := s.Labels[label]; got.Passed != want[0] || got.LookedAt != want[1] {
			t.Errorf("%s tests: %+v, want %v", label, got, want)
		}
	}
	if g := s.SurfaceGap; g == nil || g.Attempts != 3 || math.Abs(g.Estimate-1.0/3) > 1e-12 {
		t.Errorf("surface gap %+v, want 2/3 - 1/3 over 3 attempts", g)
	}
	if g := s.LabelGaps[task.Edge]; g.Attempts != 2 || g.Estimate != 0.5 {
		t.Errorf("gap to edge tests %+v, want 1/2 over 2 attempts", g)
	}
	if _, ok := s.LabelGaps[task.Error]; ok {
		t.Error("a gap to error tests, which there were none of")
	}
	if len(s.Reasons) != 3 || s.Reasons[0].Count != 1 {
		t.Errorf("reasons %+v", s.Reasons)
	}
	if len(s.Lost) != 1 || s.Lost[0].Task != "d" {
		t.Errorf("lost %+v, want task d", s.Lost)
	}
	if len(s.PassAt) != 0 || !strings.Contains(s.Refused, "task d has 0 valid samples; 1 of 4") {
		t.Errorf("pass@k %v, refused %q: task d has no valid sample", s.PassAt, s.Refused)
	}
}

func TestNothingKnownIsNotZero(t *testing.T) {
	a := attempt("model", "a", 1, lost()...)
	a.CostUSD = nil
	s := summarize(t, Header{}, a)
	if s.Score != nil || s.SurfaceGap != nil || s.CostUSD != nil || s.CostUnknown != 1 {
		t.Errorf("score %v, gap %v, cost %v: want all unknown", s.Score, s.SurfaceGap, s.CostUSD)
	}
	if cost(s) != "unknown" {
		t.Errorf("cost is shown as %q", cost(s))
	}
	b := attempt("model", "b", 1, good()...)
	s = summarize(t, Header{}, a, b)
	if s.CostUSD != nil || s.CostKnown != 0.002 || !strings.HasPrefix(cost(s), "at least $0.002") {
		t.Errorf("half-known cost %v is shown as %q", s.CostUSD, cost(s))
	}
	if s = summarize(t, Header{}, b); s.CostUSD == nil || *s.CostUSD != 0.002 {
		t.Errorf("known cost: %v", s.CostUSD)
	}
}

func TestPassKStopsWhereSamplesEnd(t *testing.T) {
	as, h := epochs()
	s := summarize(t, h, as...)
	if got := len(s.PassAt); got != 2 { // task-11 has 4 valid samples
		t.Errorf("pass@k for %d k, want 1 and 2", got)
	}
	if !strings.Contains(s.Refused, "pass@5: task task-11 has 4 valid samples; 1 of 12") {
		t.Errorf("refused: %q", s.Refused)
	}
	if s.PassAt[2] < s.PassAt[1] || s.PassHat[2] > s.PassHat[1] || s.PassAt[1] != s.PassHat[1] {
		t.Errorf("pass@k %v, pass^k %v", s.PassAt, s.PassHat)
	}
	if s.Score.Method != stats.MethodClustered || s.SurfaceGap.Method != stats.MethodPairedCl {
		t.Errorf("methods %q and %q for epochs", s.Score.Method, s.SurfaceGap.Method)
	}
	if s.Model != "ollama/qwen2.5-coder:1.5b" || s.Attempted != 12 || s.Tasks != 14 {
		t.Errorf("model %q, %d of %d tasks", s.Model, s.Attempted, s.Tasks)
	}
}

func TestOrderOfAttemptsDoesNotMatter(t *testing.T) {
	as, h := epochs()
	want := summarize(t, h, as...)
	rng := rand.New(rand.NewPCG(9, 9))
	for range 5 {
		rng.Shuffle(len(as), func(i, j int) { as[i], as[j] = as[j], as[i] })
		got := summarize(t, h, as...)
		// Sums of costs and times may differ in the last digit.
		got.CostKnown, got.CPUS = want.CostKnown, want.CPUS
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("shuffled attempts gave\n%+v, want\n%+v", got, want)
		}
	}
}

func TestWrongSolutionsAreOneGroup(t *testing.T) {
	as, h := judges()
	r, err := Summarize(h, stream(as...))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range r.Summaries {
		names = append(names, s.Agent)
	}
	if !slices.Equal(names, []string{"gold", "nop", "wrong"}) {
		t.Fatalf("agents %v", names)
	}
	w, _ := r.Find(Wrong)
	if w.Attempts != 36 || w.Solved != 1 || w.Invalid != 1 || len(w.PassAt) != 0 {
		t.Errorf("wrong: %d attempts, %d solved, %d invalid, pass@k %v", w.Attempts, w.Solved, w.Invalid, w.PassAt)
	}
	if len(w.Surprises) != 1 || w.Surprises[0].Task != "task-04" || w.Surprises[0].Agent != "wrong:w1" {
		t.Errorf("surprises %+v, want the wrong solution that passed", w.Surprises)
	}
	if by := w.CaughtBy(); by["tests"]+by["api"] != 34 || by["api"] == 0 {
		t.Errorf("caught by %v", by)
	}
	if r.Invalid() != 1 {
		t.Errorf("%d invalid, want 1", r.Invalid())
	}
	if Group("exec:./a") == Group("exec:./b") {
		t.Error("two programs are one agent")
	}
}

func TestListsAndReasonsAreBounded(t *testing.T) {
	acc := NewAccumulator(Header{})
	for i := range 3000 {
		a := attempt("model", "a", i+1, lost()...)
		a.Reason = strings.Repeat("x", i)
		acc.Add(a)
		a.Reason = "seed " + string(rune('a'+i%26)) + string(rune(0x4e00+i))
		acc.Add(a)
	}
	s := acc.Report().Summaries[0]
	if len(s.Lost) != maxListed || len(s.Reasons) > maxReasons+1 {
		t.Errorf("%d listed, %d reasons", len(s.Lost), len(s.Reasons))
	}
	n := 0
	for _, r := range s.Reasons {
		n += r.Count
	}
	if n != s.Invalid || n != 6000 {
		t.Errorf("reasons count %d of %d attempts", n, s.Invalid)
	}
}

func TestErrorsOfTheLogAreReported(t *testing.T) {
	for _, f := range Formats {
		var b strings.Builder
		_, err := Write(&b, f, Header{}, torn(attempt("model", "a", 1, good()...)), Options{})
		if !errors.Is(err, errTorn) {
			t.Errorf("%s: error %v, want that of the log", f, err)
		}
		if strings.Contains(b.String(), `"summary"`) || strings.Contains(b.String(), "</testsuites>") {
			t.Errorf("%s: half a log looks whole:\n%s", f, b.String())
		}
	}
	_, err := Write(&strings.Builder{}, "yaml", Header{}, stream(), Options{})
	if err == nil || err.Error() != `report format "yaml": expected one of csv, json, junit, text` {
		t.Errorf("unknown format: %v", err)
	}
}

type fullDisk struct{ left int }

var errFull = errors.New("no space left")

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.left -= len(p); d.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestErrorsOfTheWriterAreReported(t *testing.T) {
	as, h := epochs()
	for _, f := range Formats {
		for _, room := range []int{0, 900} {
			if _, err := Write(&fullDisk{room}, f, h, stream(as...), Options{}); !errors.Is(err, errFull) {
				t.Errorf("%s with room for %d bytes: error %v", f, room, err)
			}
		}
	}
}

func TestSafe(t *testing.T) {
	for in, want := range map[string]string{
		"plain, ünïcode 漢 \t\n":         "plain, ünïcode 漢 \t\n",
		"\x1b[2J":                       `\x1b[2J`,
		"a\u202eb":                      `a\u202eb`,
		"\xff\xfe":                      `\xff\xfe`,
		"\ufffd":                        "\ufffd",
		"\x00\x7f\u009b":                `\x00\x7f\x9b`,
		string(rune(0xfffe)) + "\ufeff": `\ufffe\ufeff`,
	} {
		if got := Safe(in); got != want {
			t.Errorf("Safe(%q) = %q, want %q", in, got, want)
		}
	}
}
