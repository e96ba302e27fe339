package program

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"metr/internal/environment"
	"metr/internal/grade"
	"metr/internal/sandbox"
	"metr/internal/task"
)

// Report is what the workspace's own tests said.
type Report struct {
	Tests  []task.Test // a test that did not run is missing
	Whole  bool        // every test program came to its end
	Result sandbox.Result
}

// Tests builds the workspace's own tests and runs them, each test program in a
// fresh box. They share a process with the code that they test. What ends that
// process early, prints what a runner would print, or exits with status 0 gains
// nothing: results are believed only with a nonce that the process reads after
// the last test (C, C++, Java), or from a file whose place is a secret of the
// run (Rust). Code that reads its own process's descriptors or arguments can
// still forge them.
func Tests(ctx context.Context, lab *grade.Lab, t *task.Task, tree task.Tree) (Report, error) {
	tool, err := lab.Host.For(ctx, t.Language)
	if err != nil {
		return Report{}, err
	}
	var files []string
	for _, p := range Files(t.Language, tree) {
		if IsTest(t.Language, p) {
			files = append(files, p)
		}
	}
	if len(files) == 0 && t.Language != task.Rust {
		return Report{Whole: true}, nil
	}
	var recipe Recipe
	switch t.Language {
	case task.Rust:
		recipe = rustTests(tool)
	case task.Java:
		recipe = javaTests(tool, tree)
	default:
		recipe = cTests(tool, t.Language, tree, files)
	}
	made, complaint, err := recipe.Build(ctx, lab, t, tree)
	if err != nil {
		return Report{}, err
	}
	if complaint != "" {
		return Report{Result: sandbox.Result{End: sandbox.Exited, Code: 1, Stderr: []byte(complaint)}}, nil
	}
	r := runner{lab: lab, t: t, tool: tool, tree: tree, report: Report{Whole: true}}
	switch t.Language {
	case task.Rust:
		for _, name := range made.Paths() {
			if err := r.rust(ctx, name, made[name]); err != nil {
				return Report{}, err
			}
		}
	case task.Java:
		err = r.java(ctx, made, files)
	default:
		for i, p := range files {
			if err := r.c(ctx, p, made[strconv.Itoa(i)]); err != nil {
				return Report{}, err
			}
		}
	}
	return r.report, err
}

// runner runs test programs and gathers what they say.
type runner struct {
	lab    *grade.Lab
	t      *task.Task
	tool   environment.Toolchain
	tree   task.Tree
	report Report
}

const bin = "/metr/bin"

// run runs one command in a fresh box with the programs made at bin; look, where
// not nil, sees the box afterwards.
func (r *runner) run(ctx context.Context, made task.Tree, cmd func(sandbox.Box) sandbox.Cmd, extra map[string]task.Tree, look func(sandbox.Box) error) (sandbox.Result, error) {
	box, tool, err := r.lab.Open(ctx, r.t, r.tree)
	if err != nil {
		return sandbox.Result{}, err
	}
	defer box.Close()
	if err := box.Put(ctx, bin, made); err != nil {
		return sandbox.Result{}, err
	}
	for dir, files := range extra {
		if err := box.Put(ctx, dir, files); err != nil {
			return sandbox.Result{}, err
		}
	}
	c := cmd(box)
	c.Dir, c.Env, c.Limits = sandbox.Work, append(slices.Clone(tool.Env), c.Env...), sandbox.WithDefaults(r.t.Limits)
	c.Limits.Output = 8 << 20
	res, err := sandbox.Exec(ctx, box, c)
	if err == nil && res.End == sandbox.NotStarted {
		err = fmt.Errorf("the test program %s cannot be started: %s", c.Args[0], res.Stderr)
	}
	if err == nil && look != nil {
		err = look(box)
	}
	r.report.Result = res
	return res, err
}

// broke notes that a test program did not come to its end.
func (r *runner) broke() { r.report.Whole = false }

// c runs the program of one test file: one test, which passes if its main
// function returns 0.
func (r *runner) c(ctx context.Context, name string, program task.File) error {
	if program.Data == nil { // did not build
		r.broke()
		return nil
	}
	program.Mode = 0o755
	nonce := rand.Text()
	res, err := r.run(ctx, task.Tree{"test": program}, func(b sandbox.Box) sandbox.Cmd {
		return sandbox.Cmd{Args: Line(b.Path(bin) + "/test"), Stdin: strings.NewReader(nonce)}
	}, nil, nil)
	if err != nil {
		return err
	}
	f := strings.Fields(string(res.Stdout))
	t := task.Test{Name: name, Status: task.Fail, Message: lastLine(res.Stderr)}
	switch {
	case len(f) == 2 && f[0] == nonce && f[1] == "0":
		t.Status, t.Message = task.Pass, ""
	case len(f) == 2 && f[0] == nonce:
		if t.Message == "" {
			t.Message = "main returned " + f[1]
		}
	case res.End == sandbox.Signaled && res.Signal != "":
		if t.Message == "" { // an assertion that failed says where
			t.Message = res.String()
		}
	default: // it never said how it went
		r.broke()
		return nil
	}
	r.report.Tests = append(r.report.Tests, t)
	return nil
}

// java runs all test classes in one virtual machine.
func (r *runner) java(ctx context.Context, made task.Tree, files []string) error {
	nonce := rand.Text()
	res, err := r.run(ctx, made, func(b sandbox.Box) sandbox.Cmd {
		args := append(jvm(r.tool), "-ea", "-cp", classpath(b.Path(bin), b.Path(sandbox.Work), r.tree), "MetrTests")
		for _, p := range files {
			args = append(args, className(p, r.tree[p].Data))
		}
		return sandbox.Cmd{Args: args, Stdin: strings.NewReader(nonce)}
	}, nil, nil)
	if err != nil {
		return err
	}
	done := false
	for line := range strings.Lines(string(res.Stdout)) {
		words := strings.SplitN(strings.TrimSpace(line), " ", 4)
		if words[0] != nonce {
			continue
		}
		switch {
		case len(words) == 2 && words[1] == "done":
			done = true
		case len(words) >= 3 && words[1] == "pass":
			r.report.Tests = append(r.report.Tests, task.Test{Name: words[2], Status: task.Pass})
		case len(words) == 4:
			r.report.Tests = append(r.report.Tests, task.Test{Name: words[2], Status: task.Fail, Message: words[3]})
		}
	}
	if !done {
		r.broke()
	}
	return nil
}

// rust runs one program of libtest. Its results are read from the log that it
// writes to a folder of which nobody was told; what it prints, where prints of
// the candidate's may stand too, gives messages alone.
func (r *runner) rust(ctx context.Context, name string, program task.File) error {
	program.Mode = 0o755
	secret := "/tmp/" + strings.ToLower(rand.Text())
	var log []byte
	res, err := r.run(ctx, task.Tree{name: program}, func(b sandbox.Box) sandbox.Cmd {
		return sandbox.Cmd{
			Args: []string{"sh", "-c", fresh, "sh", b.Path(bin) + "/" + name, "-Zunstable-options", "--format=json", "--test-threads=1", "--logfile=" + b.Path(secret) + "/log"},
			Env:  []string{"RUSTC_BOOTSTRAP=1"}, // libtest's JSON is not yet stable
		}
	}, map[string]task.Tree{secret: {".metr": {Mode: 0o644}}}, func(b sandbox.Box) error {
		files, err := b.Get(ctx, secret, 8<<20)
		log = files["log"].Data
		return err
	})
	if err != nil {
		return err
	}
	messages := map[string]string{}
	total := -1
	for line := range bytes.Lines(res.Stdout) {
		var e struct {
			Type, Event, Name, Stdout, Message string
			TestCount                          int `json:"test_count"`
		}
		if json.Unmarshal(line, &e) != nil {
			continue
		}
		if e.Type == "suite" && e.Event == "started" && total < 0 {
			total = e.TestCount
		}
		if e.Type == "test" && e.Event == "failed" && messages[e.Name] == "" {
			messages[e.Name] = panicLine(e.Stdout + e.Message)
		}
	}
	target := name
	if i := strings.LastIndexByte(name, '-'); i > 0 {
		target = name[:i]
	}
	n := 0
	for line := range strings.Lines(string(log)) {
		word, test, ok := strings.Cut(strings.TrimSpace(line), " ")
		status, known := map[string]task.Status{"ok": task.Pass, "failed": task.Fail, "ignored": task.Skipped}[word]
		if !ok || !known {
			continue
		}
		n++
		test, _, _ = strings.Cut(test, ",") // "ignored NAME, why"
		r.report.Tests = append(r.report.Tests, task.Test{Name: target + "::" + test, Status: status, Message: grade.First(messages[test], 300)})
	}
	if n != total || res.End != sandbox.Exited {
		r.broke()
	}
	return nil
}

// panicLine is what a panic said, without the place that stands before it.
func panicLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	for i, l := range lines {
		if strings.Contains(l, " panicked at ") && i+1 < len(lines) {
			return strings.TrimSpace(lines[i+1])
		}
	}
	return lines[0]
}

func lastLine(b []byte) string {
	s := strings.TrimSpace(string(b))
	return grade.First(s[strings.LastIndexByte(s, '\n')+1:], 300)
}
