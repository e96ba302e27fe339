package ring

import (
	"crypto/sha256"
	"fmt"
	"os"
	"testing"
)

// TestUnchanged fails whenever ring.go is not what it was.
func TestUnchanged(t *testing.T) {
	src, err := os.ReadFile("ring.go")
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%x", sha256.Sum256(src)); got != "16665c25197fea16a61d3ecbcdd5080df4d7eff547f3d77971dadfcaecf3e627" {
		t.Errorf("ring.go has the hash %s", got)
	}
}
