package oracle

import (
	"os"
	"testing"

	"metr/internal/sandbox/native"
)

// A pyenv shim costs more than the tests themselves; boxes have no such folder.
func TestMain(m *testing.M) {
	native.Init() // the test's program is the boxes' first process too
	os.Setenv("PATH", "/usr/local/bin:/usr/bin:/bin")
	os.Exit(m.Run())
}
