package stats

import (
	"math"
	"math/bits"
	"math/rand/v2"
)

// Side says which differences count as extreme.
type Side uint8

// The sides of a test.
const (
	TwoSided Side = iota // differences in either direction
	Greater              // only those above zero
)

// Permutation is the result of a permutation test.
type Permutation struct {
	P     float64 // the probability of a mean at least as extreme if signs were arbitrary
	Exact bool    // every assignment of signs was tried; else P is a Monte Carlo estimate, never 0
	Flips int     // assignments that were looked at
}

const (
	exactLimit = 20    // differences up to which all 2^n sign assignments are tried
	drawn      = 19999 // assignments drawn beyond that
)

// PermutationTest asks whether paired differences have mean zero, assuming only
// that under that hypothesis each could as well have had the other sign
// (Fisher's sign-flip test). Differences must be independent: with several
// epochs a task, pass one sum or mean a task. Zeros carry no information and
// do not count towards the limit of 20 up to which the test is exact; beyond
// it, 19,999 assignments are drawn from seed and P = (1+extreme)/(1+drawn).
func PermutationTest(diffs []float64, side Side, seed uint64) Permutation {
	var ds []float64
	var observed, scale float64
	for _, d := range diffs {
		if d != 0 {
			ds = append(ds, d)
			observed += d
			scale += math.Abs(d)
		}
	}
	if len(ds) == 0 {
		return Permutation{P: 1, Exact: true, Flips: 1}
	}
	// Sums of the same numbers in another order differ by rounding: ties count.
	limit := observed - 1e-9*scale
	if side == TwoSided {
		limit = math.Abs(observed) - 1e-9*scale
	}
	extreme := func(s float64) bool {
		if side == TwoSided {
			s = math.Abs(s)
		}
		return s >= limit
	}
	if len(ds) <= exactLimit {
		return exactFlips(ds, observed, extreme)
	}
	rng := rand.New(rand.NewPCG(seed, 0x6d657472))
	hits := 1
	for range drawn {
		s := 0.0
		var coins uint64
		for i, d := range ds {
			if i%64 == 0 {
				coins = rng.Uint64()
			}
			// The lowest bit becomes the sign bit of d: no branch to mispredict.
			s += math.Float64frombits(math.Float64bits(d) ^ coins<<63)
			coins >>= 1
		}
		if extreme(s) {
			hits++
		}
	}
	return Permutation{P: float64(hits) / (drawn + 1), Flips: drawn}
}

// exactFlips walks all sign assignments in Gray code order: each differs from
// the one before by a single sign.
func exactFlips(ds []float64, sum float64, extreme func(float64) bool) Permutation {
	signs := make([]float64, len(ds))
	for i := range signs {
		signs[i] = 1
	}
	total, hits := 1<<len(ds), 0
	for g := 1; ; g++ {
		if extreme(sum) {
			hits++
		}
		if g == total {
			return Permutation{P: float64(hits) / float64(total), Exact: true, Flips: total}
		}
		i := bits.TrailingZeros(uint(g))
		sum -= 2 * signs[i] * ds[i]
		signs[i] = -signs[i]
	}
}
