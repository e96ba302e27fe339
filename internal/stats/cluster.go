package stats

// Count is what came of one task: N valid samples, Solved of them solved, and
// beside them Invalid ones that the instrument lost.
type Count struct {
	N, Solved, Invalid int
}

// minInformative is the number of tasks that must differ from all-solved, and
// from all-unsolved, before the variance between tasks is worth estimating.
const minInformative = 5

// Clustered is the interval for the share of solved samples over tasks that were
// sampled from some larger set of tasks, with any number of samples each. Where
// no task has more than one sample it is Wilson's. Otherwise the variance of the
// ratio Σsolved/Σn is taken between tasks with the correction G/(G-1), turned
// into an effective sample size p(1-p)/var, and Wilson's interval taken at that
// size with Student's t on G-1 degrees of freedom (Korn and Graubard 1998 and
// Dean and Pagano 2015 recommend intervals of this family for shares in complex
// samples).
//
// The effective size never exceeds the number of samples. Where fewer than five
// tasks saw a success, or fewer than five a failure (0 % and 100 % among them),
// it does not exceed the number of tasks either and the normal quantile is used.
func Clustered(cs []Count, level float64) Interval {
	var n, solved, groups, some, notAll int
	single := true
	for _, c := range cs {
		if c.N == 0 {
			continue
		}
		groups++
		n += c.N
		solved += c.Solved
		if c.Solved > 0 {
			some++
		}
		if c.Solved < c.N {
			notAll++
		}
		single = single && c.N == 1
	}
	if single {
		return Wilson(solved, n, level)
	}
	p := float64(solved) / float64(n)
	ss := 0.0
	for _, c := range cs {
		r := float64(c.Solved) - p*float64(c.N)
		ss += r * r
	}
	size := effectiveSize(p*(1-p), clusterVariance(ss, n, groups), groups, n, min(some, notAll))
	lo, hi := wilson(p, size.n, size.quantile(level))
	return Interval{p, lo, hi, level, MethodClustered}
}

// clusterVariance is the linearised variance of a ratio of totals over clusters,
// from the sum of squared cluster residuals.
func clusterVariance(ss float64, n, groups int) float64 {
	if groups < 2 {
		return 0
	}
	g := float64(groups)
	return g / (g - 1) * ss / (float64(n) * float64(n))
}

// effective is an effective sample size, and the degrees of freedom with which
// it was estimated (0: it was not estimated, but set).
type effective struct{ n, df float64 }

func effectiveSize(unitVariance, variance float64, groups, n, informative int) effective {
	size := float64(n)
	if variance > 0 && unitVariance > 0 { // a share that rounds to 0 or 1 has no unit variance
		size = min(size, unitVariance/variance)
	}
	if informative < minInformative {
		return effective{n: min(size, float64(groups))}
	}
	return effective{size, float64(groups - 1)}
}

func (e effective) quantile(level float64) float64 {
	if e.df == 0 {
		return normalQuantile(level)
	}
	return tQuantile(level, e.df)
}

// Range is what a score could be. Low and High are both possible.
type Range struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Bounds says what the share of solved samples could be if every invalid sample
// had been unsolved (Low) or solved (High). No assumption is made about why
// samples are invalid; sampling error comes on top. ok is false without samples.
func Bounds(cs []Count) (r Range, ok bool) {
	var n, solved, invalid int
	for _, c := range cs {
		n += c.N
		solved += c.Solved
		invalid += c.Invalid
	}
	all := float64(n + invalid)
	if all == 0 {
		return Range{0, 1}, false
	}
	return Range{float64(solved) / all, float64(solved+invalid) / all}, true
}
