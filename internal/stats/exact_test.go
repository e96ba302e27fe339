package stats

import (
	"math"
	"math/big"
	"strings"
	"testing"
)

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if math.IsNaN(got) || math.Abs(got-want) > tol {
		t.Errorf("%s = %.10g, want %.10g", what, got, want)
	}
}

func TestWilson(t *testing.T) {
	// Hand-computed with z = 1.959964 from the closed form; 81 of 263 is the
	// worked example of Newcombe 1998 (method 3), which prints 0.2553 to 0.3662.
	for _, c := range []struct {
		solved, n int
		lo, hi    float64
	}{
		{81, 263, 0.2553, 0.3662},
		{15, 148, 0.0624, 0.1605},
		{0, 20, 0, 0.1611},
		{1, 29, 0.0061, 0.1718},
		{18, 18, 1 / (1 + 3.841459/18), 1},
		{0, 0, 0, 1},
	} {
		iv := Wilson(c.solved, c.n, 0.95)
		near(t, "low", iv.Low, c.lo, 5e-5)
		near(t, "high", iv.High, c.hi, 5e-5)
		if iv.Method != MethodWilson || iv.Level != 0.95 {
			t.Errorf("method %q level %v", iv.Method, iv.Level)
		}
	}
}

// choose is C(n,k) in exact arithmetic.
func choose(n, k int) *big.Int { return new(big.Int).Binomial(int64(n), int64(k)) }

func TestPassAtAgainstExactArithmetic(t *testing.T) {
	for _, n := range []int{1, 2, 5, 10, 37, 200} {
		for c := 0; c <= n; c++ {
			for k := 1; k <= n; k += 1 + n/25 {
				all := new(big.Float).SetInt(choose(n, k))
				ratio := func(a int) float64 {
					if a < k {
						return 0
					}
					q, _ := new(big.Float).Quo(new(big.Float).SetInt(choose(a, k)), all).Float64()
					return q
				}
				near(t, "pass@k", PassAt(n, c, k), 1-ratio(n-c), 1e-12)
				near(t, "pass^k", PassHat(n, c, k), ratio(c), 1e-12)
			}
		}
	}
	if v := PassAt(100000, 3, 50000); math.IsNaN(v) || v < 0.87 || v > 0.88 {
		t.Errorf("pass@50000 of 100000 with 3 solved = %v, want about 7/8", v)
	}
}

func TestPassAtPanicsOnNonsense(t *testing.T) {
	for _, c := range [][3]int{{5, 6, 1}, {5, -1, 1}, {5, 1, 0}, {5, 1, 6}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("PassAt%v did not panic", c)
				}
			}()
			PassAt(c[0], c[1], c[2])
		}()
	}
}

func TestPassAtKRefuses(t *testing.T) {
	cs := []Count{{N: 5, Solved: 2}, {N: 3, Solved: 3}, {N: 2}}
	iv, r := PassAtK(cs, 5, Level)
	if r == nil || r.Index != 1 || r.N != 3 || r.Tasks != 2 || iv != (Interval{}) {
		t.Fatalf("got %v, %+v: want a refusal naming task 1 of two", iv, r)
	}
	if s := r.String(); !strings.Contains(s, "task 1 has 3") {
		t.Errorf("refusal reads %q", s)
	}
	if _, r := PassHatK(nil, 1, Level); r == nil || r.Index != -1 {
		t.Errorf("no tasks: got %+v, want a refusal", r)
	}
	iv, r = PassAtK(cs, 2, Level)
	if r != nil {
		t.Fatal(r)
	}
	// 1-C(3,2)/C(5,2) = 0.7, 1, 0
	near(t, "pass@2", iv.Estimate, 1.7/3, 1e-12)
	iv, _ = PassHatK(cs, 2, Level)
	// C(2,2)/C(5,2) = 0.1, 1, 0
	near(t, "pass^2", iv.Estimate, 1.1/3, 1e-12)
}

func TestPassAt1IsTheScore(t *testing.T) {
	cs := []Count{{N: 4, Solved: 1}, {N: 4, Solved: 4}, {N: 4}, {N: 4, Solved: 2}, {N: 4, Solved: 3}, {N: 4, Solved: 1}, {N: 4, Solved: 2}}
	score := Clustered(cs, Level)
	for _, f := range []func([]Count, int, float64) (Interval, *Refusal){PassAtK, PassHatK} {
		iv, _ := f(cs, 1, Level)
		near(t, "estimate", iv.Estimate, score.Estimate, 1e-12)
		near(t, "low", iv.Low, score.Low, 1e-12)
		near(t, "high", iv.High, score.High, 1e-12)
	}
}

func TestClustered(t *testing.T) {
	repeat := func(c Count, n int) (out []Count) {
		for range n {
			out = append(out, c)
		}
		return out
	}
	one := append(repeat(Count{N: 1, Solved: 1}, 13), repeat(Count{N: 1}, 5)...)
	if got, want := Clustered(one, Level), Wilson(13, 18, Level); got != want {
		t.Errorf("single samples: %v, want Wilson's %v", got, want)
	}
	// Perfectly repeated epochs add nothing: as many samples as tasks, to within
	// the small-sample correction.
	rep := append(repeat(Count{N: 5, Solved: 5}, 13), repeat(Count{N: 5}, 5)...)
	got := Clustered(rep, Level)
	if w := Wilson(13, 18, Level); got.Low > w.Low || got.High < w.High || got.High-got.Low > 1.2*(w.High-w.Low) {
		t.Errorf("five equal epochs: %v, want slightly wider than %v", got, w)
	}
	// At the ends the width is that of the number of tasks.
	for _, s := range []int{0, 5} {
		got, w := Clustered(repeat(Count{N: 5, Solved: s}, 18), Level), Wilson(18*s/5, 18, Level)
		near(t, "low", got.Low, w.Low, 1e-12)
		near(t, "high", got.High, w.High, 1e-12)
	}
	// One success in ninety must not promise more than none in ninety.
	cs := repeat(Count{N: 5}, 18)
	none := Clustered(cs, Level)
	cs[3].Solved = 1
	if got := Clustered(cs, Level); got.High < none.High {
		t.Errorf("1 of 90 has upper bound %v, 0 of 90 %v", got.High, none.High)
	}
	// Tasks without a valid sample are not tasks.
	if a, b := Clustered(append(cs, Count{Invalid: 5}), Level), Clustered(cs, Level); a != b {
		t.Errorf("an empty task changed %v to %v", b, a)
	}
	// Equal shares in every task: no narrower than independent samples.
	got = Clustered(repeat(Count{N: 2, Solved: 1}, 20), Level)
	if w := Wilson(20, 40, Level); got.Low > w.Low || got.High < w.High {
		t.Errorf("equal shares: %v is narrower than independent samples %v", got, w)
	}
}

func TestBounds(t *testing.T) {
	r, ok := Bounds([]Count{{N: 3, Solved: 2, Invalid: 1}, {N: 1, Invalid: 5}})
	if !ok || r != (Range{0.2, 0.8}) {
		t.Errorf("got %v %v, want 0.2 to 0.8", r, ok)
	}
	if r, ok := Bounds(nil); ok || r != (Range{0, 1}) {
		t.Errorf("nothing: got %v %v", r, ok)
	}
}

func TestPairedDifference(t *testing.T) {
	tasks := func(n int, p Pairs) (out []Pairs) {
		for range n {
			out = append(out, p)
		}
		return out
	}
	// 18 equal pairs: the share of either kind of difference may still be what
	// Wilson's upper bound for 0 of 18 says.
	iv, ok := PairedDifference(tasks(18, Pairs{N: 1}), Level)
	u := Wilson(0, 18, Level).High
	if !ok || iv.Estimate != 0 {
		t.Fatalf("%v %v", iv, ok)
	}
	near(t, "low", iv.Low, -u, 1e-12)
	near(t, "high", iv.High, u, 1e-12)
	// The same with five epochs is no narrower.
	cl, _ := PairedDifference(tasks(18, Pairs{N: 5}), Level)
	near(t, "high, five epochs", cl.High, u, 1e-12)
	// Every pair differs: the lower end is where Wilson's is.
	iv, _ = PairedDifference(tasks(18, Pairs{N: 1, OnlyA: 1}), Level)
	near(t, "low, all differ", iv.Low, 2*Wilson(18, 18, Level).Low-1, 1e-12)
	near(t, "high, all differ", iv.High, 1, 1e-12)
	// Swapping A and B mirrors the interval.
	ab, _ := PairedDifference([]Pairs{{4, 2, 1}, {4, 1, 0}, {3, 0, 0}, {4, 3, 0}, {4, 1, 1}, {4, 4, 0}, {2, 1, 0}}, Level)
	ba, _ := PairedDifference([]Pairs{{4, 1, 2}, {4, 0, 1}, {3, 0, 0}, {4, 0, 3}, {4, 1, 1}, {4, 0, 4}, {2, 0, 1}}, Level)
	near(t, "mirrored low", ba.Low, -ab.High, 1e-12)
	near(t, "mirrored high", ba.High, -ab.Low, 1e-12)
	if _, ok := PairedDifference(nil, Level); ok {
		t.Error("nothing has a difference")
	}
	var p Pairs
	for _, x := range [][2]bool{{true, true}, {true, false}, {false, true}, {false, false}, {true, false}} {
		p.Add(x[0], x[1])
	}
	if p != (Pairs{5, 2, 1}) {
		t.Errorf("Add counted %v", p)
	}
}

func TestPermutationTest(t *testing.T) {
	// Fisher's own example: Darwin's fifteen pairs of maize, 863 + 863 of 32768
	// assignments at least as extreme (Design of Experiments, section 21).
	darwin := []float64{49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48}
	got := PermutationTest(darwin, TwoSided, 0)
	if !got.Exact || got.P != 1726.0/32768 {
		t.Errorf("Darwin's maize: %+v, want 1726/32768", got)
	}
	if got := PermutationTest(darwin, Greater, 0); got.P != 863.0/32768 {
		t.Errorf("one-sided: %+v, want 863/32768", got)
	}
	if got := PermutationTest([]float64{1, 1, 1, 1, 1}, Greater, 0); got.P != 1.0/32 {
		t.Errorf("five of five: %+v", got)
	}
	if got := PermutationTest([]float64{0, 0}, TwoSided, 0); got.P != 1 {
		t.Errorf("no difference: %+v", got)
	}
	// Ties that rounding would break: 0.1+0.2 against 0.3.
	if got := PermutationTest([]float64{0.1, 0.2, -0.3}, TwoSided, 0); got.P != 1 {
		t.Errorf("ties: %+v", got)
	}
	// Twenty-one differences are drawn; the answer is near the exact one for
	// the sign test and the same for the same seed.
	ds := make([]float64, 21)
	for i := range ds {
		ds[i] = 1
		if i < 6 {
			ds[i] = -1
		}
	}
	mc := PermutationTest(ds, TwoSided, 7)
	// 2·P(Bin(21,1/2) <= 6)
	near(t, "drawn p", mc.P, 0.0784, 0.008)
	if mc.Exact || mc != PermutationTest(ds, TwoSided, 7) || mc == PermutationTest(ds, TwoSided, 8) {
		t.Errorf("drawn: %+v is not decided by the seed alone", mc)
	}
}
