//go:build linux

// Command sandbox measures what a fresh sandbox costs, beside the raw process
// and bubblewrap, all in one run and in turn, so that what else the machine does
// meets all alike:
//
//	go run ./bench/sandbox [-n 50] [-seconds 3] [-docker]
//
// It prints a Markdown table: for `true` and for `python3 -c pass` the median and
// the 95th percentile of the time from opening a box to having closed it, the
// processor time of one (this process and its children; what kernel workers and
// a daemon do is not in it), and how many a second two workers make.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"metr/internal/sandbox"
	"metr/internal/sandbox/docker"
	"metr/internal/sandbox/native"
	"metr/internal/sandbox/oci"
)

// way is one way of running a command.
type way struct {
	name string
	run  func(ctx context.Context, args []string) error
}

// commands are what is run.
var commands = [][]string{{"/usr/bin/true"}, {"/usr/bin/python3", "-c", "pass"}}

func main() {
	oci.Init()
	n := flag.Int("n", 50, "runs of each")
	seconds := flag.Float64("seconds", 3, "time for each throughput")
	withDocker := flag.Bool("docker", true, "measure docker too, where a daemon answers")
	flag.Parse()
	if err := run(context.Background(), *n, time.Duration(*seconds*float64(time.Second)), *withDocker); err != nil {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, n int, each time.Duration, withDocker bool) error {
	ways, missing, closeAll := all(ctx, withDocker)
	defer closeAll()
	fmt.Printf("%d runs of each, in turn; %d CPUs; times in milliseconds.\n", n, runtime.NumCPU())
	for _, m := range missing {
		fmt.Println("Not measured:", m+".")
	}
	for _, args := range commands {
		times := make([][]time.Duration, len(ways))
		used := make([]time.Duration, len(ways))
		for round := range n + 1 { // the first only warms up
			for i, w := range ways {
				began, before := time.Now(), cpu()
				if err := w.run(ctx, args); err != nil {
					return fmt.Errorf("%s: %v: %w", w.name, args, err)
				}
				if round > 0 {
					times[i] = append(times[i], time.Since(began))
					used[i] += cpu() - before
				}
			}
		}
		fmt.Printf("\n`%s`\n\n| | median | p95 | CPU | /s with 2 workers |\n|---|---:|---:|---:|---:|\n", args[0])
		for i, w := range ways {
			rate, err := throughput(ctx, w, args, each)
			if err != nil {
				return fmt.Errorf("%s: %v: %w", w.name, args, err)
			}
			slices.Sort(times[i])
			fmt.Printf("| %s | %.1f | %.1f | %.1f | %.0f |\n", w.name, ms(times[i][n/2]), ms(times[i][min(n-1, n*95/100)]), ms(used[i])/float64(n), rate)
		}
	}
	return nil
}

// throughput is how many a second two workers make.
func throughput(ctx context.Context, w way, args []string, each time.Duration) (float64, error) {
	var done atomic.Int64
	var first error
	var once sync.Once
	var workers sync.WaitGroup
	began := time.Now()
	for range 2 {
		workers.Go(func() {
			for time.Since(began) < each {
				if err := w.run(ctx, args); err != nil {
					once.Do(func() { first = err })
					return
				}
				done.Add(1)
			}
		})
	}
	workers.Wait()
	return float64(done.Load()) / time.Since(began).Seconds(), first
}

// all are the ways that work on this machine, and why others do not.
func all(ctx context.Context, withDocker bool) (ways []way, missing []string, closeAll func()) {
	var closers []func() error
	add := func(name string, b sandbox.Backend, closer func() error, err error) {
		if err != nil {
			missing = append(missing, name+": "+err.Error())
			return
		}
		closers = append(closers, closer)
		ways = append(ways, way{name, func(ctx context.Context, args []string) error { return inBox(ctx, b, args) }})
	}
	ways = append(ways, way{"raw process", func(ctx context.Context, args []string) error {
		return exec.CommandContext(ctx, args[0], args[1:]...).Run()
	}})
	if bwrap, err := exec.LookPath("bwrap"); err != nil {
		missing = append(missing, "bubblewrap: "+err.Error())
	} else {
		ways = append(ways, way{"bubblewrap", func(ctx context.Context, args []string) error {
			return exec.CommandContext(ctx, bwrap, append(slices.Clone(bubble), args...)...).Run()
		}})
	}
	b, err := native.New()
	add("native", b, func() error { return b.Close() }, err)
	for _, r := range []string{"crun", "runc"} {
		b, err := oci.New(ctx, oci.Config{Runtime: r})
		add("oci, "+r, b, func() error { return b.Close() }, err)
	}
	if withDocker {
		b, err := docker.New(ctx, docker.Config{})
		add("docker", b, func() error { return b.Close() }, err)
	}
	return ways, missing, func() {
		for _, c := range closers {
			_ = c()
		}
	}
}

// bubble is what comes nearest to a box in bubblewrap's arguments.
var bubble = []string{
	"--unshare-all", "--die-with-parent", "--new-session", "--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin",
	"--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--proc", "/proc", "--dev", "/dev",
	"--tmpfs", "/tmp", "--tmpfs", "/work", "--uid", "1000", "--gid", "1000", "--chdir", "/work", "--",
}

// inBox runs args in a fresh box.
func inBox(ctx context.Context, b sandbox.Backend, args []string) error {
	box, err := b.Open(ctx, sandbox.Spec{})
	if err != nil {
		return err
	}
	r, err := sandbox.Exec(ctx, box, sandbox.Cmd{Args: args})
	if err == nil && !r.OK() {
		err = fmt.Errorf("%v: %s", r, r.Stderr)
	}
	if cerr := box.Close(); err == nil {
		err = cerr
	}
	return err
}

// cpu is the processor time of this process and of its children that are gone.
func cpu() time.Duration {
	var sum int64
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if syscall.Getrusage(who, &u) == nil {
			sum += u.Utime.Nano() + u.Stime.Nano()
		}
	}
	return time.Duration(sum)
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
