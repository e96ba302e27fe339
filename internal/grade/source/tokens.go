package source

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"metr/internal/task"
)

// lexeme is one piece of a source in Rust, Java, C or C++.
type lexeme struct {
	kind tokenKind
	text string
	line int
}

type tokenKind byte

const (
	ident   tokenKind = iota
	mark              // punctuation: one character, or :: or ->
	literal           // numbers, characters, strings
	comment
)

// lex cuts a source into tokens. It is no compiler: what does not end, ends with
// the file.
func lex(l task.Language, src string) []lexeme {
	var out []lexeme
	line := 1
	for i := 0; i < len(src); {
		kind, n := first(l, src[i:])
		if n == 0 {
			if src[i] == '\n' {
				line++
			}
			i++
			continue
		}
		text := src[i : i+n]
		out = append(out, lexeme{kind, text, line})
		line += strings.Count(text, "\n")
		i += n
	}
	return out
}

// first is the token that s begins with; n is 0 for white space.
func first(l task.Language, s string) (kind tokenKind, n int) {
	r, size := utf8.DecodeRuneInString(s)
	switch {
	case unicode.IsSpace(r):
		return 0, 0
	case strings.HasPrefix(s, "//"):
		return comment, end(s, "\n", 2) // without the line's end
	case strings.HasPrefix(s, "/*"):
		return comment, block(s, l == task.Rust)
	case r == '"' && l == task.Java && strings.HasPrefix(s, `"""`):
		return literal, min(end(s, `"""`, 3)+3, len(s))
	case r == '"':
		return literal, quoted(s, '"')
	case r == '\'':
		return char(l, s)
	case unicode.IsDigit(r):
		n = 1
		for n < len(s) && (isWordByte(s[n]) || s[n] == '.' && n+1 < len(s) && s[n+1] != '.' || s[n] == '\'' && l == task.Cpp) {
			n++
		}
		return literal, n
	case isWord(r):
		if n := raw(l, s); n > 0 {
			return literal, n
		}
		for n = size; n < len(s); n += size {
			if r, size = utf8.DecodeRuneInString(s[n:]); !isWord(r) && !unicode.IsDigit(r) {
				break
			}
		}
		return ident, n
	case strings.HasPrefix(s, "::"), strings.HasPrefix(s, "->"):
		return mark, 2
	}
	return mark, size
}

func isWord(r rune) bool { return r == '_' || r == '$' || unicode.IsLetter(r) }

func isWordByte(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

// end is where the next stop at or after from begins, or the end of s.
func end(s, stop string, from int) int {
	if from > len(s) {
		return len(s)
	}
	if i := strings.Index(s[from:], stop); i >= 0 {
		return from + i
	}
	return len(s)
}

// block is the length of a block comment; Rust's nest.
func block(s string, nests bool) int {
	depth := 0
	for i := 0; i+1 < len(s); i++ {
		switch {
		case s[i:i+2] == "/*" && (nests || depth == 0):
			depth++
			i++
		case s[i:i+2] == "*/":
			if depth--; depth == 0 {
				return i + 2
			}
			i++
		}
	}
	return len(s)
}

// quoted is the length of a text between quotes.
func quoted(s string, quote byte) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case quote:
			return i + 1
		}
	}
	return len(s)
}

// char is a character, or one of Rust's lifetimes.
func char(l task.Language, s string) (tokenKind, int) {
	if l == task.Rust && len(s) > 1 && s[1] != '\\' {
		_, size := utf8.DecodeRuneInString(s[1:])
		if 1+size >= len(s) || s[1+size] != '\'' {
			return mark, 1 // a lifetime: its name follows
		}
	}
	return literal, quoted(s, '\'')
}

// raw is the length of a raw text: r#"…"#, R"x(…)x", with their prefixes; 0 if s
// begins with none.
func raw(l task.Language, s string) int {
	switch l {
	case task.Rust:
		rest := strings.TrimLeft(s[:min(len(s), 3)], "bcr")
		at := min(len(s), 3) - len(rest)
		if !strings.Contains(s[:at], "r") {
			return 0
		}
		hashes := len(s[at:]) - len(strings.TrimLeft(s[at:], "#"))
		if at+hashes < len(s) && s[at+hashes] == '"' {
			stop := `"` + strings.Repeat("#", hashes)
			return min(end(s, stop, at+hashes+1)+len(stop), len(s))
		}
	case task.Cpp:
		for _, p := range []string{`R"`, `u8R"`, `uR"`, `UR"`, `LR"`} {
			if strings.HasPrefix(s, p) {
				if open := strings.IndexByte(s, '('); open >= len(p) && open-len(p) <= 16 {
					stop := ")" + s[len(p):open] + `"`
					return min(end(s, stop, open)+len(stop), len(s))
				}
			}
		}
	}
	return 0
}
