package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	const pass = `{"Action":"run","Package":"p","Test":"A"}
{"Action":"output","Package":"p","Test":"A","Output":"{\"Action\":\"fail\"}\n"}
{"Action":"pass","Package":"p","Test":"A"}
{"Action":"pass","Package":"p"}
`
	const skip = `{"Action":"run","Package":"p","Test":"B"}
{"Action":"skip","Package":"p","Test":"B"}
{"Action":"pass","Package":"p"}
`
	for _, c := range []struct {
		name   string
		files  []string
		ci     bool
		status int
		want   string
	}{
		{"pass", []string{pass}, true, 0, "1 passed, 0 failed, 0 skipped\n"},
		{"skipped", []string{pass + skip}, false, 0, "skipped: p B\n1 passed, 0 failed, 1 skipped\n"},
		{"skipped in CI", []string{pass + skip}, true, 1, "skipped: p B\n1 passed, 0 failed, 1 skipped\n"},
		{"skipped here, run there", []string{pass + skip, strings.ReplaceAll(pass, `"A"`, `"B"`)}, true, 0, "2 passed, 0 failed, 0 skipped\n"},
		{"failed", []string{strings.ReplaceAll(pass, `"pass"`, `"fail"`)}, false, 1, "failed: p A\n0 passed, 1 failed, 0 skipped\n"},
		{"never ended", []string{pass + `{"Action":"run","Package":"p","Test":"C"}` + "\n"}, false, 1, "failed: p C\n1 passed, 1 failed, 0 skipped\n"},
		{"does not build", []string{pass + `{"Action":"fail","Package":"q"}`}, false, 1, "failed: q\n1 passed, 1 failed, 0 skipped\n"},
		{"nothing ran", []string{"not an event\n"}, false, 1, "0 passed, 0 failed, 0 skipped\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var files []string
			for i, text := range c.files {
				name := filepath.Join(t.TempDir(), string(rune('a'+i))+".json")
				if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
				files = append(files, name)
			}
			var out strings.Builder
			if got := run(files, c.ci, &out); got != c.status || out.String() != c.want {
				t.Errorf("status %d, want %d; output %q, want %q", got, c.status, out.String(), c.want)
			}
		})
	}
}
