package js

import "strings"

// Name is a declared identifier.
type Name struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
	Line int    `json:"line"` // from 1
}

// Kind says how a name was declared.
type Kind string

// The kinds of declaration.
const (
	Function  Kind = "function"
	Class     Kind = "class"
	Variable  Kind = "variable" // let and var
	Const     Kind = "const"
	Parameter Kind = "parameter"
	Method    Kind = "method"
	Type      Kind = "type" // TypeScript: interface, type, enum, namespace
	Import    Kind = "import"
)

// Declared lists the identifiers that a JavaScript or TypeScript source
// declares, in order. It reads tokens, not a syntax tree, and misses:
// destructured names with default values that are functions or objects
// themselves, parameters of a single-name arrow nested in another's default,
// names inside template substitutions, class fields, object literal members
// other than shorthand methods, and anything in JSX. It reports nothing that is
// not declared in a source that parses, but may take a call followed by a block
// in a class body for a method where a line end stands for a semicolon. Let the
// source pass Check first.
func Declared(src []byte) []Name {
	toks := tokens(string(src))
	s := &scan{toks: toks, pair: pairs(toks)}
	for s.i = 0; s.i < len(s.toks); s.i++ {
		s.step()
	}
	return s.out
}

// Identifiers lists every identifier that occurs outside of strings, comments
// and regular expressions, with the lines where it does.
func Identifiers(src []byte) map[string][]int {
	out := map[string][]int{}
	for _, t := range tokens(string(src)) {
		if t.kind == word && !reserved[t.text] {
			out[t.text] = append(out[t.text], t.line)
		}
	}
	return out
}

type scan struct {
	toks []token
	pair []int
	i    int
	out  []Name
}

func (s *scan) at(i int) token {
	if i < 0 || i >= len(s.toks) {
		return token{}
	}
	return s.toks[i]
}

func (s *scan) add(t token, k Kind) {
	if t.kind == word && !reserved[t.text] {
		s.out = append(s.out, Name{t.text, k, t.line})
	}
}

func (s *scan) step() {
	t, prev := s.at(s.i), s.at(s.i-1)
	if prev.text == "." || prev.text == "?." { // a property of that name
		return
	}
	if t.kind == word && s.at(s.i+1).text == ":" && (prev.text == "{" || prev.text == ",") { // a key
		return
	}
	switch t.text {
	case "function":
		j := s.i + 1
		if s.at(j).text == "*" {
			j++
		}
		s.add(s.at(j), Function)
		for ; j < len(s.toks) && s.at(j).text != "("; j++ {
		}
		s.params(j)
	case "class":
		if s.at(s.i+1).text != "extends" {
			s.add(s.at(s.i+1), Class)
		}
	case "interface", "enum", "namespace", "type":
		if n := s.at(s.i + 1); n.kind == word && t.line == n.line && !reserved[n.text] {
			switch s.at(s.i + 2).text {
			case "=", "{", "<", "extends":
				s.add(n, Type)
			}
		}
	case "let", "var", "const":
		if s.at(s.i+1).text == "enum" {
			return
		}
		k := Variable
		if t.text == "const" {
			k = Const
		}
		s.bindings(s.i+1, k)
	case "import":
		s.imports()
	case "catch":
		if s.at(s.i+1).text == "(" {
			s.params(s.i + 1)
		}
	case "=>":
		if prev.text == ")" {
			s.params(s.open(s.i - 1))
		} else {
			s.add(prev, Parameter)
		}
	case "(":
		// name(...) { is a method, unless the name is if, for and their like.
		end := s.close(s.i)
		after := s.at(end + 1).text
		if after == ":" { // a TypeScript result type: find the block on the way
			for j := end + 2; j < len(s.toks) && j < end+12; j++ {
				if x := s.at(j).text; x == "{" || x == ";" || x == "=>" || x == "," || x == "?" || x == ")" || x == "}" {
					after = x
					break
				}
			}
		}
		if after == "{" && prev.kind == word && !reserved[prev.text] && s.at(s.i-2).text != "function" &&
			!(s.at(s.i-2).text == "*" && s.at(s.i-3).text == "function") && s.at(s.i-2).text != "new" && s.at(s.i-2).text != "." && s.member(s.i-1) {
			s.add(prev, Method)
			s.params(s.i)
		}
	}
}

// member reports whether the name at i begins a member of a class or object:
// what stands before it ends another member or is a modifier.
func (s *scan) member(i int) bool {
	switch p := s.at(i - 1); p.text {
	case "{", "}", ";", ",", "static", "async", "get", "set", "public", "private", "protected", "readonly", "override", "abstract", "*":
		return true
	}
	return s.at(i-1).line != s.at(i).line
}

// close is the index of the bracket that closes the one at i.
func (s *scan) close(i int) int {
	if j := s.pair[i]; j > i {
		return j
	}
	return len(s.toks)
}

// open is the index of the bracket that the one at i closes; -1 without any.
func (s *scan) open(i int) int {
	if i < 0 || s.pair[i] >= i {
		return -1
	}
	return s.pair[i]
}

// pairs gives for each bracket the index of its partner, for all else and for
// brackets without one its own.
func pairs(toks []token) []int {
	out := make([]int, len(toks))
	var stack []int
	for i, t := range toks {
		out[i] = i
		switch t.text {
		case "(", "[", "{":
			stack = append(stack, i)
		case ")", "]", "}":
			if n := len(stack); n > 0 {
				out[i], out[stack[n-1]] = stack[n-1], i
				stack = stack[:n-1]
			}
		}
	}
	return out
}

// params adds the parameters in the brackets at i.
func (s *scan) params(i int) {
	if s.at(i).text != "(" {
		return
	}
	end := s.close(i)
	for j := i + 1; j < end; {
		j = s.pattern(j, end, Parameter)
		j = s.skip(j, end) + 1
	}
}

// bindings adds the names of a declaration that begins at i.
func (s *scan) bindings(i int, k Kind) {
	for i < len(s.toks) {
		i = s.pattern(i, len(s.toks), k)
		switch s.at(i).text {
		case "=", ":", "!":
			i = s.skip(i, len(s.toks))
		}
		if s.at(i).text != "," {
			return
		}
		i++
	}
}

// pattern adds the names of one binding pattern at i and returns where it ends.
func (s *scan) pattern(i, end int, k Kind) int {
	for i < end && (s.at(i).text == "..." || modifiers[s.at(i).text] && s.at(i+1).kind == word) {
		i++
	}
	t := s.at(i)
	if t.text != "{" && t.text != "[" {
		s.add(t, k)
		if t.kind == word {
			i++
		}
		return i
	}
	last := min(s.close(i), end)
	for j := i + 1; j < last; {
		if t.text == "{" && s.at(j+1).text == ":" {
			j += 2 // key: pattern
		}
		j = s.pattern(j, last, k)
		j = s.skip(j, last) + 1
	}
	return last + 1
}

// skip goes from i to the comma, semicolon or closing bracket that ends an
// initialiser, or to the line end that does.
func (s *scan) skip(i, end int) int {
	typed := s.at(i).text == ":" || s.at(i+1).text == ":" // a TypeScript annotation, whose angle brackets pair
	angle := 0
	for ; i < end; i++ {
		switch x := s.at(i).text; x {
		case "<":
			angle++
		case ">":
			angle--
		case "=":
			typed = false
		case ",", ";", ")", "]", "}":
			if x == "," && typed && angle > 0 {
				continue
			}
			return i
		case "(", "[", "{":
			i = s.close(i)
		}
		t, n := s.at(i), s.at(i+1)
		if end == len(s.toks) && n.line > t.line && n.kind == word && t.kind != punct {
			return i + 1
		}
	}
	return end
}

// imports adds the local names of an import declaration.
func (s *scan) imports() {
	if n := s.at(s.i + 1).text; n == "(" || n == "." {
		return
	}
	for j := s.i + 1; j < len(s.toks); j++ {
		switch t := s.at(j); {
		case t.kind == text || t.text == ";" || t.text == "from":
			return
		case t.kind == word && s.at(j+1).text != "as" && t.text != "as" && !(t.text == "type" && s.at(j+1).text != "from" && s.at(j+1).text != ","):
			s.add(t, Import)
		}
	}
}

var modifiers = set("public private protected readonly override")

// reserved words are not names. Those that are reserved only in places (type,
// of, get, async, as, from) may be names and are not here.
var reserved = set(`break case catch class const continue debugger default delete do else enum export extends false
	finally for function if import in instanceof new null return super switch this throw true try typeof var void while with let static yield await`)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}
