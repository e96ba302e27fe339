package stats_test

import (
	"fmt"

	"metr/internal/stats"
)

func ExampleWilson() {
	iv := stats.Wilson(18, 18, stats.Level)
	fmt.Printf("%.0f %% [%.0f to %.0f] %s\n", 100*iv.Estimate, 100*iv.Low, 100*iv.High, iv.Method)
	// Output: 100 % [82 to 100] wilson
}

func ExampleClustered() {
	// Four tasks, three epochs each, one sample lost to the instrument.
	counts := []stats.Count{{N: 3, Solved: 3}, {N: 3, Solved: 2}, {N: 3}, {N: 2, Solved: 1, Invalid: 1}}
	iv := stats.Clustered(counts, stats.Level)
	b, _ := stats.Bounds(counts)
	fmt.Printf("%.2f [%.2f to %.2f], between %.2f and %.2f with the invalid one\n", iv.Estimate, iv.Low, iv.High, b.Low, b.High)
	// Output: 0.55 [0.17 to 0.87], between 0.50 and 0.58 with the invalid one
}

func ExamplePassAtK() {
	counts := []stats.Count{{N: 10, Solved: 3}, {N: 10, Solved: 0}, {N: 10, Solved: 10}}
	for _, k := range []int{1, 5, 20} {
		if iv, refused := stats.PassAtK(counts, k, stats.Level); refused != nil {
			fmt.Println(refused)
		} else {
			fmt.Printf("pass@%d %.3f\n", k, iv.Estimate)
		}
	}
	// Output:
	// pass@1 0.433
	// pass@5 0.639
	// k=20: task 0 has 10 valid samples (3 tasks have fewer than 20)
}

func ExamplePairedDifference() {
	// What passed the syntax graders (A) against what passed the hidden tests (B).
	iv, _ := stats.PairedDifference([]stats.Pairs{{N: 4, OnlyA: 2}, {N: 4, OnlyA: 4}, {N: 4}, {N: 4, OnlyA: 1}, {N: 4, OnlyA: 1}, {N: 4, OnlyA: 3}}, stats.Level)
	fmt.Printf("surface gap %+.2f [%+.2f to %+.2f]\n", iv.Estimate, iv.Low, iv.High)
	// Output: surface gap +0.46 [-0.02 to +0.78]
}

func ExampleSpeed() {
	var rounds []stats.Timing
	for i := range 9 {
		slow := 1 + float64(i%3)/50
		rounds = append(rounds, stats.Timing{N: 4000, BaseNS: 9e6 * slow, Base2NS: 9e6, CandNS: 3e6})
	}
	s, err := stats.Speed(rounds, 2, stats.Level, 1)
	fmt.Printf("%.2fx, p %.3f, control %.2f: %s %v\n", s.Ratio, s.P, s.AARatio, s.Decision, err)
	// Output: 3.06x, p 0.002, control 1.02: reached <nil>
}
