package run

import (
	"fmt"
	"iter"
	"strconv"
	"strings"

	"metr/internal/agent"
	"metr/internal/task"
)

// Shard is one part of a run that is cut in N: every N-th item from the I-th on.
// The zero value is the whole.
type Shard struct{ I, N int }

// ParseShard reads "i/n" with 1 <= i <= n.
func ParseShard(s string) (Shard, error) {
	if s == "" {
		return Shard{}, nil
	}
	a, b, ok := strings.Cut(s, "/")
	i, err1 := strconv.Atoi(a)
	n, err2 := strconv.Atoi(b)
	if !ok || err1 != nil || err2 != nil || i < 1 || i > n {
		return Shard{}, fmt.Errorf("shard %q: expected i/n with 1 <= i <= n, as in 2/8", s)
	}
	return Shard{i, n}, nil
}

// Of keeps the shard's items.
func (s Shard) Of(items iter.Seq2[Item, error]) iter.Seq2[Item, error] {
	if s.N <= 1 {
		return items
	}
	return func(yield func(Item, error) bool) {
		n := 0
		for it, err := range items {
			n++
			if err == nil && (n-1)%s.N != s.I-1 {
				continue
			}
			if !yield(it, err) {
				return
			}
		}
	}
}

// Each is every task of the suite with every agent, epoch by epoch, so that an
// interrupted run has whole epochs first.
func Each(s *task.Suite, agents []agent.Agent, epochs int) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		for e := 1; e <= epochs; e++ {
			for _, a := range agents {
				for _, t := range s.Tasks {
					if !yield(Item{a, t, e}, nil) {
						return
					}
				}
			}
		}
	}
}

// Variants is every wrong solution of every task, and every alternative one.
func Variants(s *task.Suite, wrong, alternative bool) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		for _, t := range s.Tasks {
			if wrong {
				for _, v := range t.Wrong {
					if !yield(Item{agent.Variant{Kind: "wrong", V: v}, t, 1}, nil) {
						return
					}
				}
			}
			if alternative {
				for _, v := range t.Alternative {
					if !yield(Item{agent.Variant{Kind: "alternative", V: v}, t, 1}, nil) {
						return
					}
				}
			}
		}
	}
}

// Chain is one sequence after the other.
func Chain(seqs ...iter.Seq2[Item, error]) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		for _, s := range seqs {
			for it, err := range s {
				if !yield(it, err) {
					return
				}
			}
		}
	}
}

// Count counts items without making them.
func Count(items iter.Seq2[Item, error]) (int, error) {
	n := 0
	for _, err := range items {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
