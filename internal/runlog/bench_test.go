package runlog

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"metr/internal/task"
)

const benchAttempts = 100_000

// benchAttempt is a record of the usual size, about 1.5 KB.
func benchAttempt(i int) task.Attempt {
	a := attempt(fmt.Sprintf("HumanEval/%d", i%1000), i/1000+1, task.Outcome(i%2+1))
	for j := range 10 {
		a.Verdicts[0].Tests = append(a.Verdicts[0].Tests, task.Test{Name: fmt.Sprint("TestTypicalCase", j), Label: task.Typical, Status: task.Pass, Message: strings.Repeat("m", 30)})
	}
	return a
}

func fillLog(b *testing.B, dir string) {
	l := must[*Log](b)(Create(ctx, dir, manifest()))
	next := make(chan int)
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for i := range next {
				if err := l.Append(ctx, benchAttempt(i)); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for i := range benchAttempts {
		next <- i
	}
	close(next)
	wg.Wait()
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkAppend100k appends 100,000 attempts from 64 goroutines and closes.
func BenchmarkAppend100k(b *testing.B) {
	for b.Loop() {
		fillLog(b, b.TempDir())
	}
	b.ReportMetric(benchAttempts*float64(b.N)/b.Elapsed().Seconds(), "attempts/s")
}

// BenchmarkAppendOne appends one attempt at a time: the cost of durability.
func BenchmarkAppendOne(b *testing.B) {
	l := must[*Log](b)(Create(ctx, b.TempDir(), manifest()))
	for i := 0; b.Loop(); i++ {
		appendAll(b, l, benchAttempt(i))
	}
	l.Close()
}

// BenchmarkRead100k reads 100,000 attempts and reports the highest heap seen
// above what was there before.
func BenchmarkRead100k(b *testing.B) {
	dir := b.TempDir()
	fillLog(b, dir)
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var peak uint64
	stop := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				runtime.ReadMemStats(&now)
				peak = max(peak, now.HeapInuse)
			}
		}
	})
	for b.Loop() {
		l := must[*Log](b)(Open(ctx, dir))
		n := 0
		for _, err := range l.Attempts(ctx) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != benchAttempts {
			b.Fatalf("%d attempts", n)
		}
		l.Close()
	}
	close(stop)
	watch.Wait()
	b.ReportMetric(float64(peak-min(peak, before.HeapInuse))/(1<<20), "peak-heap-MB")
}
