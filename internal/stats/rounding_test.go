package stats

import (
	"math"
	"testing"
)

// Shares that round to 0 or 1 while tasks differ in the last digit have an
// interval all the same.
func TestSharesThatRoundToOne(t *testing.T) {
	for a := 0; a <= 100; a++ {
		for _, b := range []int{a, a + 1, 100 - a} {
			cs := []Count{{N: 100, Solved: a}, {N: 100, Solved: min(b, 100)}}
			for _, k := range []int{1, 20, 50, 100} {
				for _, f := range []func([]Count, int, float64) (Interval, *Refusal){PassAtK, PassHatK} {
					if iv, _ := f(cs, k, Level); math.IsNaN(iv.Low) || math.IsNaN(iv.High) || iv.Low > iv.Estimate || iv.High < iv.Estimate {
						t.Fatalf("%v k=%d: %+v", cs, k, iv)
					}
				}
			}
		}
	}
}
