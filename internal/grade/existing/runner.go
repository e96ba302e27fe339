// Package existing runs tests with the languages' own runners, in one process
// with the code under test: the workspace's tests, which must still pass
// (Existing), and tests that the agent wrote, which must tell right code from
// faulty (Mutants). Verdicts of the first say that their oracle is in-process:
// code that is out to deceive can forge them, so they never stand alone.
//
// Results are read from structured output (JSON lines of unittest, go test -json
// and node:test; package program has the others), and a test that said nothing
// did not pass.
package existing

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"metr/internal/environment"
	"metr/internal/grade"
	"metr/internal/grade/program"
	"metr/internal/grade/source"
	"metr/internal/sandbox"
	"metr/internal/task"
)

//go:embed run_py.py
var runPy string

//go:embed reporter.mjs
var reporterJS string

// bundles is where a box has what was bundled of TypeScript.
const bundles = "/tmp/bundles"

// report is what a run of tests said.
type report struct {
	tests  []task.Test // in the order they ended; a name that occurred twice is one test, failed if either failed
	whole  bool        // the runner said that it came to the end
	result sandbox.Result
}

// passed counts the tests that passed.
func (r report) passed() int {
	n := 0
	for _, t := range r.tests {
		if t.Status == task.Pass {
			n++
		}
	}
	return n
}

// clean reports whether the runner ended well and no test failed.
func (r report) clean() bool {
	return r.whole && r.result.OK() && !slices.ContainsFunc(r.tests, func(t task.Test) bool { return t.Status == task.Fail })
}

// why says in a few words what went wrong.
func (r report) why() string {
	for _, t := range r.tests {
		if t.Status == task.Fail {
			return t.Name + " failed: " + t.Message
		}
	}
	if !r.whole {
		return grade.First("the test run broke off: "+r.result.String()+lastLine(r.result.Stderr), 300)
	}
	return r.result.String()
}

// lastLine is the last thing that a program said, behind a colon.
func lastLine(b []byte) string {
	b = bytes.TrimSpace(b)
	if len(b) == 0 {
		return ""
	}
	return ": " + strings.ToValidUTF8(string(b[bytes.LastIndexByte(b, '\n')+1:]), "?")
}

// isTest tells test files by the language's convention.
func isTest(l task.Language, p string) bool {
	base := path.Base(p)
	switch l {
	case task.Python:
		return strings.HasPrefix(base, "test") && path.Ext(base) == ".py"
	case task.Go:
		return strings.HasSuffix(base, "_test.go")
	}
	ext := path.Ext(base)
	stem := strings.TrimSuffix(base, ext)
	return (strings.HasSuffix(stem, ".test") || strings.HasSuffix(stem, "_test") || strings.HasSuffix(stem, "-test")) &&
		slices.Contains([]string{".js", ".mjs", ".cjs", ".ts"}, ext)
}

// testFiles lists the tests of a tree.
func testFiles(l task.Language, tree task.Tree) []string {
	var out []string
	for _, p := range tree.Paths() {
		if isTest(l, p) && !strings.Contains(p, "node_modules/") {
			out = append(out, p)
		}
	}
	return out
}

// run runs the tree's tests in a fresh box.
func run(ctx context.Context, lab *grade.Lab, t *task.Task, tree task.Tree) (report, error) {
	if program.Builds(t.Language) {
		got, err := program.Tests(ctx, lab, t, tree)
		out := report{whole: got.Whole, result: got.Result}
		for _, test := range got.Tests {
			out.add(test)
		}
		return out, err
	}
	files := testFiles(t.Language, tree)
	if len(files) == 0 {
		return report{whole: true}, nil
	}
	var bundled task.Tree
	if t.Language == task.TypeScript {
		var err error
		if bundled, _, err = source.Bundle(ctx, lab, t, tree, files); err != nil {
			return report{}, err
		}
	}
	box, tool, err := lab.Open(ctx, t, tree)
	if err != nil {
		return report{}, err
	}
	defer box.Close()
	if err := box.Put(ctx, bundles, bundled); err != nil {
		return report{}, err
	}
	c, err := command(ctx, box, t, tool, files)
	if err != nil {
		return report{}, err
	}
	c.Dir, c.Env, c.Limits = sandbox.Work, tool.Env, sandbox.WithDefaults(t.Limits)
	c.Limits.Output = 8 << 20
	r, err := sandbox.Exec(ctx, box, c)
	if err != nil {
		return report{}, err
	}
	if r.End == sandbox.NotStarted {
		return report{}, fmt.Errorf("the test runner %s cannot be started: %s", c.Args[0], r.Stderr)
	}
	out := report{result: r}
	if t.Language == task.Go {
		out.readGo(r.Stdout)
	} else {
		out.readLines(r.Stdout)
	}
	return out, nil
}

func command(ctx context.Context, box sandbox.Box, t *task.Task, tool environment.Toolchain, files []string) (sandbox.Cmd, error) {
	switch t.Language {
	case task.Go:
		return sandbox.Cmd{Args: []string{tool.Program, "test", "-json", "-vet=off", "-count=1", "./..."}}, nil
	case task.Python:
		if err := box.Put(ctx, "/metr/existing", task.Tree{"run.py": {Mode: 0o644, Data: []byte(runPy)}}); err != nil {
			return sandbox.Cmd{}, err
		}
		args := []string{tool.Program, "-I", box.Path("/metr/existing") + "/run.py"}
		for _, f := range files {
			args = append(args, strings.ReplaceAll(strings.TrimSuffix(f, ".py"), "/", "."))
		}
		return sandbox.Cmd{Args: args}, nil
	}
	if err := box.Put(ctx, "/metr/existing", task.Tree{"reporter.mjs": {Mode: 0o644, Data: []byte(reporterJS)}}); err != nil {
		return sandbox.Cmd{}, err
	}
	if t.Language == task.TypeScript {
		// What did not bundle is missing there, and node says so.
		for i, f := range files {
			files[i] = box.Path(bundles) + "/" + f + ".mjs"
		}
	}
	args := []string{tool.Program, "--no-warnings", "--test", "--test-reporter=" + box.Path("/metr/existing") + "/reporter.mjs", "--test-reporter-destination=stdout"}
	return sandbox.Cmd{Args: append(args, files...)}, nil
}

func (r *report) add(t task.Test) {
	for i, old := range r.tests {
		if old.Name == t.Name {
			if t.Status == task.Fail {
				r.tests[i] = t
			}
			return
		}
	}
	r.tests = append(r.tests, t)
}

func (r *report) readLines(out []byte) {
	for line := range bytes.Lines(out) {
		var l struct {
			Name, Message string
			Status        task.Status
			Done          bool
		}
		if json.Unmarshal(line, &l) != nil {
			continue
		}
		if l.Done {
			r.whole = true
		} else if l.Status == task.Pass || l.Status == task.Fail || l.Status == task.Skipped {
			r.add(task.Test{Name: l.Name, Status: l.Status, Message: l.Message})
		}
	}
}

// readGo reads go test -json (cmd/test2json).
func (r *report) readGo(out []byte) {
	sc := bufio.NewReader(bytes.NewReader(out))
	packages, ended := map[string]bool{}, map[string]bool{}
	said := map[string]string{}
	for {
		line, err := sc.ReadBytes('\n')
		if len(line) == 0 && err != nil {
			break
		}
		var e struct{ Action, Package, Test, Output string }
		if json.Unmarshal(line, &e) != nil {
			continue
		}
		key := e.Package + "." + e.Test
		switch {
		case e.Action == "output":
			if said[key] == "" || strings.HasPrefix(strings.TrimSpace(said[key]), "===") {
				said[key] = e.Output
			}
		case e.Action == "start":
			packages[e.Package] = true
		case e.Test == "" && (e.Action == "pass" || e.Action == "fail" || e.Action == "skip"):
			ended[e.Package] = true
			if e.Action == "fail" && packages[e.Package] {
				r.add(task.Test{Name: e.Package, Status: task.Fail, Message: grade.First(strings.TrimSpace(said[key]), 300)})
			}
		case e.Test != "" && (e.Action == "pass" || e.Action == "fail" || e.Action == "skip"):
			status := map[string]task.Status{"pass": task.Pass, "fail": task.Fail, "skip": task.Skipped}[e.Action]
			r.add(task.Test{Name: key, Status: status, Message: grade.First(strings.TrimSpace(said[key]), 300)})
		}
	}
	r.whole = len(packages) > 0
	for p := range packages {
		r.whole = r.whole && ended[p]
	}
	// A failing package's entry repeats its failing tests.
	named := slices.ContainsFunc(r.tests, func(t task.Test) bool { return t.Status == task.Fail && !packages[t.Name] })
	if named {
		r.tests = slices.DeleteFunc(r.tests, func(t task.Test) bool { return packages[t.Name] })
	}
}
