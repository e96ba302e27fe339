package js

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	none   tokenKind = iota
	word             // identifier or reserved word
	number           // numeric literal
	text             // string, template or regular expression
	punct
	comment // in block form
)

type token struct {
	kind tokenKind
	text string
	line int
}

// tokens splits a source. It tells regular expressions from division by what
// stands before, which is right but for a block's closing brace. Substitutions
// in templates are part of the template.
func tokens(src string) []token {
	all := lex(src)
	out := all[:0]
	for _, t := range all {
		if t.kind != comment {
			out = append(out, t)
		}
	}
	return out
}

// lex is tokens with block comments.
func lex(src string) []token {
	var out []token
	line := 1
	for i := 0; i < len(src); {
		c := src[i]
		start := i
		switch {
		case c == '\n':
			line++
			i++
			continue
		case c == ' ' || c == '\t' || c == '\r':
			i++
			continue
		case strings.HasPrefix(src[i:], "//") || i == 0 && strings.HasPrefix(src, "#!"):
			for i < len(src) && src[i] != '\n' {
				i++
			}
			continue
		case strings.HasPrefix(src[i:], "/*"):
			if end := strings.Index(src[i+2:], "*/"); end >= 0 {
				i += end + 4
			} else {
				i = len(src)
			}
			out = append(out, token{comment, src[start:i], line})
		case c == '"' || c == '\'':
			i = quoted(src, i, c)
			out = append(out, token{text, src[start:i], line})
		case c == '`':
			i = template(src, i)
			out = append(out, token{text, src[start:i], line})
		case c == '/' && regexpMayStand(out):
			i = expression(src, i)
			out = append(out, token{text, src[start:i], line})
		case c >= '0' && c <= '9' || c == '.' && i+1 < len(src) && src[i+1] >= '0' && src[i+1] <= '9':
			for i++; i < len(src) && (isPart(src[i:]) || src[i] == '.' || (src[i] == '+' || src[i] == '-') && (src[i-1] == 'e' || src[i-1] == 'E') && !strings.HasPrefix(src[start:], "0x")); {
				_, n := utf8.DecodeRuneInString(src[i:])
				i += n
			}
			out = append(out, token{number, src[start:i], line})
		case isPart(src[i:]) || c == '#':
			for i++; i < len(src) && isPart(src[i:]); {
				_, n := utf8.DecodeRuneInString(src[i:])
				i += n
			}
			for i < len(src) && !utf8.RuneStart(src[i]) {
				i++
			}
			for i < len(src) && isPart(src[i:]) {
				_, n := utf8.DecodeRuneInString(src[i:])
				i += n
			}
			out = append(out, token{word, src[start:i], line})
		default:
			i++
			for _, p := range []string{"=>", "...", "?.", "==", "!=", "<=", ">=", "&&", "||", "??", "++", "--"} {
				if strings.HasPrefix(src[start:], p) {
					i = start + len(p)
					break
				}
			}
			out = append(out, token{punct, src[start:i], line})
		}
		line += strings.Count(src[start:i], "\n")
	}
	return out
}

func isPart(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return r == '_' || r == '$' || r == '\u200c' || r == '\u200d' || r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r))
}

// quoted returns the end of the string that begins at i.
func quoted(src string, i int, q byte) int {
	for i++; i < len(src); i++ {
		switch src[i] {
		case '\\':
			i++
		case q:
			return i + 1
		case '\n':
			return i
		}
	}
	return len(src)
}

// template returns the end of the template that begins at i.
func template(src string, i int) int {
	for i++; i < len(src); i++ {
		switch {
		case src[i] == '\\':
			i++
		case src[i] == '`':
			return i + 1
		case strings.HasPrefix(src[i:], "${"):
			depth := 0
		substitution:
			for ; i < len(src); i++ {
				switch src[i] {
				case '{':
					depth++
				case '}':
					if depth--; depth == 0 {
						break substitution
					}
				case '"', '\'':
					i = quoted(src, i, src[i]) - 1
				case '`':
					i = template(src, i) - 1
				}
			}
		}
	}
	return len(src)
}

// expression returns the end of the regular expression that begins at i, or of
// its first character where no end is on the line.
func expression(src string, i int) int {
	class := false
	for j := i + 1; j < len(src) && src[j] != '\n'; j++ {
		switch src[j] {
		case '\\':
			j++
		case '[':
			class = true
		case ']':
			class = false
		case '/':
			if class {
				continue
			}
			for j++; j < len(src) && isPart(src[j:]); j++ {
			}
			return j
		}
	}
	return i + 1
}

// regexpMayStand reports whether a slash begins a regular expression.
func regexpMayStand(before []token) bool {
	for len(before) > 0 && before[len(before)-1].kind == comment {
		before = before[:len(before)-1]
	}
	if len(before) == 0 {
		return true
	}
	t := before[len(before)-1]
	switch t.kind {
	case word:
		return reserved[t.text] && t.text != "this" && t.text != "super" && t.text != "null" && t.text != "true" && t.text != "false"
	case number, text:
		return false
	}
	return t.text != ")" && t.text != "]" && t.text != "}" && t.text != "++" && t.text != "--"
}
