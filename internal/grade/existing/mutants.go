package existing

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"metr/internal/grade"
	"metr/internal/task"
)

// Mutants judges tests that the agent wrote. Only the files of the globs in
// Files are taken from the patch. They must pass on the code as given and on the
// right versions under tests/right, which are written differently so that tests
// of the text fail, and must fail on every faulty version under tests/mutants.
// A run that breaks off or passes a limit counts as neither.
type Mutants struct{}

// Grade runs the agent's tests once on each version.
func (Mutants) Grade(ctx context.Context, lab *grade.Lab, c grade.Case) (task.Verdict, error) {
	v := c.Verdict(task.Semantics, task.Observed)
	base := c.Task.Workspace.Clone()
	wrote := 0
	for _, ch := range c.Patch.Changes {
		for _, g := range c.Spec.Files {
			ok, err := doublestar.Match(g, ch.Path)
			if err != nil {
				return v, fmt.Errorf("glob %q: %w", g, err)
			}
			if ok && !ch.Delete {
				base[ch.Path] = task.File{Mode: ch.Mode, Data: ch.Data, Link: ch.Link}
				wrote++
			}
		}
	}
	if wrote == 0 {
		v.Status, v.Reason = task.Fail, "no tests were written in "+strings.Join(c.Spec.Files, ", ")
	}
	versions := map[string]task.Tree{"right/as given": {}}
	for p, f := range c.Task.Tests {
		kind, rest, _ := strings.Cut(p, "/")
		name, file, ok := strings.Cut(rest, "/")
		if !ok || kind != "right" && kind != "mutants" {
			return v, fmt.Errorf("tests/%s: expected right/NAME/FILE or mutants/NAME/FILE", p)
		}
		key := kind + "/" + name
		if versions[key] == nil {
			versions[key] = task.Tree{}
		}
		versions[key][file] = f
	}
	names := make([]string, 0, len(versions))
	for n := range versions {
		names = append(names, n)
	}
	// Right versions first: tests that fail on right code find nothing in faulty.
	slices.SortFunc(names, func(a, b string) int { return -cmp.Compare(a, b) })
	useless := ""
	if wrote == 0 {
		useless = "no tests were written"
	}
	for _, n := range names {
		t := task.Test{Name: n, Label: label(n), Status: task.Fail, Message: useless}
		if useless == "" {
			var err error
			if t, err = judge(ctx, lab, c.Task, base, n, versions[n]); err != nil {
				return v, err
			}
			if isRight(n) && t.Status != task.Pass {
				v.Tests = append(v.Tests, t)
				useless = "not looked at: the tests fail on right code"
				continue
			}
		}
		v.Tests = append(v.Tests, t)
	}
	if v.Reason == "" {
		v.Status, v.Reason = fold(v.Tests)
	}
	return v, nil
}

// judge runs the agent's tests on one version of the code.
func judge(ctx context.Context, lab *grade.Lab, t *task.Task, base task.Tree, name string, version task.Tree) (task.Test, error) {
	out := task.Test{Name: name, Label: label(name), Status: task.Fail}
	tree := base.Clone()
	for p, f := range version {
		tree[p] = f
	}
	r, err := run(ctx, lab, t, tree)
	if err != nil {
		return out, err
	}
	right := isRight(name)
	switch {
	case right && r.passed() == 0:
		out.Message = "no test passed: " + r.why()
	case right && !r.clean():
		out.Message = "the tests fail on right code: " + r.why()
	case !right && !r.whole:
		out.Message = "the tests did not come to an end, which is no finding: " + r.result.String()
	case !right && r.clean():
		out.Message = "the tests pass on faulty code"
	default:
		out.Status = task.Pass
	}
	out.Message = grade.First(out.Message, 300)
	return out, nil
}

func isRight(version string) bool { return strings.HasPrefix(version, "right/") }

// label is the first word of a version's name, typical without one.
func label(name string) task.Label {
	_, base, _ := strings.Cut(name, "/")
	word, _, _ := strings.Cut(base, "-")
	if l := task.Label(word); slices.Contains(task.Labels, l) {
		return l
	}
	return task.Typical
}

// fold is the status of a list of tests, and the reason if it is a failure.
func fold(tests []task.Test) (task.Status, string) {
	failed := 0
	var first task.Test
	for _, t := range tests {
		if t.Status != task.Pass {
			if failed == 0 {
				first = t
			}
			failed++
		}
	}
	if failed == 0 {
		return task.Pass, ""
	}
	return task.Fail, fmt.Sprintf("%d of %d failed: %s: %s", failed, len(tests), first.Name, grade.First(first.Message, 200))
}

func sortTests(ts []task.Test) {
	slices.SortFunc(ts, func(a, b task.Test) int { return cmp.Compare(a.Name, b.Name) })
}
