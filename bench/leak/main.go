//go:build linux

// Command leak opens thousands of boxes and counts what they leave: processes,
// mounts, cgroups, descriptors, goroutines, files, and the memory
// of the program itself. With -kill it kills commands at random moments, and
// then a metr with boxes open, which has no chance to clean up: what it leaves
// is counted before and after the next start.
//
//	go run ./bench/leak -n 10000
//	go run ./bench/leak -kill
//
// It prints a table and exits with 1 if anything is left. It is not a measure of
// speed; that is ./bench.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"metr/internal/sandbox/native"
)

// config says how much to do.
type config struct {
	boxes   int // opened one after the other
	workers int // at a time
	kills   int // commands killed at random moments
	metrs   int // times that metr itself is killed
	program []string
	log     func(format string, args ...any)
}

func main() {
	if os.Getenv(childEnv) != "" {
		child()
		return
	}
	c := config{log: func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }}
	flag.IntVar(&c.boxes, "n", 10_000, "boxes to open")
	flag.IntVar(&c.workers, "workers", 2, "boxes at a time")
	kill := flag.Bool("kill", false, "kill commands, and metr itself, at random moments instead")
	flag.IntVar(&c.kills, "kills", 500, "with -kill: commands to kill")
	flag.IntVar(&c.metrs, "metr-kills", 50, "with -kill: times to kill metr")
	metr := flag.String("metr", "", "with -kill: the metr program to kill, on `path`; this program, opening boxes, if empty")
	flag.Parse()
	if *metr != "" {
		c.program = []string{*metr, "run", "starter", "--agent", "gold", "--quiet"}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ok, err := run(ctx, c, *kill)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "leak:", err)
		os.Exit(3)
	case !ok:
		os.Exit(1)
	}
}

// run does it and reports whether nothing was left.
func run(ctx context.Context, c config, kill bool) (ok bool, err error) {
	tmp, err := ownTemp()
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(tmp)
	if err := becomeReaper(); err != nil {
		return false, err
	}
	b, err := native.New()
	if err != nil {
		return false, err
	}
	defer b.Close()
	began := time.Now()
	var before, after counts
	if kill {
		before, after, err = c.killing(ctx, b)
	} else {
		before, after, err = c.opening(ctx, b)
	}
	if err != nil {
		return false, err
	}
	c.log("%.1f s", time.Since(began).Seconds())
	return compare(os.Stdout, before, after), nil
}
