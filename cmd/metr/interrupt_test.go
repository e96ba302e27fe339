package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Ctrl-C ends a run with status 130 and says how to go on; what was finished is
// kept, and going on comes to the same end.
func TestInterruptedRunResumes(t *testing.T) {
	args := []string{"run", "humaneval", "--data", data(t) + "/humaneval", "--limit", "20", "--agent", "gold", "--jobs", "1"}
	want := finish(t, args, filepath.Join(t.TempDir(), "whole"))
	log := filepath.Join(t.TempDir(), "log")
	c := metrCommand(t, append(args, "--log", log), false)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for start := time.Now(); time.Since(start) < time.Minute; time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(log, "manifest.json")); err == nil {
			break
		}
	}
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err := c.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
		t.Fatalf("%v\n%s", err, c.Stderr)
	}
	said := c.Stderr.(*bytes.Buffer).String()
	if hint := "--resume --log " + log + " goes on"; !strings.Contains(said, "metr: interrupted") || !strings.Contains(said, hint) {
		t.Errorf("said %q, want %q", said, hint)
	}
	nothingLeft(t, c.Path)
	if got := finish(t, args, log, "--resume"); !bytes.Equal(got, want) {
		t.Errorf("after the interruption:\n%s\nwant:\n%s", got, want)
	}
}
