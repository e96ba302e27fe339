package oracle

import (
	"os"
	"testing"
)

// A pyenv shim costs more than the tests themselves; boxes have no such folder.
func TestMain(m *testing.M) {
	os.Setenv("PATH", "/usr/local/bin:/usr/bin:/bin")
	os.Exit(m.Run())
}
