package judge

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// check plays the operations, written "operation -> answer", and compares the
// answers.
func check(s *S, function string, capacity int, steps ...string) {
	var ops, want []string
	for _, step := range steps {
		op, answer, _ := strings.Cut(step, " ->")
		ops = append(ops, op)
		want = append(want, strings.TrimPrefix(answer, " "))
	}
	var got []string
	s.Call(function, capacity, ops).Into(&got)
	if len(got) != len(want) {
		s.Fatalf("got %d answers to %d operations", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			s.Fatalf("capacity %d, after %q: got %q, want %q", capacity, ops[:i+1], got[i], want[i])
		}
	}
}

func TestTypicalGetAndPut(t *testing.T) {
	s := subject(t)
	check(s, "Play", 3,
		"put a 1 -> false", "put b 2 -> false", "put c 3 -> false",
		"get a -> 1 true", "get b -> 2 true", "get x ->  false",
		"len -> 3", "evicted -> ")
}

func TestTypicalEvictsOldest(t *testing.T) {
	s := subject(t)
	check(s, "Play", 2,
		"put a 1 -> false", "put b 2 -> false", "put c 3 -> true",
		"evicted -> a=1 there=false", "len -> 2",
		"get a ->  false", "get b -> 2 true", "get c -> 3 true")
}

func TestTypicalKeys(t *testing.T) {
	s := subject(t)
	check(s, "Play", 3,
		"put a 1 -> false", "put b 2 -> false", "put c 3 -> false",
		"keys -> c b a", "put d 4 -> true", "keys -> d c b", "keys -> d c b")
}

func TestTypicalRemove(t *testing.T) {
	s := subject(t)
	check(s, "Play", 2,
		"put a 1 -> false", "put b 2 -> false", "remove a -> true", "remove a -> false",
		"evicted -> ", "get a ->  false", "put c 3 -> false", "keys -> c b")
}

func TestStateGetRefreshes(t *testing.T) {
	s := subject(t)
	check(s, "Play", 2,
		"put a 1 -> false", "put b 2 -> false", "get a -> 1 true",
		"put c 3 -> true", "evicted -> b=2 there=false", "keys -> c a")
}

func TestStatePutRefreshes(t *testing.T) {
	s := subject(t)
	check(s, "Play", 2,
		"put a 1 -> false", "put b 2 -> false", "put a 9 -> false",
		"keys -> a b", "put c 3 -> true", "keys -> c a", "get a -> 9 true")
}

func TestStatePeekLeavesOrder(t *testing.T) {
	s := subject(t)
	check(s, "Play", 2,
		"put a 1 -> false", "put b 2 -> false", "peek a -> 1 true", "peek x ->  false",
		"put c 3 -> true", "evicted -> a=1 there=false", "keys -> c b")
}

func TestStateResizeSmaller(t *testing.T) {
	s := subject(t)
	check(s, "Play", 4,
		"put a 1 -> false", "put b 2 -> false", "put c 3 -> false", "put d 4 -> false",
		"get a -> 1 true", "resize 2 -> 2", "evicted -> b=2 there=false c=3 there=false",
		"len -> 2", "keys -> a d", "put e 5 -> true", "keys -> e a")
}

func TestStateResizeLarger(t *testing.T) {
	s := subject(t)
	check(s, "Play", 2,
		"put a 1 -> false", "put b 2 -> false", "resize 3 -> 0", "keys -> b a",
		"put c 3 -> false", "keys -> c b a", "put d 4 -> true", "evicted -> a=1 there=false")
}

func TestStateLatestValueIsEvicted(t *testing.T) {
	s := subject(t)
	check(s, "Play", 1,
		"put a 1 -> false", "put a 2 -> false", "put a 3 -> false", "put b 1 -> true",
		"evicted -> a=3 there=false", "put c 1 -> true", "evicted -> b=1 there=false", "len -> 1")
}

func TestStateService(t *testing.T) {
	s := subject(t)
	names := []string{"de/a", "de/b", "de/a", "de/c", "de/a", "de/b"}
	s.Call("Pages", 2, names).Want([]string{"de/a", "de/b", "de/c", "de/b"})
}

// TestStateModel plays a long fixed sequence against a plain slice.
func TestStateModel(t *testing.T) {
	s := subject(t)
	const capacity = 5
	var steps []string
	var model [][2]string // the most recently used first
	find := func(k string) int {
		return slices.IndexFunc(model, func(e [2]string) bool { return e[0] == k })
	}
	x := uint32(7)
	for i := range 600 {
		x = x*1664525 + 1013904223
		k := string(rune('a' + x>>16%9))
		at := find(k)
		switch (x >> 24) % 4 {
		case 0, 1:
			v := fmt.Sprint(i)
			if at >= 0 {
				model = slices.Delete(model, at, at+1)
			}
			model = slices.Insert(model, 0, [2]string{k, v})
			full := len(model) > capacity
			if full {
				model = model[:capacity]
			}
			steps = append(steps, fmt.Sprintf("put %s %s -> %t", k, v, full))
		case 2:
			if at < 0 {
				steps = append(steps, "get "+k+" ->  false")
				continue
			}
			e := model[at]
			model = slices.Insert(slices.Delete(model, at, at+1), 0, e)
			steps = append(steps, fmt.Sprintf("get %s -> %s true", k, e[1]))
		case 3:
			keys := make([]string, len(model))
			for i, e := range model {
				keys[i] = e[0]
			}
			steps = append(steps, "keys -> "+strings.Join(keys, " "))
		}
	}
	check(s, "Play", capacity, steps...)
}

func TestEdgeZeroCapacity(t *testing.T) {
	s := subject(t)
	check(s, "Play", 0,
		"put a 1 -> true", "evicted -> a=1 there=false", "len -> 0", "get a ->  false",
		"keys -> ", "put a 2 -> true", "evicted -> a=2 there=false", "resize 1 -> 0",
		"put b 3 -> false", "get b -> 3 true", "evicted -> ")
}

func TestEdgeNegativeCapacity(t *testing.T) {
	s := subject(t)
	check(s, "Play", -3,
		"put a 1 -> true", "len -> 0", "resize 1 -> 0", "put a 1 -> false", "len -> 1",
		"resize -1 -> 1", "len -> 0", "keys -> ")
}

func TestEdgeReplaceIsNoEviction(t *testing.T) {
	s := subject(t)
	check(s, "Play", 2,
		"put a 1 -> false", "put a 2 -> false", "evicted -> ", "len -> 1",
		"put b 3 -> false", "put a 4 -> false", "evicted -> ", "get b -> 3 true")
}

func TestEdgeEmptyKeyAndValue(t *testing.T) {
	s := subject(t)
	check(s, "Play", 1,
		"put   -> false", "peek  ->  true", "len -> 1", "put a 1 -> true",
		"evicted -> = there=false")
}

func TestEdgeNoCallback(t *testing.T) {
	s := subject(t)
	check(s, "PlayNil", 1,
		"put a 1 -> false", "put b 2 -> true", "get a ->  false", "resize 0 -> 1",
		"put c 3 -> true", "remove c -> false", "len -> 0")
}

func TestEdgeEmptyCache(t *testing.T) {
	s := subject(t)
	check(s, "Play", 2,
		"get a ->  false", "peek a ->  false", "remove a -> false", "keys -> ",
		"len -> 0", "resize 0 -> 0", "evicted -> ")
}
