package js

import "strings"

// Indentation is how a source is indented.
type Indentation struct {
	Tabs, Spaces, Mixed []int // lines that begin with tabs, with spaces, with both
	Width               int   // spaces of one step: the commonest difference between a line and the next deeper one; 0 without any
	Off                 []int // lines indented by spaces that are no multiple of Width
	Trailing            []int // lines that end in white space
}

// Indents looks at the white space of a source. Lines inside templates and block
// comments are left out: their white space is theirs.
func Indents(src []byte) Indentation {
	var in Indentation
	skip := inside(string(src))
	counts := map[int]int{}
	last := 0
	type line struct{ n, width int }
	var spaced []line
	for i, l := range strings.Split(string(src), "\n") {
		n := i + 1
		if skip[n] {
			continue
		}
		l = strings.TrimSuffix(l, "\r")
		body := strings.TrimLeft(l, " \t")
		if strings.TrimRight(l, " \t") != l {
			in.Trailing = append(in.Trailing, n)
		}
		if body == "" {
			continue
		}
		lead := l[:len(l)-len(body)]
		switch tabs := strings.Count(lead, "\t"); {
		case lead == "":
		case tabs == len(lead):
			in.Tabs = append(in.Tabs, n)
		case tabs > 0:
			in.Mixed = append(in.Mixed, n)
		default:
			in.Spaces = append(in.Spaces, n)
			spaced = append(spaced, line{n, len(lead)})
		}
		if d := len(lead) - last; d > 0 && !strings.Contains(lead, "\t") {
			counts[d]++
		}
		last = len(lead)
	}
	for d, c := range counts {
		if c > counts[in.Width] || c == counts[in.Width] && d < in.Width {
			in.Width = d
		}
	}
	for _, l := range spaced {
		if in.Width > 0 && l.width%in.Width != 0 {
			in.Off = append(in.Off, l.n)
		}
	}
	return in
}

// inside marks the lines that begin within a template or block comment.
func inside(src string) map[int]bool {
	out := map[int]bool{}
	for _, t := range lex(src) {
		if t.kind == comment || t.kind == text && t.text[0] == '`' {
			for i := range strings.Count(t.text, "\n") {
				out[t.line+i+1] = true
			}
		}
	}
	return out
}
