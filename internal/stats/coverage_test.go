package stats

import (
	"math/rand/v2"
	"testing"
)

// The tests here simulate many benchmarks from a known truth and count how often
// the interval holds it. They are seeded, so they pass or fail for good. Nominal
// coverage is 95 %; the least allowed is lower, as no interval for small counts
// keeps its level everywhere, and far above what the naive one reaches.

// betaDraw is a Beta(a,b) draw for whole a and b, as an order statistic.
func betaDraw(rng *rand.Rand, a, b int) float64 {
	xs := make([]float64, a+b-1)
	for i := range xs {
		xs[i] = rng.Float64()
	}
	for i := range a { // partial selection sort up to the a-th
		for j := i + 1; j < len(xs); j++ {
			if xs[j] < xs[i] {
				xs[i], xs[j] = xs[j], xs[i]
			}
		}
	}
	return xs[a-1]
}

func binomial(rng *rand.Rand, n int, p float64) (c int) {
	for range n {
		if rng.Float64() < p {
			c++
		}
	}
	return c
}

func TestClusteredCoverage(t *testing.T) {
	const runs = 3000
	for _, c := range []struct {
		name          string
		tasks, epochs int
		draw          func(*rand.Rand) float64
		truth         float64
	}{
		{"even", 20, 5, func(r *rand.Rand) float64 { return betaDraw(r, 1, 1) }, 0.5},
		{"hard", 20, 5, func(r *rand.Rand) float64 { return betaDraw(r, 1, 9) }, 0.1},
		{"easy", 18, 3, func(r *rand.Rand) float64 { return betaDraw(r, 9, 1) }, 0.9},
		{"all or nothing", 30, 5, func(r *rand.Rand) float64 { return float64(binomial(r, 1, 0.3)) }, 0.3},
		{"all alike", 20, 5, func(*rand.Rand) float64 { return 0.4 }, 0.4},
		{"many", 164, 10, func(r *rand.Rand) float64 { return betaDraw(r, 1, 3) }, 0.25},
	} {
		rng := rand.New(rand.NewPCG(11, 12))
		held, naive := 0, 0
		for range runs {
			cs := make([]Count, c.tasks)
			solved := 0
			for i := range cs {
				cs[i] = Count{N: c.epochs, Solved: binomial(rng, c.epochs, c.draw(rng))}
				solved += cs[i].Solved
			}
			if iv := Clustered(cs, Level); iv.Low <= c.truth && c.truth <= iv.High {
				held++
			}
			if iv := Wilson(solved, c.tasks*c.epochs, Level); iv.Low <= c.truth && c.truth <= iv.High {
				naive++
			}
		}
		got := float64(held) / runs
		t.Logf("%-15s %.3f (as if independent: %.3f)", c.name, got, float64(naive)/runs)
		if got < 0.93 {
			t.Errorf("%s: the interval held the truth in %.3f of runs, want at least 0.93", c.name, got)
		}
	}
}

func TestPassAtKCoverage(t *testing.T) {
	const runs, tasks, n, k = 2000, 40, 10, 3
	// For p ~ Uniform, E[1-(1-p)^3] = 3/4.
	rng := rand.New(rand.NewPCG(5, 6))
	held, sum := 0, 0.0
	for range runs {
		cs := make([]Count, tasks)
		for i := range cs {
			cs[i] = Count{N: n, Solved: binomial(rng, n, rng.Float64())}
		}
		iv, _ := PassAtK(cs, k, Level)
		sum += iv.Estimate
		if iv.Low <= 0.75 && 0.75 <= iv.High {
			held++
		}
	}
	near(t, "mean of pass@3 (unbiased)", sum/runs, 0.75, 0.005)
	if got := float64(held) / runs; got < 0.93 {
		t.Errorf("held in %.3f of runs, want at least 0.93", got)
	}
}

func TestPairedDifferenceCoverage(t *testing.T) {
	const runs = 3000
	for _, c := range []struct {
		name          string
		tasks, epochs int
		a, b          float64 // mean shares of A only and of B only
		together      bool    // all samples of a task alike
	}{
		{"one way", 18, 1, 0.2, 0, false},
		{"rare, one way", 40, 1, 0.08, 0, false},
		{"both ways", 40, 1, 0.2, 0.1, false},
		{"epochs alike", 40, 5, 0.3, 0.1, true},
		{"epochs independent", 20, 5, 0.3, 0.1, false},
		{"null, epochs alike", 30, 5, 0.1, 0.1, true},
	} {
		rng := rand.New(rand.NewPCG(21, 22))
		held, excludesZero := 0, 0
		for range runs {
			ps := make([]Pairs, c.tasks)
			for i := range ps {
				u := rng.Float64()
				for range c.epochs {
					if !c.together {
						u = rng.Float64()
					}
					ps[i].Add(u < c.a, u >= c.a && u < c.a+c.b)
				}
			}
			iv, _ := PairedDifference(ps, Level)
			if d := c.a - c.b; iv.Low <= d+1e-12 && d <= iv.High+1e-12 {
				held++
			}
			if iv.Low > 0 {
				excludesZero++
			}
		}
		got := float64(held) / runs
		t.Logf("%-20s %.3f, above zero %.3f", c.name, got, float64(excludesZero)/runs)
		if got < 0.92 {
			t.Errorf("%s: the interval held the truth in %.3f of runs, want at least 0.92", c.name, got)
		}
	}
}

func TestPermutationTestKeepsItsLevel(t *testing.T) {
	const runs = 2000
	rng := rand.New(rand.NewPCG(31, 32))
	rejected := 0
	for range runs {
		ds := make([]float64, 10)
		for i := range ds {
			ds[i] = rng.NormFloat64()
		}
		if PermutationTest(ds, TwoSided, 0).P <= 0.05 {
			rejected++
		}
	}
	if got := float64(rejected) / runs; got < 0.03 || got > 0.065 {
		t.Errorf("rejected a true hypothesis in %.3f of runs, want about 0.05", got)
	}
}

func TestSpeedCoverage(t *testing.T) {
	const runs = 300
	rng := rand.New(rand.NewPCG(41, 42))
	held, wrong := 0, 0
	for range runs {
		s, err := Speed(timings(rng, 15, 2, 0.2), 2.8, Level, 1)
		if err != nil {
			t.Fatal(err)
		}
		if s.Low <= 2 && 2 <= s.High {
			held++
		}
		if s.Decision == Reached {
			wrong++
		}
	}
	if got := float64(held) / runs; got < 0.9 {
		t.Errorf("held in %.3f of runs, want at least 0.90", got)
	}
	if wrong > runs/100 {
		t.Errorf("%d of %d measurements of a 2.0x speed-up were called 2.8x", wrong, runs)
	}
}
