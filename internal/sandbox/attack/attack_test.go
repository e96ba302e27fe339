//go:build linux

package attack_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"metr/internal/sandbox"
	"metr/internal/sandbox/attack"
	"metr/internal/sandbox/attack/attacktest"
	"metr/internal/sandbox/native"
	"metr/internal/sandbox/none"
)

func TestMain(m *testing.M) {
	attack.Payload()
	os.Exit(m.Run())
}

// run tries the corpus and has check look at each finding, in a subtest of its own.
func run(t *testing.T, b sandbox.Backend, opts attack.Options, check func(*testing.T, attack.Finding)) {
	t.Helper()
	for _, a := range attack.All() {
		if len(opts.Only) > 0 && !slices.Contains(opts.Only, a.Name) {
			continue
		}
		t.Run(a.Name, func(t *testing.T) {
			one := opts
			one.Only = []string{a.Name}
			found := 0
			err := attack.Run(t.Context(), b, one, func(f attack.Finding) {
				found++
				t.Logf("%.2f s %s", f.WallS, f.Detail)
				check(t, f)
			})
			if err != nil || found != 1 {
				t.Fatalf("%d findings, %v", found, err)
			}
		})
	}
}

// The native sandbox holds all of it, as root and as an ordinary user.
func TestNative(t *testing.T) {
	b, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	attacktest.Run(t, b)
}

// The backend without isolation holds what is every backend's to hold, and is
// not tried where it promises nothing.
func TestNone(t *testing.T) { attacktest.Run(t, none.Backend{}) }

// An attack that never succeeds proves nothing. Where there is no isolation
// these do, and the fenced ones notice that they must not be tried.
func TestTheCorpusBites(t *testing.T) {
	want := map[string]string{ // what the finding must say
		"signal":          "stopped or killed",
		"descriptors":     "was read",
		"dev":             "is there",
		"identity":        "",
		"host-write":      "changed",
		"survivors":       "are left",
		"fork-bomb":       "not tried",
		"ptrace":          "not tried",
		"kernel":          "not tried",
		"memory":          "where 128 are allowed",
		"memory-memfd":    "where 128 are allowed",
		"memory-shared":   "where 128 are allowed",
		"disk":            "",
		"environment":     "read the secret",
		"parent-memory":   "read the secret",
		"neighbours":      "",
		"host-files":      "read the secret",
		"network":         "listener was reached by TCP",
		"abstract-socket": "the host's socket was reached",
		"shared-memory":   "on the host",
		"host-name":       "is called",
		"read-only-layer": "changed",
		"overlay-layer":   "changed",
		"io_uring":        "",
		"keyring":         "",
	}
	var only []string
	for name := range want {
		only = append(only, name)
	}
	run(t, none.Backend{}, attack.Options{Only: only}, func(t *testing.T, f attack.Finding) {
		if f.Status != attack.Broken || !strings.Contains(f.Detail, want[f.Attack]) {
			t.Errorf("%s: %q, want it broken, %q", f.Status, f.Detail, want[f.Attack])
		}
	})
}

func TestUnknownName(t *testing.T) {
	err := attack.Run(t.Context(), none.Backend{}, attack.Options{Only: []string{"no-such"}}, nil)
	if err == nil || !strings.Contains(err.Error(), "no-such") {
		t.Error(err)
	}
}

// Every attack says what it does, under a name of its own.
func TestCorpus(t *testing.T) {
	names := map[string]bool{}
	for _, a := range attack.All() {
		if names[a.Name] || a.Name == "" || a.Tries == "" || a.Holds == "" || a.Payload == nil || a.Needs == "" || !slices.Contains(attack.Classes, a.Class) {
			t.Errorf("%+v", a)
		}
		names[a.Name] = true
	}
	if len(names) < 50 {
		t.Errorf("%d attacks", len(names))
	}
}
