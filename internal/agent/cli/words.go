package cli

import (
	"errors"
	"strings"
)

// words splits a command into words by a shell's rules of quoting (POSIX,
// section 2.2), without anything else that a shell does: variables, patterns and
// operators are ordinary characters.
func words(command string) ([]string, error) {
	var out []string
	var w strings.Builder
	begun := false // w is a word, if an empty one
	var quote byte
	for i := 0; i < len(command); i++ {
		c := command[i]
		next := byte(0)
		if i+1 < len(command) {
			next = command[i+1]
		}
		switch {
		case quote == '\'' && c != '\'', quote == '"' && c != '"' && c != '\\':
			w.WriteByte(c)
		case quote != 0 && c == quote:
			quote = 0
		case c == '\\' && next == 0:
			return nil, errors.New("the command ends in a backslash")
		case c == '\\' && quote == '"' && !strings.ContainsRune("$`\"\\\n", rune(next)):
			w.WriteByte(c)
		case c == '\\':
			if i++; next != '\n' { // which a backslash takes out
				w.WriteByte(next)
				begun = true
			}
		case c == '\'' || c == '"':
			quote, begun = c, true
		case c == ' ' || c == '\t' || c == '\n':
			if begun {
				out = append(out, w.String())
				w.Reset()
				begun = false
			}
		default:
			w.WriteByte(c)
			begun = true
		}
	}
	if quote != 0 {
		return nil, errors.New("a quote is not closed")
	}
	if begun {
		out = append(out, w.String())
	}
	return out, nil
}
