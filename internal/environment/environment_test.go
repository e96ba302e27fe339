package environment

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"metr/internal/task"
)

// The go command itself reads the proxy that Deps makes.
func TestDepsAreAModuleProxy(t *testing.T) {
	h := New(t.TempDir(), nil, nil)
	file := func(s string) task.File { return task.File{Mode: 0o644, Data: []byte(s)} }
	tk := &task.Task{ID: "t", Deps: task.Tree{
		"go/example.com/Dep@v1.0.0/go.mod":    file("module example.com/Dep\n\ngo 1.22\n"),
		"go/example.com/Dep@v1.0.0/dep.go":    file("package dep\n\nconst V = 1\n"),
		"go/example.com/Dep@v1.2.0/go.mod":    file("module example.com/Dep\n\ngo 1.22\n"),
		"go/example.com/Dep@v1.2.0/in/dep.go": file("package in\n"),
	}}
	layers, env, err := h.Deps(tk)
	if err != nil || len(layers) != 1 {
		t.Fatal(layers, err)
	}
	if !strings.Contains(strings.Join(env, " "), "GOPROXY=file://"+layers[0].Box) {
		t.Errorf("environment %v does not name %s", env, layers[0].Box)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module m\n\ngo 1.22\n\nrequire example.com/Dep v1.0.0\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "list", "-m", "-versions", "example.com/Dep")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOPROXY=file://"+layers[0].Host, "GONOSUMDB=*", "GOFLAGS=-mod=mod -modcacherw", "GOMODCACHE="+t.TempDir(), "GOTOOLCHAIN=local")
	out, err := cmd.CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "example.com/Dep v1.0.0 v1.2.0" {
		t.Errorf("go list -m -versions: %v %s", err, out)
	}
}

func TestDepsRefused(t *testing.T) {
	h := New(t.TempDir(), nil, nil)
	for _, p := range []string{"go/example.com/dep/go.mod", "go/example.com/dep@v1.0.0"} {
		_, _, err := h.Deps(&task.Task{ID: "t", Deps: task.Tree{p: {}}})
		if err == nil || !strings.Contains(err.Error(), "expected deps/go/MODULE@VERSION/FILE") {
			t.Errorf("%s: %v", p, err)
		}
	}
}

// What is half made is never seen, and what is made is not made again.
func TestArtifact(t *testing.T) {
	h := New(t.TempDir(), nil, nil)
	broken := errors.New("broken")
	if _, err := h.Artifact("k", func() ([]byte, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	made := 0
	for range 3 {
		b, err := h.Artifact("k", func() ([]byte, error) { made++; return []byte("x"), nil })
		if err != nil || string(b) != "x" {
			t.Fatal(b, err)
		}
	}
	if made != 1 {
		t.Errorf("made %d times, want once", made)
	}
	if b, err := h.Artifact("other", func() ([]byte, error) { return []byte("y"), nil }); err != nil || string(b) != "y" {
		t.Error(b, err)
	}
}

func TestToolchains(t *testing.T) {
	h := New(t.TempDir(), nil, nil)
	for _, l := range []task.Language{task.Python, task.JavaScript, task.TypeScript} {
		tool, err := h.For(t.Context(), l)
		if err != nil || tool.Version == "" || !filepath.IsAbs(tool.Program) {
			t.Errorf("%s: %+v %v", l, tool, err)
		}
	}
	if _, err := h.For(t.Context(), "cobol"); err == nil {
		t.Error("cobol has a tool chain")
	}
}
