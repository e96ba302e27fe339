package source

import (
	"testing"
	"unicode/utf8"

	"metr/internal/task"
)

// Any bytes can be read, and no token is lost or made up.
func FuzzCurly(f *testing.F) {
	for _, s := range []string{"fn f<'a>() { r#\"x\"#; 'c'; '\\''; b'x' }", "R\"x()x\" 1'0 /* /* */", `"""a" """`, "a::b->c.d(", "#define", "'", "\"", "r#", "/*"} {
		for i := range 4 {
			f.Add(s, uint8(i))
		}
	}
	languages := []task.Language{task.Rust, task.Java, task.C, task.Cpp}
	f.Fuzz(func(t *testing.T, src string, which uint8) {
		l := languages[int(which)%4]
		n := 0
		for _, x := range lex(l, src) {
			if x.text == "" || x.line < 1 {
				t.Fatalf("token %+v", x)
			}
			n += len(x.text)
		}
		if n > len(src) {
			t.Fatalf("%d bytes of tokens in %d", n, len(src))
		}
		for _, name := range inspectCurly(l, []byte(src)).Names {
			if !utf8.ValidString(name.Name) && utf8.ValidString(src) {
				t.Fatalf("name %q", name.Name)
			}
		}
	})
}
