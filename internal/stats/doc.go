// Package stats turns counts of solved and unsolved samples into figures that
// may be printed: an estimate, an interval, and the name of the method. It is
// numbers only: no I/O, nothing of METR, no clock, and random numbers only from
// a seed that the caller states, so that a figure can be computed again.
//
// The flow is: one Count (or Pairs) a task in, one Interval out.
//
// # Traps, and what is done about them
//
// Epochs are not samples. Five tries at one task say much about that task and
// little about the next one. Treating 18 tasks x 5 epochs as 90 independent
// samples gives intervals that are too narrow by up to a factor of √5. Clustered
// and PairedDifference therefore take their variance between tasks.
//
// p ± 2·se fails exactly where benchmarks live. At 18 of 18 it says "100 % ± 0",
// at 1 of 20 it reaches below zero. All intervals of shares here are Wilson's, at
// the effective sample size where samples are clustered; they stay inside [0, 1]
// and never have zero width.
//
// The variance between tasks cannot be estimated from a few tasks that differ.
// Where fewer than five tasks saw a success (or fewer than five a failure), each
// task counts as one sample: wide, but not a lie. Otherwise "1 of 90" would get
// a smaller upper bound than "0 of 90".
//
// Overlap of two intervals is no test. Two systems on the same tasks are paired:
// look at PairedDifference and PermutationTest, not at two Wilson intervals.
//
// pass@k by 1-(1-c/n)^k is biased. PassAtK is the unbiased estimator, and it is
// refused, naming the task, where a task has fewer than k samples: silently
// leaving that task out would change what the figure is about.
//
// Samples lost by the instrument are not missing at random: hard tasks time the
// harness out more often. The estimate on the valid samples stands beside Bounds,
// which says what it could be at worst and at best.
//
// A timing without a control is an opinion. Speed measures the same program
// twice (A/A) and refuses a verdict where that shows a difference comparable to
// the one claimed.
//
// The package is not for modelling: no priors, no regression, no ranking.
package stats
