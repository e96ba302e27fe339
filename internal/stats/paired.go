package stats

import "math"

// Pairs is what came of one task looked at in two ways, A and B, sample by
// sample: N samples, OnlyA of them passed A and not B, OnlyB the reverse. The
// rest passed both or neither and say nothing about the difference.
type Pairs struct {
	N, OnlyA, OnlyB int
}

// Add counts one sample.
func (p *Pairs) Add(a, b bool) {
	p.N++
	switch {
	case a && !b:
		p.OnlyA++
	case b && !a:
		p.OnlyB++
	}
}

// PairedDifference is the share that passes A less the share that passes B,
// paired by sample and clustered by task; ok is false without samples.
//
// The interval combines Wilson's intervals for the two discordant shares, taking
// their multinomial correlation into account (the method of variance estimates
// recovery: Newcombe 1998, Zou and Donner 2008), at the effective sample size
// that the variance between tasks gives. Unlike d ± t·se it keeps its width
// where no sample is discordant, and stays inside [-1, 1]. The rule about too
// few informative tasks is Clustered's, with "differs" in place of "solved".
func PairedDifference(ps []Pairs, level float64) (iv Interval, ok bool) {
	var n, onlyA, onlyB, groups, differ int
	single := true
	for _, p := range ps {
		if p.N == 0 {
			continue
		}
		groups++
		n += p.N
		onlyA += p.OnlyA
		onlyB += p.OnlyB
		if p.OnlyA+p.OnlyB > 0 {
			differ++
		}
		single = single && p.N == 1
	}
	if n == 0 {
		return Interval{0, -1, 1, level, MethodPaired}, false
	}
	a, b := float64(onlyA)/float64(n), float64(onlyB)/float64(n)
	d := a - b
	size, method := effective{n: float64(n)}, MethodPaired
	if !single {
		ss := 0.0
		for _, p := range ps {
			r := float64(p.OnlyA-p.OnlyB) - d*float64(p.N)
			ss += r * r
		}
		size = effectiveSize(a+b-d*d, clusterVariance(ss, n, groups), groups, n, differ)
		method = MethodPairedCl
	}
	lo, hi := moverDifference(a, b, size.n, size.quantile(level))
	return Interval{d, min(lo, d), max(hi, d), level, method}, true
}

// moverDifference is the interval for a-b, two shares of one multinomial sample.
func moverDifference(a, b, n, z float64) (lo, hi float64) {
	la, ua := wilson(a, n, z)
	lb, ub := wilson(b, n, z)
	r := 0.0
	switch {
	case a == 1 || b == 1: // the limit of a+b = 1: what one loses the other gains
		r = -1
	case a > 0 && b > 0:
		r = -math.Sqrt(a * b / ((1 - a) * (1 - b)))
	}
	d := a - b
	lo = d - norm2(a-la, ub-b, r)
	hi = d + norm2(ua-a, b-lb, r)
	return max(-1, lo), min(1, hi)
}

// norm2 is √(x²+y²-2rxy).
func norm2(x, y, r float64) float64 {
	return math.Sqrt(max(0, x*x+y*y-2*r*x*y))
}
