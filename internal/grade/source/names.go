package source

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"metr/internal/grade"
	"metr/internal/task"
)

// Names asks whether declared names follow the language's convention, in the
// files touched, and whether the renames that the task asks for were done.
type Names struct{ Reader }

var (
	snake    = regexp.MustCompile(`^_*[a-z0-9][a-z0-9_]*$|^_+$`)
	upper    = regexp.MustCompile(`^_*[A-Z][A-Z0-9_]*$`)
	capWords = regexp.MustCompile(`^_*[A-Z][A-Za-z0-9]*$`)
	camel    = regexp.MustCompile(`^[_$#]*[a-z][A-Za-z0-9$]*$|^[_$]+$`)
	mixed    = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*$|^_$`)
)

// conventions are the forms that names of a kind may have. C and C++ have none
// that all follow: what is refused there nobody does.
var conventions = map[task.Language]map[string][]*regexp.Regexp{
	task.Rust: {"function": {snake}, "variable": {snake}, "class": {capWords}, "constant": {upper}},
	task.Java: {"function": {camel}, "class": {capWords}, "constant": {upper, camel}},
	task.C:    {"function": {snake}, "class": {snake, capWords}, "macro": {upper}},
	task.Cpp:  {"function": {snake, camel, capWords}, "class": {snake, capWords}, "macro": {upper}},
}

// fits reports whether a name of that kind follows the convention.
func fits(l task.Language, n Name, file string) bool {
	switch l {
	case task.Python:
		switch n.Kind {
		case "class":
			return capWords.MatchString(n.Name)
		case "constant": // of a module: a constant, a variable, or an alias of a type
			return snake.MatchString(n.Name) || upper.MatchString(n.Name) || capWords.MatchString(n.Name)
		case "function", "method":
			// unittest and ast.NodeVisitor ask for these of their subclasses
			return snake.MatchString(n.Name) || slices.Contains([]string{"setUp", "tearDown", "setUpClass", "tearDownClass"}, n.Name) || strings.HasPrefix(n.Name, "visit_")
		case "variable":
			return snake.MatchString(n.Name) || capWords.MatchString(n.Name) || upper.MatchString(n.Name)
		}
		return snake.MatchString(n.Name) || upper.MatchString(n.Name)
	case task.Go:
		if strings.HasSuffix(file, "_test.go") && n.Kind == "function" {
			return true // TestType_Method is customary
		}
		return mixed.MatchString(n.Name)
	case task.Rust, task.Java, task.C, task.Cpp:
		return slices.ContainsFunc(conventions[l][n.Kind], func(r *regexp.Regexp) bool { return r.MatchString(n.Name) })
	}
	switch n.Kind {
	case "class", "type":
		return capWords.MatchString(n.Name)
	case "constant", "variable":
		return camel.MatchString(n.Name) || upper.MatchString(n.Name) || capWords.MatchString(n.Name)
	}
	return camel.MatchString(n.Name) || capWords.MatchString(n.Name)
}

// Grade reads the files; no code runs.
func (g Names) Grade(ctx context.Context, lab *grade.Lab, c grade.Case) (task.Verdict, error) {
	files, err := touched(c)
	if err != nil {
		return c.Verdict(task.Syntax, task.Static), err
	}
	look := files
	if len(c.Spec.Names) > 0 {
		look = sources(c.Task.Language, c.Tree) // a rename concerns every file
	}
	return g.judge(ctx, lab, c, task.Syntax, look, true, func(reports map[string]Report) (string, error) {
		for _, f := range files {
			for _, n := range reports[f].Names {
				if !fits(c.Task.Language, n, f) {
					return fmt.Sprintf("%s:%d: %s %q does not follow the convention", f, n.Line, n.Kind, n.Name), nil
				}
			}
		}
		for _, r := range c.Spec.Names {
			if p := renamed(r, look, reports); p != "" {
				return p, nil
			}
		}
		return "", nil
	})
}

// renamed says what is missing of a rename, or "".
func renamed(r task.Rename, files []string, reports map[string]Report) string {
	found := false
	for _, f := range files {
		if slices.Contains(reports[f].Idents, r.From) {
			return fmt.Sprintf("%s: the name %q is still used; it is to be %q", f, r.From, r.To)
		}
		found = found || slices.Contains(reports[f].Idents, r.To)
	}
	if !found {
		return fmt.Sprintf("no name %q; it takes the place of %q", r.To, r.From)
	}
	return ""
}

// API asks whether the names in Use are used and those in Forbid are not, in
// the files of the grader's globs.
type API struct{ Reader }

// Grade reads the files; no code runs.
func (g API) Grade(ctx context.Context, lab *grade.Lab, c grade.Case) (task.Verdict, error) {
	files, err := touched(c)
	if err != nil {
		return c.Verdict(task.Context, task.Static), err
	}
	return g.judge(ctx, lab, c, task.Context, files, true, func(reports map[string]Report) (string, error) {
		for _, name := range c.Spec.Use {
			if !slices.ContainsFunc(files, func(f string) bool { return uses(reports[f], name) }) {
				return name + " is not used", nil
			}
		}
		for _, f := range files {
			for _, name := range c.Spec.Forbid {
				if uses(reports[f], name) {
					return fmt.Sprintf("%s: %s is used and must not be", f, name), nil
				}
			}
		}
		return "", nil
	})
}

// uses reports whether the file uses the name: whole, or as the beginning of a
// longer dotted one.
func uses(r Report, name string) bool {
	for _, u := range r.Uses {
		if u == name || strings.HasPrefix(u, name+".") {
			return true
		}
	}
	return !strings.Contains(name, ".") && slices.Contains(r.Idents, name)
}
