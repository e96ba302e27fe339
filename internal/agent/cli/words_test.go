package cli

import (
	"slices"
	"strings"
	"testing"
)

func TestWords(t *testing.T) {
	for in, want := range map[string][]string{
		"":                               nil,
		" a  b\tc\n":                     {"a", "b", "c"},
		`sh -c 'echo "$A" \n'`:           {"sh", "-c", `echo "$A" \n`},
		`"a\"b" "c\n" "d\\" "\$x"`:       {`a"b`, `c\n`, `d\`, "$x"},
		`a\ b ''x"" '' # x`:              {"a b", "x", "", "#", "x"},
		"a\\\nb":                         {"ab"},
		`python3 ./s.py --n=1 "ä b" *.x`: {"python3", "./s.py", "--n=1", "ä b", "*.x"},
	} {
		if got, err := words(in); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %q %v, want %q", in, got, err, want)
		}
	}
	for _, bad := range []string{"a 'b", `"`, `a\`} {
		if got, err := words(bad); err == nil {
			t.Errorf("%q: %q", bad, got)
		}
	}
}

// Words put in single quotes come back as they were.
func FuzzWords(f *testing.F) {
	f.Add("a b", `"\`)
	f.Fuzz(func(t *testing.T, a, b string) {
		_, _ = words(a)
		quoted := func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
		got, err := words(quoted(a) + " " + quoted(b))
		if err != nil || !slices.Equal(got, []string{a, b}) {
			t.Fatalf("%q %q: %q %v", a, b, got, err)
		}
	})
}
