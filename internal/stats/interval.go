package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Level is the confidence level of every figure that METR prints.
const Level = 0.95

// The names of the methods, as reports show them.
const (
	MethodWilson    = "wilson"           // independent samples
	MethodClustered = "wilson-clustered" // Wilson at the effective sample size, variance between tasks
	MethodPaired    = "paired-score"     // difference of paired shares, independent pairs
	MethodPairedCl  = "paired-score-clustered"
)

// Interval is an estimate with its confidence interval. Low <= Estimate <= High.
type Interval struct {
	Estimate float64 `json:"estimate"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
	Level    float64 `json:"level"`
	Method   string  `json:"method"`
}

// Wilson is the score interval for solved of n independent samples (Wilson 1927,
// without continuity correction). With n == 0 nothing is known: the interval is
// [0, 1] and the estimate, which the caller should not print, 0.
func Wilson(solved, n int, level float64) Interval {
	if n == 0 {
		return Interval{0, 0, 1, level, MethodWilson}
	}
	p := float64(solved) / float64(n)
	lo, hi := wilson(p, float64(n), normalQuantile(level))
	return Interval{p, lo, hi, level, MethodWilson}
}

// wilson solves |p-π| = z·√(π(1-π)/n) for π. n need not be whole.
func wilson(p, n, z float64) (lo, hi float64) {
	z2 := z * z
	centre := (p + z2/(2*n)) / (1 + z2/n)
	half := z / (1 + z2/n) * math.Sqrt(p*(1-p)/n+z2/(4*n*n))
	lo, hi = max(0, centre-half), min(1, centre+half)
	// The ends are exact at 0 and 1; rounding must not say otherwise.
	return min(lo, p), max(hi, p)
}

// normalQuantile is the two-sided critical value of the normal distribution.
func normalQuantile(level float64) float64 {
	return distuv.UnitNormal.Quantile(0.5 + level/2)
}

// tQuantile is the two-sided critical value of Student's t.
func tQuantile(level, df float64) float64 {
	return distuv.StudentsT{Sigma: 1, Nu: df}.Quantile(0.5 + level/2)
}
