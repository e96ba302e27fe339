package source

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"metr/internal/grade/oracle/js"
)

// dottedName finds names like fs.readFileSync in source whose comments and texts
// do not matter much: a use that stands in a comment alone counts too, which
// errs on the side of the candidate where names must be used.
var dottedName = regexp.MustCompile(`[\p{L}_$][\p{L}\p{N}_$]*(?:\.[\p{L}_$][\p{L}\p{N}_$]*)+`)

func inspectJS(name string, src []byte) Report {
	if ps := js.Check(name, src); len(ps) > 0 {
		return Report{Error: fmt.Sprintf("%d:%d: %s", ps[0].Line, ps[0].Column, ps[0].Text)}
	}
	var r Report
	for _, n := range js.Declared(src) {
		kind := string(n.Kind)
		if kind == "const" {
			kind = "constant"
		}
		r.Names = append(r.Names, Name{n.Name, kind, n.Line})
	}
	r.Idents = slices.Sorted(maps.Keys(js.Identifiers(src)))
	for _, m := range dottedName.FindAll(stripLineComments(src), -1) {
		r.Uses = append(r.Uses, string(m))
	}
	slices.Sort(r.Uses)
	r.Uses = slices.Compact(r.Uses)
	in := js.Indents(src)
	if in.Width > 0 {
		r.Steps = append(r.Steps, [2]int{1, in.Width})
	}
	for _, line := range in.Mixed {
		r.Steps = append(r.Steps, [2]int{line, -1})
	}
	return r
}

func stripLineComments(src []byte) []byte {
	lines := bytes.Split(src, []byte("\n"))
	for i, l := range lines {
		if t := bytes.TrimSpace(l); bytes.HasPrefix(t, []byte("//")) || bytes.HasPrefix(t, []byte("*")) || bytes.HasPrefix(t, []byte("/*")) {
			lines[i] = nil
		}
	}
	return bytes.Join(lines, []byte("\n"))
}
