//go:build linux

package attack_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"metr/internal/sandbox/attack"
)

var update = flag.Bool("update", false, "write the table of docs/security.md anew")

// The table of attacks in the documentation is the corpus.
func TestDocumentation(t *testing.T) {
	const page, begin, end = "../../../docs/security.md", "<!-- attacks -->\n", "<!-- end of attacks -->"
	old, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok1 := strings.Cut(string(old), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatalf("docs/security.md lacks the lines %q and %q", begin, end)
	}
	var b strings.Builder
	for _, c := range attack.Classes {
		fmt.Fprintf(&b, "\n| %s | what it tries | what must hold |\n|---|---|---|\n", c)
		for _, a := range attack.All() {
			if a.Class == c {
				fmt.Fprintf(&b, "| %s | %s | %s |\n", a.Name, a.Tries, a.Holds)
			}
		}
	}
	want := before + begin + b.String() + "\n" + end + after
	if want == string(old) {
		return
	}
	if !*update {
		t.Fatal("the table of docs/security.md is not that of the corpus: go test ./internal/sandbox/attack -run Documentation -update")
	}
	if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}
