//go:build linux

package main

import (
	"os"
	"strings"
	"testing"
)

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		child()
		return
	}
	os.Exit(m.Run())
}

func small(t *testing.T) config {
	return config{boxes: 200, workers: 2, kills: 20, metrs: 3, log: t.Logf}
}

func TestNothingIsLeft(t *testing.T) {
	for name, kill := range map[string]bool{"opened and closed": false, "killed": true} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TMPDIR", os.TempDir()) // run sets it; put it back afterwards
			if ok, err := run(t.Context(), small(t), kill); err != nil || !ok {
				t.Errorf("ok %v, %v", ok, err)
			}
		})
	}
}

// The counting sees what is left.
func TestCountingSees(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	k := newCounter()
	before := k.count()
	f, err := os.Create(dir + "/left")
	if err != nil {
		t.Fatal(err)
	}
	c := config{}
	cmd := c.start(t.Context(), "always")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	go func() { <-stop }()
	got := strings.Join(left(before, k.count()), " ")
	close(stop)
	f.Close()
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	for _, want := range []string{"processes", "descriptors", "goroutines", "temporary files"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not seen in %q", want, got)
		}
	}
	if err := os.Remove(dir + "/left"); err != nil {
		t.Fatal(err)
	}
	if l := left(before, k.settled(before)); len(l) > 0 {
		t.Errorf("afterwards: %v", l)
	}
}
