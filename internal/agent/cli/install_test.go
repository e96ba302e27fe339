package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every lock names exact versions with digests, and no registry.
func TestLocks(t *testing.T) {
	for _, p := range programs() {
		var l struct {
			Version  int `json:"lockfileVersion"`
			Packages map[string]struct{ Version, Integrity, Resolved string }
		}
		if err := json.Unmarshal(p.lock.lock, &l); err != nil || l.Version != 3 {
			t.Errorf("%s: %v, version %d", p.name, err, l.Version)
		}
		if got := l.Packages["node_modules/"+p.lock.pkg].Version; got != p.lock.version || got == "" {
			t.Errorf("%s: the lock has version %q of %s, package.json %q", p.name, got, p.lock.pkg, p.lock.version)
		}
		for name, e := range l.Packages {
			if name != "" && !strings.HasPrefix(e.Integrity, "sha512-") || e.Resolved != "" {
				t.Errorf("%s: %s: %+v", p.name, name, e)
			}
		}
	}
}

// fakeNPM is an npm that does what the script says.
func fakeNPM(t *testing.T, script string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "npm"), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":/usr/bin:/bin")
}

func TestInstall(t *testing.T) {
	cache := filepath.Join(t.TempDir(), "new", "cache")
	fakeNPM(t, "echo npm error code E404; echo 'npm error 404 not there' >&2; echo 'npm error A complete log of this run can be found in: x' >&2; exit 1")
	_, err := Install(t.Context(), cache, "codex", nil)
	if err == nil || !strings.Contains(err.Error(), "install agent codex: npm ci: exit status 1: code E404; 404 not there; it needs the network") || strings.Contains(err.Error(), "\n") {
		t.Errorf("npm failed: %v", err)
	}
	fakeNPM(t, `test -s package-lock.json && [ "$1 $2" = "ci --ignore-scripts" ] || exit 9
echo ran >>`+filepath.Join(filepath.Dir(cache), "runs")+`
mkdir -p node_modules/p; echo x >node_modules/p/x; chmod 700 node_modules/p; chmod 600 node_modules/p/x; ln -s x node_modules/p/link`)
	var told []string
	for range 2 {
		dir, err := Install(t.Context(), cache, "codex", func(s string) { told = append(told, s) })
		if err != nil {
			t.Fatal(err)
		}
		if at, there := Place(cache, "codex"); !there || at != dir || !strings.HasPrefix(filepath.Base(dir), "agent-codex-0.") {
			t.Errorf("%s %v, installed in %s", at, there, dir)
		}
		for p, want := range map[string]os.FileMode{"": 0o755, "node_modules/p": 0o755, "node_modules/p/x": 0o644} {
			if st, err := os.Stat(filepath.Join(dir, p)); err != nil || st.Mode().Perm()&want != want {
				t.Errorf("%s: %v %v", p, st, err)
			}
		}
	}
	if runs, err := os.ReadFile(filepath.Join(filepath.Dir(cache), "runs")); err != nil || string(runs) != "ran\n" || len(told) != 1 || !strings.Contains(told[0], "@openai/codex@") {
		t.Errorf("npm ran %q times, told %q: %v", runs, told, err)
	}
	if left, _ := filepath.Glob(filepath.Join(cache, ".making-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := Install(t.Context(), cache, "gemini", nil); err == nil || !strings.Contains(err.Error(), "npm, which installs it, was not found: apt-get install") {
		t.Errorf("no npm: %v", err)
	}
	if _, err := Install(t.Context(), cache, "coder", nil); err == nil || !strings.Contains(err.Error(), "expected one of claude, codex,") {
		t.Errorf("no such agent: %v", err)
	}
}
