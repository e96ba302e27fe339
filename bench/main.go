//go:build linux

// Command bench measures METR beside its peers as whole programs: the same
// answers to the same problems, graded by each tool in turn on the same machine,
// in rounds, so that a busy minute hits all of them. It writes the tables of
// docs/performance.md between the two marker lines there.
//
// It is not a micro-benchmark (those are go test -bench, beside the code) and
// asserts nothing: it prints what it saw.
//
//	bench/run            # installs the peers, builds metr, runs this
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
)

// config says where things are and how much to measure.
type config struct {
	metr    string // the program
	peers   string // folder of bench/peers/install
	data    string // folder of the published data sets
	scratch string // folder for samples, logs and results
	rounds  int    // of 164 samples
	large   int    // rounds of 1,640 samples
	starts  int    // of metr help
	log     int    // attempts in the log of the report
	many    int    // answers to each task, right and mutated, in the long run of METR alone
	doc     string // page to write the tables into; standard output alone if empty
}

func main() {
	var c config
	flag.StringVar(&c.metr, "metr", "bin/metr", "the metr program")
	flag.StringVar(&c.peers, "peers", "scratch/bench/peers", "folder that bench/peers/install made")
	flag.StringVar(&c.data, "data", "../shared/data", "folder of the published data sets")
	flag.StringVar(&c.scratch, "scratch", "scratch/bench", "folder for samples, logs and results")
	flag.IntVar(&c.rounds, "rounds", 5, "rounds of 164 samples")
	flag.IntVar(&c.large, "large", 1, "rounds of 1,640 samples")
	flag.IntVar(&c.starts, "starts", 30, "starts of metr help")
	flag.IntVar(&c.log, "log", 100_000, "attempts in the log of the report")
	flag.IntVar(&c.many, "many", 100, "answers to each task, right and mutated, in the long run of metr alone; 0 leaves it out")
	python := flag.String("python", "", "only run 1,000 Python samples, two at a time: forked or fresh")
	flag.StringVar(&c.doc, "doc", "", "page to write the tables into")
	fill := flag.String("fill", "", "only write a log of -log attempts to this folder")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if *python != "" {
		if err := pythonSamples(ctx, *python == "forked", 1000); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	if *fill != "" {
		if err := writeLog(ctx, *fill, c.log); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	if err := run(ctx, c); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, c config) error {
	for _, p := range []*string{&c.metr, &c.peers, &c.data, &c.scratch} {
		abs, err := filepath.Abs(*p)
		if err != nil {
			return err
		}
		*p = abs
	}
	if err := becomeReaper(); err != nil {
		return err
	}
	b := bench{config: c, page: newPage()}
	for _, part := range []func(context.Context) error{b.grading, b.starting, b.reporting, b.many, b.forking} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return b.page.write(c.doc)
}

// bench is one run of the benchmarks; each part adds its table to the page.
type bench struct {
	config
	page *page
}
