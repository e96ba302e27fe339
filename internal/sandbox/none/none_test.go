package none_test

import (
	"os"
	"path/filepath"
	"testing"

	"metr/internal/sandbox"
	"metr/internal/sandbox/none"
	"metr/internal/sandbox/sandboxtest"
	"metr/internal/task"
)

func TestConformance(t *testing.T) {
	sandboxtest.Run(t, none.Backend{}, sandboxtest.Traits{NoIsolation: true})
}

// A box whose folders were closed is read, written to, and removed.
func TestClosedFolders(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	box, err := none.Backend{}.Open(t.Context(), sandbox.Spec{})
	if err != nil {
		t.Fatal(err)
	}
	work := box.Path(sandbox.Work)
	r, err := sandbox.Exec(t.Context(), box, sandbox.Cmd{Args: []string{"sh", "-c", "mkdir -p d/e; echo x >d/e/f; chmod 0 d/e d ."}, Dir: sandbox.Work})
	if err != nil || !r.OK() {
		t.Fatal(r, err)
	}
	got, err := box.Get(t.Context(), sandbox.Work, 1<<20)
	if err != nil || string(got["d/e/f"].Data) != "x\n" {
		t.Errorf("%v %v", got, err)
	}
	if err := os.Chmod(work, 0); err != nil {
		t.Fatal(err)
	}
	if err := box.Put(t.Context(), sandbox.Work, task.Tree{"d/new": {Mode: 0o644}}); err != nil {
		t.Error(err)
	}
	if err := os.Chmod(filepath.Join(work, "d"), 0); err != nil {
		t.Fatal(err)
	}
	if err := box.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(work); err == nil {
		t.Error("the box was not removed")
	}
}
