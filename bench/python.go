//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"metr/internal/sandbox"
	"metr/internal/sandbox/native"
	"metr/internal/task"
)

// modules are what a sample finds imported, or has to import.
const modules = "import bisect, collections, copy, datetime, decimal, fractions, functools, hashlib, heapq, itertools, json, math, random, re, statistics, typing\n"

const sample = "assert sorted([3, 1, 2]) == [1, 2, 3]\n"

// pythonSamples runs n samples, two at a time, each in a box of its own: forked
// from an interpreter that has the modules, or in an interpreter of its own.
func pythonSamples(ctx context.Context, forked bool, n int) error {
	b, err := native.New()
	if err != nil {
		return err
	}
	defer b.Close()
	g, ctx := errgroup.WithContext(ctx)
	for range 2 {
		g.Go(func() error {
			one := func() (sandbox.Result, error) { return freshSample(ctx, b) }
			if forked {
				nursery, err := b.Warm(ctx, task.Limits{}, modules+"def main():\n    "+sample)
				if err != nil {
					return err
				}
				defer nursery.Close()
				one = func() (sandbox.Result, error) {
					p, err := nursery.Start(ctx, sandbox.Cmd{})
					if err != nil {
						return sandbox.Result{}, err
					}
					return p.Wait()
				}
			}
			for range n / 2 {
				if r, err := one(); err != nil || !r.OK() {
					return fmt.Errorf("a sample: %v %w", r, err)
				}
			}
			return nil
		})
	}
	return g.Wait()
}

func freshSample(ctx context.Context, b sandbox.Backend) (sandbox.Result, error) {
	box, err := b.Open(ctx, sandbox.Spec{})
	if err != nil {
		return sandbox.Result{}, err
	}
	defer box.Close()
	return sandbox.Exec(ctx, box, sandbox.Cmd{Args: []string{"python3", "-s", "-S", "-c", modules + sample}})
}

// forking compares the two.
func (b *bench) forking(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	const n = 1000
	rows := [][]string{{"1,000 Python samples with 16 modules of the language, two at a time", "samples a second", "CPU a sample, ms"}}
	for _, way := range [][2]string{{"fresh", "an interpreter and a box for each"}, {"forked", "a fork of a warm interpreter in a box for each"}} {
		r, err := measure(ctx, command{args: []string{self, "-python", way[0]}, env: environ("PATH=" + os.Getenv("PATH"))})
		if err != nil {
			return err
		}
		rows = append(rows, []string{way[1], fmt.Sprintf("%.0f", n/r.wall.Seconds()), fmt.Sprintf("%.1f", float64(r.cpu)/float64(time.Millisecond)/n)})
	}
	b.page.table("Python samples in boxes of their own", rows)
	return nil
}
