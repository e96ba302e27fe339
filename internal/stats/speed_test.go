package stats

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// timings simulates rounds with multiplicative noise and a machine that grows
// slower from round to round.
func timings(rng *rand.Rand, n int, ratio, noise float64) []Timing {
	out := make([]Timing, n)
	for i := range out {
		drift := 1 + float64(i)/float64(n)
		at := func(ns float64) float64 { return ns * drift * math.Exp(noise*rng.NormFloat64()) }
		out[i] = Timing{N: 1000, BaseNS: at(1e6), Base2NS: at(1e6), CandNS: at(1e6 / ratio)}
	}
	return out
}

func TestSpeedDecides(t *testing.T) {
	for _, c := range []struct {
		name          string
		ratio, factor float64
		noise         float64
		want          Decision
		aa            bool
	}{
		{"well above", 4, 2, 0.05, Reached, true},
		{"unchanged", 1, 2, 0.05, Missed, true},
		{"slower", 0.5, 2, 0.05, Missed, true},
		{"at the factor", 2, 2, 0.05, Unclear, true},
		{"noise as large as the claim", 4, 2, 2, Unclear, false},
	} {
		rng := rand.New(rand.NewPCG(3, 4))
		s, err := Speed(timings(rng, 21, c.ratio, c.noise), c.factor, Level, 1)
		if err != nil {
			t.Fatal(err)
		}
		if s.Decision != c.want || s.AAOK != c.aa || s.Low > s.Ratio || s.High < s.Ratio || s.N != 1000 || s.Rounds != 21 {
			t.Errorf("%s: %+v, want %s", c.name, s, c.want)
		}
		if c.aa && math.Abs(s.Ratio/c.ratio-1) > 0.1 {
			t.Errorf("%s: ratio %v, want about %v", c.name, s.Ratio, c.ratio)
		}
	}
}

func TestSpeedControlSeesABias(t *testing.T) {
	ts := timings(rand.New(rand.NewPCG(1, 1)), 15, 4, 0.01)
	for i := range ts {
		ts[i].Base2NS *= 2 // whoever runs second pays
	}
	s, err := Speed(ts, 2, Level, 1)
	if err != nil || s.AAOK || s.Decision != Unclear {
		t.Errorf("got %+v, %v: want no verdict", s, err)
	}
}

func TestSpeedJudgesTheLargestSize(t *testing.T) {
	var ts []Timing
	for i := range 6 {
		_ = i
		ts = append(ts, Timing{10, 100, 100, 100}, Timing{1000, 900, 900, 300}, Timing{4000, 900, 900, 100})
	}
	s, err := Speed(ts, 2, Level, 1)
	if err != nil || s.N != 4000 || s.Ratio != 9 || s.Rounds != 6 || s.P != 1.0/64 {
		t.Errorf("got %+v, %v: want ratio 9 at n=4000", s, err)
	}
	s, err = Speed([]Timing{{1, 2, 2, 1}, {2, 2, 2, 1}, {3, 2, 2, 1}, {4, 2, 2, 1}, {5, 2, 2, 1}}, 2, Level, 1)
	if err != nil || s.N != 0 || s.Rounds != 5 || s.Decision != Reached {
		t.Errorf("one round a size: %+v, %v: want all rounds judged", s, err)
	}
}

func TestSpeedRefuses(t *testing.T) {
	ok := Timing{1, 1, 1, 1}
	for want, c := range map[string]struct {
		ts     []Timing
		factor float64
	}{
		"at least 5": {[]Timing{ok, ok, ok, ok}, 2},
		"round 2":    {[]Timing{ok, {1, 1, 0, 1}, ok, ok, ok}, 2},
		"time NaN":   {[]Timing{ok, ok, {1, 1, 1, math.NaN()}, ok, ok}, 2},
		"factor":     {[]Timing{ok, ok, ok, ok, ok}, math.NaN()},
	} {
		if _, err := Speed(c.ts, c.factor, Level, 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error that mentions %q", err, want)
		}
	}
}

func TestMedian(t *testing.T) {
	if Median([]float64{3, 1, 2}) != 2 || Median([]float64{4, 1, 2, 3}) != 2.5 || !math.IsNaN(Median(nil)) {
		t.Error("median")
	}
}
