// Package diff holds the graders that look at the patch itself: which files it
// touches (scope) and what it does to the manifest of dependencies (manifest).
package diff

import (
	"context"
	"fmt"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"metr/internal/grade"
	"metr/internal/task"
)

// Scope fails a patch that touches a file outside of the globs in Allow, or
// that changes nothing.
type Scope struct{}

// Grade reads the patch; no code runs.
func (Scope) Grade(_ context.Context, _ *grade.Lab, c grade.Case) (task.Verdict, error) {
	v := c.Verdict(task.Context, task.Static)
	var out []string
	for _, ch := range c.Patch.Changes {
		if ok, err := matches(c.Spec.Allow, ch.Path); err != nil {
			return v, err
		} else if !ok {
			out = append(out, ch.Path)
		}
	}
	switch {
	case c.Patch.Empty():
		v.Status, v.Reason = task.Fail, "the patch changes nothing"
	case len(out) > 0:
		v.Status = task.Fail
		v.Reason = grade.First(fmt.Sprintf("touches files out of scope: %s", strings.Join(out, ", ")), 300)
	}
	return v, nil
}

func matches(globs []string, path string) (bool, error) {
	for _, g := range globs {
		ok, err := doublestar.Match(g, path)
		if err != nil {
			return false, fmt.Errorf("glob %q: %w", g, err)
		}
		if ok {
			return true, nil
		}
	}
	return false, nil
}
