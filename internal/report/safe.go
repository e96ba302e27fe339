package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Safe shows what a terminal or an XML reader must not be fed as such: control
// characters (escape sequences begin with one), characters that turn the
// direction of writing, and bytes that are not UTF-8 become \x1b, \u202e, \xff.
// Line feeds and tabs stay. Reasons and messages come from programs under test.
func Safe(s string) string {
	if utf8.ValidString(s) && strings.IndexFunc(s, hostile) < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case !hostile(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		i += n
	}
	return b.String()
}

func hostile(r rune) bool {
	if r == '\n' || r == '\t' {
		return false
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == 0xfffe || r == 0xffff
}
