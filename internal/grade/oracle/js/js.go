// Package js is the JavaScript and TypeScript side of the oracle: the programs
// that run in the sandboxes of judge and subject, and what to lay where and
// which command to run, as data. The grader that owns the sandboxes does both.
//
//	tests/*.test.mjs ──> judge.mjs (node:test, reporter.mjs, "metr") <—frames—> relay <—frames—> subject.mjs ──> the workspace
//
// It also reads sources: Check parses, Declared lists names, Indents describes
// the indentation, and Bundle turns TypeScript into what node 18 runs.
//
// It starts no process itself, and it is not for running a workspace's own
// tests: those are plain commands in a box.
package js

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"

	"metr/internal/sandbox"
	"metr/internal/task"
)

//go:embed assets/*.mjs
var assets embed.FS

// channel moves the oracle's channel from descriptors 0 and 1, which node has no
// call to duplicate, to 3 and 4, so that prints cannot enter it.
const channel = `exec 3<&0 4>&1 0</dev/null 1>&2; exec "$@"`

// Step is one process of the oracle: files to lay below Dir, then the command.
type Step struct {
	Dir   string // absolute, outside the workspace
	Files task.Tree
	Cmd   sandbox.Cmd
}

// Subject is the process that answers for the code in workspace. dir is where
// its own files go. bundles is the folder that Bundle wrote to, "" without
// TypeScript.
func Subject(dir, workspace, bundles string) (Step, error) {
	args := []string{"subject.mjs", workspace}
	if bundles != "" {
		args = append(args, bundles)
	}
	return step(dir, "", task.Tree{}, []string{"subject.mjs", "codec.mjs"}, args)
}

var testFile = regexp.MustCompile(`\.test\.[mc]?js$`)

// lib is where a judge's own modules lie below its folder, so that tests can
// import them as "metr".
const lib = "node_modules/metr/"

// Judge is the process that runs a task's hidden tests: every *.test.mjs or
// *.test.js of the tree, which is laid as dir/tests.
func Judge(dir string, tests task.Tree) (Step, error) {
	args := []string{"--test-reporter=./" + lib + "reporter.mjs", "--test-reporter-destination=stderr", lib + "judge.mjs"}
	files := task.Tree{lib + "package.json": {Mode: 0o644, Data: []byte(`{"name":"metr","type":"module","exports":"./metr.mjs"}` + "\n")}}
	n := len(args)
	for _, p := range tests.Paths() {
		files["tests/"+p] = tests[p]
		if testFile.MatchString(p) {
			args = append(args, "tests/"+p)
		}
	}
	if len(args) == n {
		return Step{}, fmt.Errorf("hidden tests: no file named *.test.mjs among %d", len(tests))
	}
	return step(dir, lib, files, []string{"judge.mjs", "metr.mjs", "reporter.mjs", "codec.mjs"}, args)
}

// Case is one function-level answer and its published test program.
type Case struct {
	Src   string `json:"src"`   // the whole program: prompt and completion
	File  string `json:"file"`  // its name in messages
	Entry string `json:"entry"` // the function that the test calls
	Test  string `json:"test"`  // throws where the answer is wrong
}

// JudgeFunction is the judge of one function-level answer.
func JudgeFunction(dir string, c Case) (Step, error) {
	b, err := json.Marshal(c)
	if err != nil {
		return Step{}, err
	}
	files := task.Tree{"case.json": {Mode: 0o644, Data: b}}
	return step(dir, lib, files, []string{"function.mjs", "metr.mjs", "equal.mjs", "codec.mjs"}, []string{lib + "function.mjs", "case.json"})
}

// step lays the named assets below prefix beside files and runs node in dir, to
// which args are relative.
func step(dir, prefix string, files task.Tree, names, args []string) (Step, error) {
	for _, n := range names {
		b, err := fs.ReadFile(assets, "assets/"+n)
		if err != nil {
			return Step{}, err
		}
		files[prefix+n] = task.File{Mode: 0o644, Data: b}
	}
	full := append([]string{"sh", "-c", channel, "sh", "node", "--no-warnings"}, args...)
	return Step{Dir: dir, Files: files, Cmd: sandbox.Cmd{Args: full, Dir: dir}}, nil
}
