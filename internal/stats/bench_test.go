package stats

import (
	"math/rand/v2"
	"testing"
)

func BenchmarkPassAt(b *testing.B) {
	for b.Loop() {
		PassAt(200, 37, 100)
	}
}

func BenchmarkClustered(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	cs := make([]Count, 1000)
	for i := range cs {
		cs[i] = Count{N: 10, Solved: rng.IntN(11)}
	}
	for b.Loop() {
		Clustered(cs, Level)
	}
}

func BenchmarkPermutationExact(b *testing.B) { benchmarkPermutation(b, 20) }
func BenchmarkPermutationDrawn(b *testing.B) { benchmarkPermutation(b, 164) }

func benchmarkPermutation(b *testing.B, n int) {
	rng := rand.New(rand.NewPCG(1, 2))
	ds := make([]float64, n)
	for i := range ds {
		ds[i] = rng.NormFloat64()
	}
	for b.Loop() {
		PermutationTest(ds, TwoSided, 1)
	}
}

func BenchmarkSpeed(b *testing.B) {
	ts := timings(rand.New(rand.NewPCG(1, 2)), 21, 2, 0.1)
	for b.Loop() {
		if _, err := Speed(ts, 2, Level, 1); err != nil {
			b.Fatal(err)
		}
	}
}
