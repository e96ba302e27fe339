//go:build linux

package main

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"
	"time"

	"metr/internal/runlog"
	"metr/internal/task"
)

// bigLogTasks is how many tasks the attempts of a large log are spread over.
const bigLogTasks = 1000

// writeLog makes a run log of n attempts at dir.
// The attempts have the size of real ones (a verdict a grader, ten tests) and
// fail now and then.
func writeLog(ctx context.Context, dir string, n int) error {
	m := runlog.Manifest{
		Metr: "bench", Created: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Agents: []string{"model"}, Model: "bench/none",
		Epochs: (n + bigLogTasks - 1) / bigLogTasks, Sandbox: runlog.Sandbox{Backend: "native"}, Platform: runlog.Platform{OS: "linux", Arch: "amd64"},
	}
	suite := runlog.Suite{Name: "bench", Digest: "sha256:0"}
	for i := range min(n, bigLogTasks) {
		suite.Tasks = append(suite.Tasks, runlog.Task{ID: fmt.Sprintf("bench/%d", i), Version: 1})
	}
	m.Suites = []runlog.Suite{suite}
	l, err := runlog.Create(ctx, dir, m)
	if err != nil {
		return err
	}
	next := make(chan int)
	errs := make(chan error, 1)
	var appenders sync.WaitGroup
	for range 64 { // one at a time would wait for the disk each time
		appenders.Go(func() {
			for i := range next {
				if err := l.Append(ctx, bigAttempt(i)); err != nil {
					select {
					case errs <- err:
					default:
					}
				}
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	appenders.Wait()
	if err := l.Close(); err != nil {
		return err
	}
	select {
	case err := <-errs:
		return err
	default:
		return nil
	}
}

// sizeOf is the size of all files below dir.
func sizeOf(dir string) (size int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	return size, err
}

func bigAttempt(i int) task.Attempt {
	a := task.Attempt{
		Task: fmt.Sprintf("bench/%d", i%bigLogTasks), Epoch: 1 + i/bigLogTasks, Agent: "model", Model: "bench/none",
		Kind: task.Kinds[i%bigLogTasks%len(task.Kinds)], Language: task.Python, Outcome: task.Solved,
		Patch:   "sha256:0000000000000000000000000000000000000000000000000000000000000000",
		Tokens:  task.Tokens{In: 1000, Out: int64(100 + i%50)},
		Started: time.Date(2026, 1, 1, 0, 0, i, 0, time.UTC), WallS: 1.5, CPUS: 0.7,
	}
	build := task.Verdict{Grader: "build", Axis: task.Syntax, Required: true, Status: task.Pass, Oracle: task.Static}
	tests := task.Verdict{Grader: "tests", Axis: task.Semantics, Required: true, Status: task.Pass, Oracle: task.OutOfProcess}
	for k := range 10 {
		t := task.Test{Name: fmt.Sprintf("TestCase%d", k), Label: task.Labels[k%len(task.Labels)], Status: task.Pass}
		if i%3 == 0 && k == 9 {
			t.Status, t.Message = task.Fail, fmt.Sprintf("input %d: expected 3, got 4", i)
			tests.Status, tests.Reason = task.Fail, t.Name+": "+t.Message
			a.Outcome, a.Reason = task.Unsolved, "tests: "+tests.Reason
		}
		tests.Tests = append(tests.Tests, t)
	}
	a.Verdicts = []task.Verdict{build, tests}
	return a
}
