// Package source holds the graders that read the code without running it: build
// (does it parse and compile), format, names and api. Parsing untrusted source
// can exhaust memory or the stack, so it happens in a box too: Python's in a fork
// of the oracle's judge, the other languages' by this very program started as a
// helper (Helper). What comes back is a Report for each file.
package source

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"metr/internal/grade"
	"metr/internal/grade/program"
	"metr/internal/sandbox"
	"metr/internal/task"
)

// PythonInspector reads Python sources; *oracle.Python is one.
type PythonInspector interface {
	Inspect(ctx context.Context, files map[string][]byte, names bool) (reports map[string]json.RawMessage, bad string, err error)
}

// Reader reads sources for the graders of this package.
type Reader struct{ Python PythonInspector }

// Report is what is known of one source file.
type Report struct {
	Error  string   `json:"error,omitempty"`  // LINE:COLUMN: what does not parse; the rest is empty then
	Names  []Name   `json:"names,omitempty"`  // declarations
	Uses   []string `json:"uses,omitempty"`   // names used, dotted, imports resolved
	Idents []string `json:"idents,omitempty"` // every identifier
	Steps  [][2]int `json:"steps,omitempty"`  // line and width of each deeper indentation
	Format string   `json:"format,omitempty"` // what the language's formatter would change; Go only
}

// Name is a declared name.
type Name struct {
	Name string `json:"name"`
	Kind string `json:"kind"` // function, method, class, type, constant, variable, parameter, attribute, macro
	Line int    `json:"line"`
}

// extensions are the source files of each language.
var extensions = map[task.Language][]string{
	task.Go:         {".go"},
	task.Python:     {".py"},
	task.JavaScript: {".js", ".mjs", ".cjs"},
	task.TypeScript: {".ts", ".js", ".mjs", ".cjs"},
}

// sources lists the files of the task's language in the tree, foreign packages
// left out.
func sources(l task.Language, tree task.Tree) []string {
	if program.Builds(l) {
		return program.Files(l, tree)
	}
	var out []string
	for _, p := range tree.Paths() {
		if slices.Contains(extensions[l], path.Ext(p)) && tree[p].Link == "" && !foreign(p) {
			out = append(out, p)
		}
	}
	return out
}

func foreign(p string) bool {
	parts := strings.Split(p, "/")
	return slices.Contains(parts, "node_modules") || slices.Contains(parts, "vendor") || slices.Contains(parts, "testdata")
}

// touched lists the source files that the patch wrote, or those of the grader's
// globs if it has any.
func touched(c grade.Case) ([]string, error) {
	var out []string
	all := sources(c.Task.Language, c.Tree)
	for _, p := range all {
		if len(c.Spec.Files) > 0 {
			for _, g := range c.Spec.Files {
				ok, err := doublestar.Match(g, p)
				if err != nil {
					return nil, fmt.Errorf("glob %q: %w", g, err)
				}
				if ok {
					out = append(out, p)
					break
				}
			}
			continue
		}
		if slices.ContainsFunc(c.Patch.Changes, func(ch task.Change) bool { return ch.Path == p && !ch.Delete }) {
			out = append(out, p)
		}
	}
	return out, nil
}

// judge reads files of the case and fails it for the problem that find names, if
// any. names asks for all of a Report, not its Error alone.
func (r Reader) judge(ctx context.Context, lab *grade.Lab, c grade.Case, axis task.Axis, files []string, names bool, find func(map[string]Report) (string, error)) (task.Verdict, error) {
	v := c.Verdict(axis, task.Static)
	reports, problem, err := r.inspect(ctx, lab, c, files, names)
	if err == nil && problem == "" {
		problem, err = find(reports)
	}
	if problem != "" {
		v.Status, v.Reason = task.Fail, problem
	}
	return v, err
}

// inspect reports on files of the case's tree. bad is set instead where the
// inspection of the candidate's source did not end well: that is the source's
// doing, since the inspector has no other input.
func (r Reader) inspect(ctx context.Context, lab *grade.Lab, c grade.Case, files []string, names bool) (reports map[string]Report, bad string, err error) {
	switch {
	case len(files) == 0:
		return nil, "", nil
	case c.Task.Language == task.Python:
		reports, bad, err = r.python(ctx, c, files, names)
	default:
		reports, bad, err = helper(ctx, lab, c, files)
	}
	if bad != "" || err != nil {
		return nil, bad, err
	}
	for _, f := range files {
		if _, ok := reports[f]; !ok {
			return nil, "", fmt.Errorf("the inspector said nothing of %s", f)
		}
	}
	return reports, "", nil
}

func (r Reader) python(ctx context.Context, c grade.Case, files []string, names bool) (map[string]Report, string, error) {
	in := make(map[string][]byte, len(files))
	for _, f := range files {
		in[f] = c.Tree[f].Data
	}
	raw, bad, err := r.Python.Inspect(ctx, in, names)
	if err != nil || bad != "" {
		return nil, bad, err
	}
	out := make(map[string]Report, len(raw))
	for f, b := range raw {
		var rep Report
		if err := json.Unmarshal(b, &rep); err != nil {
			return nil, "", fmt.Errorf("the inspector's report of %s: %w", f, err)
		}
		out[f] = rep
	}
	return out, "", nil
}

// helper has this program, in a box, report on files of the case's tree.
func helper(ctx context.Context, lab *grade.Lab, c grade.Case, files []string) (reports map[string]Report, bad string, err error) {
	tree := task.Tree{}
	for _, f := range files {
		tree[f] = c.Tree[f]
	}
	box, err := lab.Backend.Open(ctx, sandbox.Spec{Limits: c.Task.Limits, Self: true})
	if err != nil {
		return nil, "", err
	}
	defer box.Close()
	if err := box.Put(ctx, sandbox.Work, tree); err != nil {
		return nil, "", err
	}
	in, err := json.Marshal(files)
	if err != nil {
		return nil, "", err
	}
	cmd := sandbox.Cmd{Args: []string{box.Path(sandbox.Self), inspectArg, string(c.Task.Language)}, Dir: sandbox.Work, Stdin: bytes.NewReader(in)}
	cmd.Limits = task.Limits{CPU: c.Task.Limits.CPU, Wall: c.Task.Limits.Wall, Output: 32 << 20}
	r, err := sandbox.Exec(ctx, box, cmd)
	if err != nil {
		return nil, "", err
	}
	if r.End == sandbox.NotStarted {
		return nil, "", fmt.Errorf("the inspector could not be started: %s", r.Stderr)
	}
	if !r.OK() || json.Unmarshal(r.Stdout, &reports) != nil {
		return nil, fmt.Sprintf("the source cannot be read (%v) %s", r, grade.First(lastLine(r.Stderr), 200)), nil
	}
	return reports, "", nil
}

func lastLine(b []byte) string {
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return lines[len(lines)-1]
}
