package stats

import "fmt"

// Refusal says why a figure is not given. It is a value of the report, not an
// error: the log is fine, the figure does not exist.
type Refusal struct {
	K     int // the k that was asked for
	Index int // the first task with fewer than K valid samples; -1: there are no tasks
	N     int // how many that task has
	Tasks int // how many tasks have too few
}

func (r *Refusal) String() string {
	if r.Index < 0 {
		return fmt.Sprintf("k=%d: no task has a valid sample", r.K)
	}
	return fmt.Sprintf("k=%d: task %d has %d valid samples (%d tasks have fewer than %d)", r.K, r.Index, r.N, r.Tasks, r.K)
}

// PassAtK is the mean over tasks of the probability that at least one of k
// samples drawn without replacement is solved: 1 - C(n-c,k)/C(n,k), the unbiased
// estimator of Chen et al. 2021. The interval is over tasks, as in Clustered.
// It is refused where any task has fewer than k valid samples.
func PassAtK(cs []Count, k int, level float64) (Interval, *Refusal) {
	return meanOver(cs, k, level, PassAt)
}

// PassHatK is pass^k: the mean over tasks of the probability that all of k
// samples drawn without replacement are solved: C(c,k)/C(n,k) (Yao et al. 2024).
// It measures reliability where pass@k measures luck. Refused as PassAtK is.
func PassHatK(cs []Count, k int, level float64) (Interval, *Refusal) {
	return meanOver(cs, k, level, PassHat)
}

// PassAt is 1 - C(n-c,k)/C(n,k) for one task, as a product of k or n-c factors
// below one, so that nothing overflows. It panics unless 0 <= c <= n and
// 1 <= k <= n.
func PassAt(n, c, k int) float64 {
	check(n, c, k)
	if n-c < k {
		return 1
	}
	return 1 - chooseRatio(n-c, n, k)
}

// PassHat is C(c,k)/C(n,k) for one task. It panics as PassAt does.
func PassHat(n, c, k int) float64 {
	check(n, c, k)
	if c < k {
		return 0
	}
	return chooseRatio(c, n, k)
}

// chooseRatio is C(a,k)/C(n,k) for k <= a <= n. Both products below equal it;
// the shorter one is taken.
func chooseRatio(a, n, k int) float64 {
	r := 1.0
	if k <= n-a {
		for i := range k {
			r *= float64(a-i) / float64(n-i)
		}
		return r
	}
	for i := range n - a {
		r *= float64(n-k-i) / float64(n-i)
	}
	return r
}

func check(n, c, k int) {
	if c < 0 || c > n || k < 1 || k > n {
		panic(fmt.Sprintf("stats: n=%d c=%d k=%d: want 0 <= c <= n and 1 <= k <= n", n, c, k))
	}
}

func meanOver(cs []Count, k int, level float64, f func(n, c, k int) float64) (Interval, *Refusal) {
	refused := &Refusal{K: k, Index: -1}
	for i, c := range cs {
		if c.N >= k {
			continue
		}
		if refused.Index < 0 {
			refused.Index, refused.N = i, c.N
		}
		refused.Tasks++
	}
	if refused.Tasks > 0 || len(cs) == 0 {
		return Interval{}, refused
	}
	var sum float64
	var n, some, notAll int
	single := true
	vs := make([]float64, len(cs))
	for i, c := range cs {
		v := f(c.N, c.Solved, k)
		vs[i] = v
		sum += v
		n += c.N
		if v > 0 {
			some++
		}
		if v < 1 {
			notAll++
		}
		single = single && c.N == 1
	}
	p := min(1, sum/float64(len(cs)))
	if single {
		return Wilson(int(sum+0.5), len(cs), level), nil
	}
	ss := 0.0
	for _, v := range vs {
		ss += (v - p) * (v - p)
	}
	size := effectiveSize(p*(1-p), clusterVariance(ss, len(cs), len(cs)), len(cs), n, min(some, notAll))
	lo, hi := wilson(p, size.n, size.quantile(level))
	return Interval{p, lo, hi, level, MethodClustered}, nil
}
