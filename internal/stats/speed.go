package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Timing is one round of a paired measurement, its three programs run one right
// after the other at the same input size: the start, the start again, and the
// candidate. CPU time in nanoseconds.
type Timing struct {
	N                       int // input size
	BaseNS, Base2NS, CandNS float64
}

// Decision is what a measurement says about a claimed factor.
type Decision string

// The decisions.
const (
	Reached Decision = "reached" // the whole interval is at or above the factor
	Missed  Decision = "missed"  // the whole interval is below it
	Unclear Decision = "unclear" // the interval holds it, or the control failed: measure more, or elsewhere
)

// Speedup is the verdict on a measurement.
type Speedup struct {
	Factor   float64  `json:"factor"` // what was asked for
	Ratio    float64  `json:"ratio"`  // median over rounds of base/candidate; above 1 is faster
	Low      float64  `json:"low"`    // bootstrap interval of Ratio
	High     float64  `json:"high"`
	Level    float64  `json:"level"`
	P        float64  `json:"p"`        // permutation test of "no faster than the start", one-sided
	AARatio  float64  `json:"aa_ratio"` // median of base/base2, which ought to be 1
	AALow    float64  `json:"aa_low"`
	AAHigh   float64  `json:"aa_high"`
	AAOK     bool     `json:"aa_ok"` // the control is far closer to 1 than the factor is
	N        int      `json:"n"`     // the input size that was judged; 0: several
	Rounds   int      `json:"rounds"`
	Decision Decision `json:"decision"`
}

// MinRounds is the least number of rounds for a verdict: with fewer even the
// most favourable permutation test stays above p = 0.03.
const MinRounds = 5

const resamples = 2000

// Speed judges whether the candidate is faster than the start by factor. It
// looks at the rounds of the largest input size that has MinRounds of them (a
// fixed start-up cost weighs least there), or at all rounds where none has.
//
// The ratio is the median of per-round ratios: rounds share their moment, so
// that a machine that slows down halfway changes both sides of a ratio, which
// the ratio of the two medians does not survive. The A/A control passes where
// the interval of base/base2 stays within the square root of the factor (or 5 %,
// whichever is more) on either side of 1: noise as large as half of the claim,
// on the logarithmic scale, leaves no verdict. The error is about the input:
// too few rounds, or times that are not positive.
func Speed(rounds []Timing, factor float64, level float64, seed uint64) (Speedup, error) {
	if !(factor > 0) || math.IsInf(factor, 0) {
		return Speedup{}, fmt.Errorf("speed: factor %v: expected a positive number", factor)
	}
	for i, t := range rounds {
		for _, v := range []float64{t.BaseNS, t.Base2NS, t.CandNS} {
			if !(v > 0) || math.IsInf(v, 0) {
				return Speedup{}, fmt.Errorf("speed: round %d: time %v: expected a positive number of nanoseconds", i+1, v)
			}
		}
	}
	if len(rounds) < MinRounds {
		return Speedup{}, fmt.Errorf("speed: %d rounds: expected at least %d", len(rounds), MinRounds)
	}
	rounds, n := judged(rounds)
	s := Speedup{Factor: factor, Level: level, N: n, Rounds: len(rounds)}
	ratios, control, logs := make([]float64, len(rounds)), make([]float64, len(rounds)), make([]float64, len(rounds))
	for i, t := range rounds {
		ratios[i], control[i] = t.BaseNS/t.CandNS, t.BaseNS/t.Base2NS
		logs[i] = math.Log(ratios[i])
	}
	s.Ratio, s.Low, s.High = medianInterval(ratios, level, seed)
	s.AARatio, s.AALow, s.AAHigh = medianInterval(control, level, seed+1)
	s.P = PermutationTest(logs, Greater, seed).P
	room := max(math.Sqrt(max(factor, 1/factor)), 1.05)
	s.AAOK = s.AALow >= 1/room && s.AAHigh <= room
	switch {
	case !s.AAOK:
		s.Decision = Unclear
	case s.Low >= factor:
		s.Decision = Reached
	case s.High < factor:
		s.Decision = Missed
	default:
		s.Decision = Unclear
	}
	return s, nil
}

func judged(rounds []Timing) ([]Timing, int) {
	count := make(map[int]int)
	for _, t := range rounds {
		count[t.N]++
	}
	best, found := 0, false
	for n, c := range count {
		if c >= MinRounds && (!found || n > best) {
			best, found = n, true
		}
	}
	if !found {
		return rounds, 0
	}
	var out []Timing
	for _, t := range rounds {
		if t.N == best {
			out = append(out, t)
		}
	}
	return out, best
}

// medianInterval is the median with its percentile bootstrap interval.
func medianInterval(xs []float64, level float64, seed uint64) (mid, lo, hi float64) {
	rng := rand.New(rand.NewPCG(seed, 0x626f6f74))
	medians, buf := make([]float64, resamples), make([]float64, len(xs))
	for i := range medians {
		for j := range buf {
			buf[j] = xs[rng.IntN(len(xs))]
		}
		medians[i] = Median(buf)
	}
	slices.Sort(medians)
	tail := int((1 - level) / 2 * resamples)
	mid = Median(slices.Clone(xs))
	return mid, min(mid, medians[tail]), max(mid, medians[resamples-1-tail])
}

// Median sorts xs and returns its middle, or the mean of the two middle values.
// It is NaN without values.
func Median(xs []float64) float64 {
	if len(xs) == 0 {
		return math.NaN()
	}
	slices.Sort(xs)
	m := len(xs) / 2
	if len(xs)%2 == 1 {
		return xs[m]
	}
	return (xs[m-1] + xs[m]) / 2
}
