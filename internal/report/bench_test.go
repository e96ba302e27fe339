package report

import (
	"fmt"
	"io"
	"runtime"
	"testing"

	"metr/internal/task"
)

// many makes n attempts at tasks tasks, one at a time, as a log would.
func many(n, tasks int) Attempts {
	sorts := [][]task.Verdict{good(), edgy(), unbuilt(), lost()}
	return func(yield func(task.Attempt, error) bool) {
		for i := range n {
			a := attempt("model", fmt.Sprintf("suite/task-%06d", i%tasks), 1+i/tasks, sorts[(i+i/tasks)%4]...)
			a.Reason = fmt.Sprintf("tests: input %d: expected 3, got 4", i)
			if !yield(a, nil) {
				return
			}
		}
	}
}

// heap is the live heap after a collection.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// A report of 100,000 attempts keeps a few hundred bytes a task, and nothing an
// attempt.
func TestMemoryGrowsWithTasksNotAttempts(t *testing.T) {
	live := func(n, tasks int) int64 {
		acc := NewAccumulator(Header{})
		before := heap()
		for a := range many(n, tasks) {
			acc.Add(a)
		}
		used := heap() - before
		runtime.KeepAlive(acc)
		return used
	}
	few, epochs, tasks := live(1000, 1000), live(100_000, 1000), live(100_000, 100_000)
	t.Logf("1,000 attempts at 1,000 tasks %d KiB; 100,000 at 1,000 %d KiB; 100,000 at 100,000 %d KiB", few>>10, epochs>>10, tasks>>10)
	if epochs > few+1<<20 {
		t.Errorf("a hundred times the attempts take %d bytes, not %d", epochs, few)
	}
	if tasks > 100<<20 {
		t.Errorf("100,000 tasks take %d bytes, want under 100 MiB", tasks)
	}
}

func BenchmarkSummarize(b *testing.B) {
	for _, c := range []struct{ attempts, tasks int }{{100_000, 164}, {100_000, 100_000}} {
		b.Run(fmt.Sprintf("attempts=%d/tasks=%d", c.attempts, c.tasks), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Summarize(Header{}, many(c.attempts, c.tasks)); err != nil {
					b.Fatal(err)
				}
			}
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			b.ReportMetric(float64(m.Sys)/(1<<20), "MiB-from-system")
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	for _, f := range Formats {
		b.Run(f, func(b *testing.B) {
			for b.Loop() {
				if _, err := Write(io.Discard, f, Header{}, many(10_000, 164), Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
