package main

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"metr/internal/runlog"
)

// kills is how often the run is killed.
const kills = 50

// A run that is killed at any moment and resumed comes to the same log as one
// that is left alone: no attempt is lost, none is there twice, and nothing that
// it started outlives it.
func TestKilledRunResumes(t *testing.T) {
	args := []string{"run", "humaneval", "--data", data(t) + "/humaneval", "--limit", "20", "--agent", "gold", "--json"}
	began := time.Now()
	want := finish(t, args, filepath.Join(t.TempDir(), "whole"))
	whole := time.Since(began)

	var killed, finished, early int
	random := rand.New(rand.NewPCG(1, 2))
	for killed < kills {
		log := filepath.Join(t.TempDir(), "log")
		for done := false; !done && killed < kills; {
			_, err := os.Stat(filepath.Join(log, "manifest.json"))
			if err != nil && killed > 0 {
				early++ // nothing to go on with yet: the run is started, not resumed
			}
			c := metrCommand(t, append(args, "--log", log), err == nil)
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(random.Int64N(int64(whole) / 5)))
			_ = c.Process.Kill()
			done = c.Wait() == nil
			nothingLeft(t, c.Path)
			switch {
			case done:
				finished++
			case c.ProcessState.Exited():
				t.Fatalf("metr ended by itself: %v\n%s", c.ProcessState, c.Stderr)
			default:
				killed++
			}
		}
		if _, err := os.Stat(filepath.Join(log, "manifest.json")); err != nil {
			continue
		}
		if got := finish(t, args, log, "--resume"); !bytes.Equal(got, want) {
			t.Fatalf("after %d kills:\n%s\nwant:\n%s", killed, got, want)
		}
	}
	t.Logf("%d runs came to their end before they were killed; %d starts found no log to go on with", finished, early)
}

// finish runs metr to its end and returns the log's canonical content.
func finish(t *testing.T, args []string, log string, more ...string) []byte {
	t.Helper()
	c := metrCommand(t, append(append(args, "--log", log), more...), false)
	if err := c.Run(); err != nil {
		t.Fatalf("metr %s: %v\n%s", strings.Join(c.Args[1:], " "), err, c.Stderr)
	}
	l, err := runlog.Open(context.Background(), log)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	text, err := l.Canonical(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// metrCommand is this program, installed in PATH by testscript.Main.
func metrCommand(t *testing.T, args []string, resume bool) *exec.Cmd {
	t.Helper()
	path, err := exec.LookPath("metr")
	if err != nil {
		t.Fatal(err)
	}
	if resume {
		args = append(args, "--resume")
	}
	c := exec.Command(path, args...)
	c.Stderr = &bytes.Buffer{}
	return c
}

// nothingLeft wants no process of the program at path and no mount of a box's
// to be there, soon after it was killed.
func nothingLeft(t *testing.T, path string) {
	t.Helper()
	program, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for range 200 { // the kernel takes a box down in its own time
		left = nil
		pids, _ := filepath.Glob("/proc/[0-9]*")
		for _, p := range pids {
			exe, err := os.Stat(p + "/exe")
			if err != nil || !os.SameFile(exe, program) || filepath.Base(p) == strconv.Itoa(os.Getpid()) {
				continue
			}
			name, _ := os.ReadFile(p + "/cmdline")
			left = append(left, p+" "+strings.ReplaceAll(string(name), "\x00", " "))
		}
		if len(left) == 0 {
			break
		}
		time.Sleep(25 * time.Millisecond)
	}
	if len(left) > 0 {
		t.Fatalf("left behind: %q", left)
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mounts)) {
		if _, what, _ := strings.Cut(line, " - "); strings.Contains(what, " metr ") {
			t.Errorf("a mount left behind: %s", line)
		}
	}
}
