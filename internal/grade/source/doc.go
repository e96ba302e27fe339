// Package source holds the graders that read the code without running it: build
// (does it parse and compile), format, names and api. Parsing untrusted source
// can exhaust memory or the stack, so it happens in a box too: Python by a
// script of ours, Go and JavaScript by this very program started as a helper
// (Helper). What comes back is a Report for each file.
package source

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"metr/internal/environment"
	"metr/internal/grade"
	"metr/internal/sandbox"
	"metr/internal/task"
)

//go:embed inspect.py
var inspectPy string

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
	Kind string `json:"kind"` // function, method, class, type, constant, variable, parameter, attribute
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

// inspect reports on files of the case's tree. bad is set instead where the
// inspection of the candidate's source did not end well: that is the source's
// doing, since the inspector has no other input.
func inspect(ctx context.Context, lab *grade.Lab, c grade.Case, files []string) (reports map[string]Report, bad string, err error) {
	if len(files) == 0 {
		return nil, "", nil
	}
	tree := task.Tree{}
	for _, f := range files {
		tree[f] = c.Tree[f]
	}
	box, tool, err := lab.Open(ctx, c.Task, tree)
	if err != nil {
		return nil, "", err
	}
	defer box.Close()
	in, err := json.Marshal(files)
	if err != nil {
		return nil, "", err
	}
	cmd, err := inspector(ctx, box, c.Task.Language, tool)
	if err != nil {
		return nil, "", err
	}
	cmd.Dir, cmd.Stdin, cmd.Env = sandbox.Work, bytes.NewReader(in), tool.Env
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
	for _, f := range files {
		if _, ok := reports[f]; !ok {
			return nil, "", fmt.Errorf("the inspector said nothing of %s", f)
		}
	}
	return reports, "", nil
}

func inspector(ctx context.Context, box sandbox.Box, l task.Language, tool environment.Toolchain) (sandbox.Cmd, error) {
	if l == task.Python {
		err := box.Put(ctx, "/metr/inspect", task.Tree{"inspect.py": {Mode: 0o644, Data: []byte(inspectPy)}})
		return sandbox.Cmd{Args: []string{tool.Program, "-I", "-S", box.Path("/metr/inspect") + "/inspect.py"}}, err
	}
	return sandbox.Cmd{Args: []string{box.Path(sandbox.Self), inspectArg, string(l)}}, nil
}

func lastLine(b []byte) string {
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return lines[len(lines)-1]
}
