package js_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"metr/internal/grade/oracle/js"
)

// Sources may be bundled in a box that holds more than they may see.
func TestBundleStaysInside(t *testing.T) {
	root := t.TempDir()
	secret := filepath.Join(root, "secret.txt")
	dir := filepath.Join(root, "work")
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(secret, "the answer")
	write(filepath.Join(dir, "inner.ts"), "export const inner: number = 1;\n")
	if err := os.Symlink(secret, filepath.Join(dir, "link.txt")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, imports, want string }{
		{"inside", `import { inner as x } from "./inner";`, ""},
		{"absolute", `import x from "` + secret + `" with { type: "text" };`, "outside of the workspace"},
		{"upwards", `import x from "../secret.txt" with { type: "text" };`, "outside of the workspace"},
		{"link", `import x from "./link.txt" with { type: "text" };`, "outside of the workspace"},
	} {
		write(filepath.Join(dir, "main.ts"), c.imports+"\nexport default x;\n")
		out := filepath.Join(root, "out", c.name)
		ps, err := js.Bundle(dir, []string{"main.ts"}, out)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if len(ps) > 0 {
			got = ps[0].Text
		}
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: problem %q, want %q", c.name, got, c.want)
		}
		b, _ := os.ReadFile(filepath.Join(out, "main.ts.mjs"))
		if strings.Contains(string(b), "the answer") {
			t.Errorf("%s: the bundle holds what lies outside", c.name)
		}
	}
}
