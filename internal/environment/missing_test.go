package environment

import (
	"errors"
	"strings"
	"testing"

	"metr/internal/task"
)

// Without a tool chain its tasks are left out by name, and the user is told what
// to install.
func TestMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	h := New(t.TempDir(), nil, nil)
	for l, want := range map[task.Language]string{
		task.Rust: "rustc with cargo is needed and was not found: apt-get install rustc cargo rustfmt, or rustup",
		task.Java: "javac is needed and was not found: apt-get install default-jdk-headless (version 17 or later)",
		task.C:    "gcc is needed and was not found: apt-get install gcc libc6-dev",
		task.Cpp:  "g++ is needed and was not found: apt-get install g++",
		task.Perl: "perl is needed and was not found: apt-get install perl",
		task.Go:   "go is needed and was not found: install it from your distribution (golang-go) or go.dev/dl",
	} {
		_, err := h.For(t.Context(), l)
		var m *Missing
		if !errors.As(err, &m) || err.Error() != want || m.Language != l {
			t.Errorf("%s: %v, want %s", l, err, want)
		}
	}
	tasks := []*task.Task{{ID: "a", Language: task.Rust}, {ID: "b", Language: task.C}, {ID: "c", Language: task.Rust}}
	ready, out, lacks, err := Ready(t.Context(), tasks)
	if err != nil || len(ready) != 0 || len(out) != 3 || len(lacks) != 2 {
		t.Errorf("%d ready, %d left out, %d missing, %v", len(ready), len(out), len(lacks), err)
	}
	if _, _, _, err := Ready(t.Context(), []*task.Task{{ID: "x", Language: "cobol"}}); err == nil || !strings.Contains(err.Error(), "task x: language") {
		t.Errorf("an unknown language: %v", err)
	}
	for _, c := range Probe(t.Context()) {
		if c.OK != strings.HasPrefix(c.Detail, "/") || c.OK == (c.Fix != "") || c.Needed {
			t.Errorf("%+v", c)
		}
	}
}

// scripts/test installs these; the machine of an ordinary user may lack some.
func TestCompilers(t *testing.T) {
	h := New(t.TempDir(), nil, nil)
	for _, l := range []task.Language{task.Rust, task.Java, task.C, task.Cpp, task.Perl} {
		tool, err := h.For(t.Context(), l)
		var m *Missing
		if errors.As(err, &m) {
			t.Logf("%s: %v", l, err)
			continue
		}
		if err != nil || !strings.HasPrefix(tool.Program, "/") || !strings.Contains(tool.Version, ".") {
			t.Errorf("%s: %+v %v", l, tool, err)
		}
		for _, layer := range tool.Layers {
			if layer.Overlay {
				t.Errorf("%s: layer %s could be written to", l, layer.Host)
			}
		}
	}
}
