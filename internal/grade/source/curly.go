package source

import (
	"slices"
	"strings"

	"metr/internal/task"
)

// inspectCurly reads a source in Rust, Java, C or C++: the names that it declares
// and uses, as far as its tokens tell. Whether it parses is the compiler's to say.
func inspectCurly(l task.Language, src []byte) Report {
	all := lex(l, string(src))
	code := slices.DeleteFunc(slices.Clone(all), func(t lexeme) bool { return t.kind == comment })
	var r Report
	for i := range code {
		if n, ok := declared(l, code, i); ok {
			r.Names = append(r.Names, n)
		}
		if code[i].kind == ident {
			r.Idents = append(r.Idents, code[i].text)
		}
	}
	r.Idents = sorted(r.Idents)
	r.Uses = sorted(paths(code))
	if w := step(string(src), all); w > 0 {
		r.Steps = [][2]int{{1, w}}
	}
	return r
}

func sorted(s []string) []string {
	slices.Sort(s)
	return slices.Compact(s)
}

// paths lists names that are joined by dots, arrows and colons: as they are
// written, arrows as dots, and each beginning of those with colons.
func paths(code []lexeme) []string {
	var out []string
	for i := 0; i < len(code); i++ {
		if code[i].kind != ident {
			continue
		}
		name := code[i].text
		for i+2 < len(code) && code[i+2].kind == ident && slices.Contains([]string{".", "->", "::"}, code[i+1].text) {
			join := code[i+1].text
			if join == "->" {
				join = "."
			} else if join == "::" {
				out = append(out, name)
			}
			name += join + code[i+2].text
			i += 2
		}
		if strings.ContainsAny(name, ".:") {
			out = append(out, name)
		}
	}
	return out
}

// keywords that may stand before a name and a parenthesis without declaring it.
var keywords = strings.Fields("return new else throw case do if while for switch catch goto sizeof delete assert yield public private protected static final abstract synchronized native default strictfp operator co_return co_await using")

// declared reports the name that the token at i declares.
func declared(l task.Language, code []lexeme, i int) (Name, bool) {
	t := code[i]
	if t.kind != ident {
		return Name{}, false
	}
	at := func(k int) string {
		if k < 0 || k >= len(code) {
			return ""
		}
		return code[k].text
	}
	before := at(i - 1)
	as := func(kind string) (Name, bool) { return Name{t.text, kind, t.line}, true }
	if l == task.Rust {
		if before == "mut" {
			before = at(i - 2)
		}
		switch before {
		case "fn":
			return as("function")
		case "struct", "enum", "trait", "union":
			return as("class")
		case "type":
			return as("class")
		case "const", "static":
			if at(i+1) == ":" && t.text != "fn" {
				return as("constant")
			}
		case "let":
			if next := at(i + 1); next == ":" || next == "=" || next == ";" {
				return as("variable")
			}
		case "mod":
			return as("variable")
		}
		return Name{}, false
	}
	if l == task.Java {
		switch {
		case slices.Contains([]string{"class", "interface", "enum"}, before) && at(i-2) != ".":
			return as("class")
		case before == "record" && (at(i+1) == "(" || at(i+1) == "<"):
			return as("class")
		case at(i+1) == "=" && slices.Contains(run(code, i), "static") && slices.Contains(run(code, i), "final"):
			return as("constant")
		}
	} else {
		switch {
		case before == "define" && at(i-2) == "#":
			return as("macro")
		case slices.Contains([]string{"struct", "union", "class", "enum"}, before) && slices.Contains([]string{"{", ":", "final"}, at(i+1)) && !(before == "class" && (at(i-2) == "<" || at(i-2) == ",")):
			return as("class")
		}
	}
	if at(i+1) != "(" || !definition(code, i+1) || slices.Contains(keywords, t.text) {
		return Name{}, false
	}
	k := i - 1
	if at(k) == "::" { // Type::method; its type is a constructor's name
		if at(i-2) == t.text || at(i-2) == ">" {
			return Name{}, false
		}
		k = i - 3
	}
	if k < 0 || code[k].kind == ident && slices.Contains(keywords, at(k)) ||
		code[k].kind != ident && !slices.Contains([]string{"*", "&", ">", "]"}, at(k)) {
		return Name{}, false
	}
	return as("function")
}

// run lists the words of the declaration before token i.
func run(code []lexeme, i int) []string {
	var out []string
	for k := i - 1; k >= 0 && !slices.Contains([]string{";", "{", "}", "(", ")"}, code[k].text); k-- {
		out = append(out, code[k].text)
	}
	return out
}

// definition reports whether a body follows the parameters that begin at open.
func definition(code []lexeme, open int) bool {
	depth := 0
	for k := open; k < len(code); k++ {
		switch code[k].text {
		case "(":
			depth++
		case ")":
			depth--
		}
		if depth > 0 {
			continue
		}
		for k++; k < len(code); k++ {
			switch {
			case code[k].text == "{":
				return true
			case code[k].kind != ident && !slices.Contains([]string{".", ",", "->", "::", "<", ">", "&", "*"}, code[k].text):
				return false
			}
		}
	}
	return false
}

// step is the commonest number of spaces by which a line is indented deeper than
// the one before; lines that begin within a token are left out.
func step(src string, tokens []lexeme) int {
	inside := map[int]bool{}
	for _, t := range tokens {
		for i := range strings.Count(t.text, "\n") {
			inside[t.line+i+1] = true
		}
	}
	counts := map[int]int{}
	last, best := 0, 0
	for i, line := range strings.Split(src, "\n") {
		body := strings.TrimLeft(line, " ")
		if inside[i+1] || strings.TrimSpace(body) == "" || body[0] == '\t' {
			continue
		}
		lead := len(line) - len(body)
		if d := lead - last; d > 0 {
			counts[d]++
		}
		last = lead
	}
	for d, n := range counts {
		if n > counts[best] || n == counts[best] && d < best {
			best = d
		}
	}
	return best
}
