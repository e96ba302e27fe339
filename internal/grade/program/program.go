// Package program builds and runs code in the languages that become programs
// before they run and have no judge of their own in the oracle: Rust, Java, C and
// C++. It knows which files are sources and which are tests, which commands build
// what, and what is laid beside them; the graders say what they want built.
//
//	workspace ──Check──> does it build
//	workspace + tests/subject + metr.h, Metr.java or metr.rs ──Subject──> the program that answers the judge
//	workspace + its own tests + a main function of ours ──Tests──> programs that run them
//
// Whatever is built is built in a box of its own from the workspace alone, with
// no cache that another attempt could have written to; what was built is taken
// out and runs in other boxes. The builds of one attempt share objects, made in a
// box in which nothing but the compiler ran. Settings of the tool chain that a patch brings
// along (.cargo, rust-toolchain) are left out, and no makefile runs.
//
// It judges nothing, and it is not for the languages that run as they are.
package program

import (
	"context"
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"metr/internal/environment"
	"metr/internal/grade"
	"metr/internal/sandbox"
	"metr/internal/task"
)

//go:embed assets
var assets embed.FS

// Where a build has its files: what is laid beside the workspace, and what it
// leaves for us.
const (
	lay  = "/metr/lay"
	outs = "/tmp/out"
	objs = "/tmp/obj"
)

// Languages are those that this package builds.
var Languages = []task.Language{task.Rust, task.Java, task.C, task.Cpp}

// Builds reports whether l is one of Languages.
func Builds(l task.Language) bool { return slices.Contains(Languages, l) }

// A Recipe is how something is built: files beside the workspace, and a shell
// script that runs in the workspace with LAY, OUT and OBJ as folders. What base
// leaves in its OUT lies in LAY/base.
type Recipe struct {
	base   *Recipe
	lay    task.Tree
	script string
}

// built is what a recipe left, or what a compiler said.
type built struct {
	out       task.Tree
	complaint string
}

// Build runs the recipe on tree in a fresh box, once an attempt, and returns what
// it left in OUT. complaint is the first line of what a compiler had to say where
// it refused the code, and out is empty then.
func (r Recipe) Build(ctx context.Context, lab *grade.Lab, t *task.Task, tree task.Tree) (out task.Tree, complaint string, err error) {
	b, err := grade.Once(lab, r.key(tree), func() (built, error) {
		out, complaint, err := r.build(ctx, lab, t, tree)
		return built{out, complaint}, err
	})
	return b.out.Clone(), b.complaint, err
}

// key tells builds of an attempt apart.
func (r Recipe) key(tree task.Tree) string {
	h := sha256.New()
	for _, x := range []task.Tree{tree, r.lay} {
		for _, p := range x.Paths() {
			fmt.Fprintf(h, "%q %q %x\n", p, x[p].Link, sha256.Sum256(x[p].Data))
		}
		fmt.Fprintln(h)
	}
	return fmt.Sprintf("build %x %s", h.Sum(nil), r.script)
}

func (r Recipe) build(ctx context.Context, lab *grade.Lab, t *task.Task, whole task.Tree) (out task.Tree, complaint string, err error) {
	base := task.Tree{}
	if r.base != nil {
		if base, complaint, err = r.base.Build(ctx, lab, t, whole); complaint != "" || err != nil {
			return nil, complaint, err
		}
	}
	tree := task.Tree{}
	for p, f := range whole {
		if own, ok := t.Workspace[p]; settings(p) && (!ok || string(own.Data) != string(f.Data)) {
			continue
		}
		tree[p] = f
	}
	box, tool, err := lab.Open(ctx, t, tree)
	if err != nil {
		return nil, "", err
	}
	defer box.Close()
	for dir, files := range map[string]task.Tree{lay: r.lay, lay + "/base": base, outs: {".metr": {Mode: 0o644}}, objs: {".metr": {Mode: 0o644}}} {
		if err := box.Put(ctx, dir, files); err != nil {
			return nil, "", err
		}
	}
	// Building is our work: it has limits of its own, whatever the task's are.
	limits := sandbox.WithDefaults(task.Limits{})
	limits.CPU, limits.Wall, limits.Output = 2*limits.CPU, 2*limits.Wall, 8<<20
	env := append(slices.Clone(tool.Env), "LAY="+box.Path(lay), "OUT="+box.Path(outs), "OBJ="+box.Path(objs), "WORK="+box.Path(sandbox.Work))
	res, err := sandbox.Exec(ctx, box, sandbox.Cmd{Args: []string{"sh", "-c", "set -e\n" + r.script}, Dir: sandbox.Work, Env: env, Limits: limits})
	switch {
	case err != nil:
		return nil, "", err
	case res.End == sandbox.NotStarted:
		return nil, "", fmt.Errorf("the build cannot be started: %s", res.Stderr)
	case res.End == sandbox.Exited && res.Code == 127:
		return nil, "", fmt.Errorf("the box lacks a program of the %s tool chain: %s", t.Language, grade.First(string(res.Stderr), 200))
	case !res.OK():
		return nil, said(res), nil
	}
	out, err = box.Get(ctx, outs, 512<<20)
	if errors.Is(err, sandbox.ErrTooLarge) {
		return nil, "what was built is larger than 512 MiB", nil
	}
	delete(out, ".metr")
	return out, "", err
}

// settings tells files that steer a tool chain: only those count that the task
// itself brings.
func settings(p string) bool {
	first, _, _ := strings.Cut(p, "/")
	return slices.Contains(strings.Split(p, "/"), ".cargo") || first == "rust-toolchain" || first == "rust-toolchain.toml"
}

// said is the first error that a compiler reported, else its last words.
func said(r sandbox.Result) string {
	if r.End != sandbox.Exited {
		return "the compiler: " + r.String()
	}
	last := ""
	for line := range strings.Lines(string(r.Stderr)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "error") || strings.Contains(line, "error:") || strings.Contains(line, " error[") || strings.Contains(line, "undefined reference") {
			return grade.First(line, 300)
		}
		if line != "" {
			last = line
		}
	}
	if last == "" {
		last = r.String()
	}
	return grade.First(last, 300)
}

// Check is the recipe of the whole workspace, its tests included: does it build?
func Check(tool environment.Toolchain, l task.Language, tree task.Tree) Recipe {
	switch l {
	case task.Rust:
		return rustCheck(tool)
	case task.Java:
		return javaCheck(tool, tree)
	}
	return cCheck(tool, l, tree)
}

// Subject is the recipe of the program that answers the judge: tests/subject of
// the hidden tests with the workspace's code. The error says what is wrong with
// the task.
func Subject(tool environment.Toolchain, t *task.Task, tree task.Tree) (Recipe, error) {
	var r Recipe
	own := task.Tree{}
	for p, f := range t.Tests {
		if rest, ok := strings.CutPrefix(p, "subject/"); ok {
			own[rest] = f
		}
	}
	main := map[task.Language]string{task.Rust: "main.rs", task.Java: "Subject.java", task.C: "main.c", task.Cpp: "main.cpp"}[t.Language]
	if _, ok := own[main]; !ok {
		return r, fmt.Errorf("hidden tests: tests/subject/%s is missing; it must list what the judge may touch", main)
	}
	switch t.Language {
	case task.Rust:
		return rustSubject(tool, t, tree, own)
	case task.Java:
		return javaSubject(tool, tree, own), nil
	}
	return cSubject(tool, t.Language, tree, own), nil
}

// Line is the command of a program in a box with its standard input and output
// moved to descriptors 3 and 4 before it begins, so that prints cannot enter them.
func Line(program string, args ...string) []string {
	return append([]string{"sh", "-c", "exec 3<&0 4>&1 0</dev/null 1>&2; " + fresh, "sh", program}, args...)
}

// fresh runs a copy of the program. The file that was laid may still be open for
// writing in a process that metr was just starting elsewhere, and would be "busy".
const fresh = `p=$(mktemp) && cp "$1" "$p" && chmod 755 "$p" && shift && exec "$p" "$@"`

// Run is the command of a program that Subject built and that was laid at dir.
func Run(tool environment.Toolchain, l task.Language, box sandbox.Box, dir string, tree task.Tree) sandbox.Cmd {
	if l == task.Java { // which keeps 0 and 1 for the line and gives prints to 2
		return sandbox.Cmd{Args: append(jvm(tool), "-cp", classpath(box.Path(dir), box.Path(sandbox.Work), tree), "Subject"), Dir: sandbox.Work}
	}
	return sandbox.Cmd{Args: Line(box.Path(dir) + "/program"), Dir: sandbox.Work, Env: tool.Env}
}

// extensions are the source files of each language.
var extensions = map[task.Language][]string{
	task.Rust: {".rs"},
	task.Java: {".java"},
	task.C:    {".c"},
	task.Cpp:  {".cpp", ".cc", ".cxx"},
}

// headers are files that are read by others only.
var headers = []string{".h", ".hpp", ".hh", ".hxx"}

// Files lists the language's source files in the tree, headers included; foreign
// packages and what was built are left out.
func Files(l task.Language, tree task.Tree) []string {
	want := extensions[l]
	if l == task.C || l == task.Cpp {
		want = append(slices.Clone(want), headers...)
	}
	var out []string
	for _, p := range tree.Paths() {
		if slices.Contains(want, path.Ext(p)) && tree[p].Link == "" && !foreign(p) {
			out = append(out, p)
		}
	}
	return out
}

func foreign(p string) bool {
	parts := strings.Split(p, "/")
	return slices.ContainsFunc([]string{"vendor", "third_party", "target", "testdata"}, func(d string) bool { return slices.Contains(parts[:len(parts)-1], d) })
}

// units are the files that are compiled: sources without tests and headers.
func units(l task.Language, tree task.Tree) []string {
	return slices.DeleteFunc(Files(l, tree), func(p string) bool { return IsTest(l, p) || slices.Contains(headers, path.Ext(p)) })
}

// IsTest tells the workspace's own tests by their names: *Test.java and
// *Tests.java; test_* and *_test in C and C++. Rust's stand among the code, and
// below tests.
func IsTest(l task.Language, p string) bool {
	base := path.Base(p)
	stem := strings.TrimSuffix(base, path.Ext(base))
	switch l {
	case task.Rust:
		return strings.HasPrefix(p, "tests/") && path.Ext(p) == ".rs"
	case task.Java:
		return path.Ext(p) == ".java" && (strings.HasSuffix(stem, "Test") || strings.HasSuffix(stem, "Tests"))
	}
	return slices.Contains(extensions[l], path.Ext(p)) && (strings.HasPrefix(stem, "test_") || strings.HasSuffix(stem, "_test"))
}

// isMain tells the file with the workspace's own main function, which is no part
// of tests and subjects.
func isMain(p string) bool {
	base := path.Base(p)
	return strings.TrimSuffix(base, path.Ext(base)) == "main"
}

// quote writes words for a shell.
func quote(words ...string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
	}
	return strings.Join(out, " ")
}

// file names a file of the workspace so that no tool takes it for an option.
func file(p string) string { return quote("./" + p) }

func asset(name string) task.File {
	b, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic(err) // embedded
	}
	return task.File{Mode: 0o644, Data: b}
}
