package source_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"metr/internal/environment"
	"metr/internal/grade"
	"metr/internal/grade/oracle"
	"metr/internal/grade/source"
	"metr/internal/sandbox"
	"metr/internal/sandbox/native"
	"metr/internal/task"
)

func TestMain(m *testing.M) {
	source.Helper() // the inspector is this very program
	b, err := native.New()
	if err != nil {
		fmt.Fprintln(os.Stderr, "the graders' tests need a sandbox that works:", err)
		os.Exit(1)
	}
	backend = b
	python := oracle.NewPython(b)
	reader = source.Reader{Python: python}
	status := m.Run()
	python.Close()
	b.Close()
	os.Exit(status)
}

// Set once by TestMain.
var (
	backend sandbox.Backend
	reader  source.Reader
)

// look has the grader look at a workspace whose files are over those given
// first; what is in both and differs is the patch.
func look(t *testing.T, g grade.Grader, l task.Language, spec task.Grader, before, after task.Tree) task.Verdict {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	lab := grade.NewLab(backend, environment.New(cache+"/metr", backend, nil))
	c := grade.Case{
		Task: &task.Task{ID: "t", Language: l, Workspace: before, Limits: task.Limits{CPU: 20 * time.Second}},
		Spec: spec, Patch: task.Diff(before, after), Tree: after,
	}
	v, err := g.Grade(t.Context(), lab, c)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func files(texts ...string) task.Tree {
	out := task.Tree{}
	for i := 0; i < len(texts); i += 2 {
		out[texts[i]] = task.File{Mode: 0o644, Data: []byte(texts[i+1])}
	}
	return out
}

const goMod = "module example.com/m\n\ngo 1.22\n"

func TestBuild(t *testing.T) {
	tests := []struct {
		name   string
		l      task.Language
		tree   task.Tree
		reason string // "" where it builds
	}{
		{"python", task.Python, files("a.py", "def f(): return 1\n"), ""},
		{"python that exits", task.Python, files("a.py", "import os\nos._exit(1)\n"), ""},
		{"python syntax", task.Python, files("ok.py", "", "p/b.py", "x = 1\ndef f(:\n"), "does not parse: p/b.py:2:"},
		{"python indentation", task.Python, files("a.py", "def f():\nreturn 1\n"), "a.py:2:"},
		{"python later than the interpreter", task.Python, files("a.py", "def f[T](x: T): return x\nnonsense here\n"), "a.py:"},
		{"python in node_modules", task.Python, files("a.py", "", "node_modules/x.py", "def (\n"), ""},
		{"no python left", task.Python, files("README.md", ""), "no python file is left"},
		{"javascript", task.JavaScript, files("a.js", "export const f = () => 1;\n", "b.cjs", "module.exports = 1;\n"), ""},
		{"javascript syntax", task.JavaScript, files("a.js", "export const f = () => {;\n"), "does not parse: a.js:"},
		{"types in javascript", task.JavaScript, files("a.js", "const a: number = 1;\n"), "does not parse: a.js:1:"},
		{"typescript", task.TypeScript, files("a.ts", "export const a: number = 1;\n"), ""},
		{"typescript syntax", task.TypeScript, files("a.ts", "export const a: = 1;\n"), "does not parse: a.ts:1:"},
		{"go", task.Go, files("go.mod", goMod, "a.go", "package m\n"), ""},
		{"go syntax", task.Go, files("go.mod", goMod, "a.go", "package m\nfunc {\n"), "a.go:2:6"},
		{"go types", task.Go, files("go.mod", goMod, "a.go", "package m\n\nvar x int = \"a\"\n"), "a.go:3:13"},
		{"go vet", task.Go, files("go.mod", goMod, "a.go", "package m\n\nimport \"fmt\"\n\nfunc F() { fmt.Printf(\"%d\", \"a\") }\n"), "go vet: a.go:5:"},
		{"go vet of tests", task.Go, files("go.mod", goMod, "a.go", "package m\n", "a_test.go", "package m\n\nvar y = x\n"), "a_test.go:3:9"},
		{"go.mod", task.Go, files("go.mod", goMod+"require x\n", "a.go", "package m\n"), "errors parsing go.mod: go.mod:4"},
		{"go of another module", task.Go, files("go.mod", goMod, "a.go", "package m\n\nimport _ \"example.com/none\"\n"), "example.com/none"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := look(t, source.Build{Reader: reader}, tt.l, task.Grader{Name: "build"}, task.Tree{}, tt.tree)
			want := task.Pass
			if tt.reason != "" {
				want = task.Fail
			}
			if v.Status != want || !strings.Contains(v.Reason, tt.reason) || v.Axis != task.Syntax || v.Oracle != task.Static {
				t.Errorf("%s: %q (%s, %s); want %s: %q", v.Status, v.Reason, v.Axis, v.Oracle, want, tt.reason)
			}
		})
	}
}

// Source that is made to hurt its reader is the candidate's failure, or is read;
// it is never an error of ours.
func TestHostileSource(t *testing.T) {
	hostile := map[string]string{
		"deep brackets":   strings.Repeat("(", 200_000),
		"deep and closed": "x = " + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000),
		"deep operators":  "x = " + strings.Repeat("-", 300_000) + "1",
		"a huge line":     "x = \"" + strings.Repeat("a", 1<<20) + "\"\n",
		"no UTF-8":        "x = \"\xff\xfe\"\n",
		"NUL":             "x = 1\x00\n",
		"a byte order":    "\ufeffx = 1\n",
		"nothing":         "",
		"a lone quote":    "\"\"\"",
		"wrong encoding":  "# -*- coding: utf-7 -*-\nx = 1\n",
		"only CR":         "x = 1\ry = 2\r",
		"bidirectional":   "x = \"\u202e\u2066\"\n",
	}
	names := map[task.Language]string{task.Python: "a.py", task.JavaScript: "a.js", task.TypeScript: "a.ts", task.Go: "a.go"}
	for l, file := range names {
		for name, text := range hostile {
			t.Run(string(l)+"/"+name, func(t *testing.T) {
				t.Parallel()
				if l == task.Go {
					text = "package m\n\nvar " + text
				}
				after := files(file, text)
				for kind, g := range map[string]grade.Grader{"format": source.Format{Reader: reader}} {
					v := look(t, g, l, task.Grader{Name: kind}, task.Tree{}, after)
					if v.Status != task.Pass && (v.Status != task.Fail || v.Reason == "") {
						t.Errorf("%s: %s %q", kind, v.Status, v.Reason)
					}
				}
				if l == task.Go {
					return // TestBuild builds
				}
				if v := look(t, source.Build{Reader: reader}, l, task.Grader{Name: "build"}, task.Tree{}, after); v.Status == task.Pass && strings.HasPrefix(name, "deep brackets") || len(v.Reason) > 1000 {
					t.Errorf("build: %s %.2000q", v.Status, v.Reason)
				}
			})
		}
	}
}

func TestFormat(t *testing.T) {
	config := ".editorconfig"
	rules := "root = true\n[*]\nend_of_line = lf\ninsert_final_newline = true\ntrim_trailing_whitespace = true\nmax_line_length = 40\n[*.{py,js}]\nindent_style = space\nindent_size = 4\n[*.go]\nindent_style = tab\n"
	tests := []struct {
		name, file, text, reason string
	}{
		{"right", "a.py", "def f():\n    return 1\n", ""},
		{"no newline at the end", "a.py", "x = 1", "a.py:1: no newline at the end"},
		{"trailing space", "a.py", "x = 1\ny = 2 \n", "a.py:2: white space at the end"},
		{"CRLF", "a.py", "x = 1\r\n", "a.py:1: CRLF"},
		{"a tab", "a.py", "def f():\n\treturn 1\n", "a.py:2: indented with a tab"},
		{"two spaces", "a.py", "def f():\n  return 1\n", "a.py:2: indented by 2, not 4"},
		{"a long line", "a.py", "x = \"" + strings.Repeat("é", 40) + "\"\n", "a.py:1: 46 characters, over 40"},
		{"long in bytes alone", "a.py", "x = \"" + strings.Repeat("é", 34) + "\"\n", ""},
		{"javascript", "a.js", "function f() {\n    return 1;\n}\n", ""},
		{"javascript by two", "a.js", "function f() {\n  return 1;\n}\n", "indented by 2, not 4"},
		{"go", "a.go", "package m\n\nfunc f() {\n\treturn\n}\n", ""},
		{"go not formatted", "a.go", "package m\n\nfunc f()  {\n\treturn\n}\n", "a.go:3: gofmt would change it"},
		{"does not parse", "a.py", "def f(:\n", "a.py:1:"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := map[string]task.Language{".py": task.Python, ".js": task.JavaScript, ".go": task.Go}[tt.file[1:]]
			before := files(config, rules, "old"+tt.file[1:], "x =\t1  ")
			after := before.Clone()
			after[tt.file] = task.File{Mode: 0o644, Data: []byte(tt.text)}
			v := look(t, source.Format{Reader: reader}, l, task.Grader{Name: "format"}, before, after)
			if (v.Status == task.Pass) != (tt.reason == "") || !strings.Contains(v.Reason, tt.reason) {
				t.Errorf("%s: %q, want %q", v.Status, v.Reason, tt.reason)
			}
			// The rules are those of before: a patch cannot make its own.
			after[config] = task.File{Mode: 0o644, Data: []byte("root = true\n")}
			if own := look(t, source.Format{Reader: reader}, l, task.Grader{Name: "format"}, before, after); own.Status != v.Status {
				t.Errorf("with rules of its own: %s: %q", own.Status, own.Reason)
			}
		})
	}
}

func TestNames(t *testing.T) {
	tests := []struct {
		name   string
		l      task.Language
		file   string
		text   string
		reason string
	}{
		{"python", task.Python, "a.py", "MAX = 1\nclass Tidy:\n    def get_it(self, the_arg): return the_arg\n", ""},
		{"python function", task.Python, "a.py", "def getIt(): pass\n", `a.py:1: function "getIt"`},
		{"python class", task.Python, "a.py", "\nclass tidy_class: pass\n", `a.py:2: class "tidy_class"`},
		{"python parameter", task.Python, "a.py", "def f(theArg): pass\n", `"theArg"`},
		{"python dunder", task.Python, "a.py", "class A:\n    def __init__(self): self._x = 1\n", ""},
		{"python test case", task.Python, "a.py", "class A:\n    def setUp(self): pass\n", ""},
		{"go", task.Go, "a.go", "package m\n\nfunc GetIt(theArg int) { _ = theArg }\n", ""},
		{"go underscore", task.Go, "a.go", "package m\n\nfunc get_it() {}\n", `a.go:3: function "get_it"`},
		{"go test function", task.Go, "a_test.go", "package m\n\nfunc TestA_B() {}\n", ""},
		{"javascript", task.JavaScript, "a.js", "const MAX = 1;\nclass Tidy {}\nfunction getIt(theArg) { return theArg; }\n", ""},
		{"javascript function", task.JavaScript, "a.js", "function get_it() {}\n", `"get_it"`},
		{"javascript class", task.JavaScript, "a.js", "class tidy {}\n", `"tidy"`},
		{"typescript", task.TypeScript, "a.ts", "interface Tidy { theName: string }\nexport const x: Tidy[] = [];\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := look(t, source.Names{Reader: reader}, tt.l, task.Grader{Name: "names"}, task.Tree{}, files(tt.file, tt.text))
			if (v.Status == task.Pass) != (tt.reason == "") || !strings.Contains(v.Reason, tt.reason) {
				t.Errorf("%s: %q, want %q", v.Status, v.Reason, tt.reason)
			}
		})
	}
}

func TestRenames(t *testing.T) {
	spec := task.Grader{Name: "names", Names: []task.Rename{{From: "old_name", To: "new_name"}}}
	before := files("a.py", "def old_name(): pass\n", "b.py", "from a import old_name\n")
	for name, tt := range map[string]struct {
		after  task.Tree
		reason string
	}{
		"done":                {files("a.py", "def new_name(): pass\n", "b.py", "from a import new_name\n"), ""},
		"left in an old file": {files("a.py", "def new_name(): pass\n", "b.py", "from a import old_name\n"), `b.py: the name "old_name" is still used`},
		"in a comment":        {files("a.py", "# old_name\ndef new_name(): pass\n", "b.py", "from a import new_name\n"), ""},
		"gone, not replaced":  {files("a.py", "x = 1\n", "b.py", "y = 'new_name'\n"), `no name "new_name"`},
		"kept as an alias":    {files("a.py", "def new_name(): pass\nold_name = new_name\n", "b.py", "from a import new_name\n"), "still used"},
	} {
		v := look(t, source.Names{Reader: reader}, task.Python, spec, before, tt.after)
		if (v.Status == task.Pass) != (tt.reason == "") || !strings.Contains(v.Reason, tt.reason) {
			t.Errorf("%s: %s: %q, want %q", name, v.Status, v.Reason, tt.reason)
		}
	}
}

func TestAPI(t *testing.T) {
	tests := []struct {
		name   string
		l      task.Language
		text   string
		spec   task.Grader
		reason string
	}{
		{"used", task.Python, "import bisect\nbisect.insort([], 1)\n", task.Grader{Use: []string{"bisect.insort"}}, ""},
		{"used by another name", task.Python, "from bisect import insort as put\nput([], 1)\n", task.Grader{Use: []string{"bisect.insort"}}, ""},
		{"module by another name", task.Python, "import bisect as b\nb.insort([], 1)\n", task.Grader{Use: []string{"bisect.insort"}}, ""},
		{"not used", task.Python, "import heapq\n", task.Grader{Use: []string{"bisect.insort"}}, "bisect.insort is not used"},
		{"only in a comment", task.Python, "# bisect.insort\n'bisect.insort'\n", task.Grader{Use: []string{"bisect.insort"}}, "bisect.insort is not used"},
		{"forbidden", task.Python, "import os\nos.system('x')\n", task.Grader{Forbid: []string{"os.system"}}, "a.py: os.system is used and must not be"},
		{"forbidden by another name", task.Python, "from os import system as s\ns('x')\n", task.Grader{Forbid: []string{"os.system"}}, "os.system is used"},
		{"a longer name", task.Python, "import os\nos.systems = 1\n", task.Grader{Forbid: []string{"os.system"}}, ""},
		{"go", task.Go, "package m\n\nimport \"strings\"\n\nvar x = strings.ToUpper(\"\")\n", task.Grader{Use: []string{"strings.ToUpper"}}, ""},
		{"go by another name", task.Go, "package m\n\nimport s \"strings\"\n\nvar x = s.ToUpper(\"\")\n", task.Grader{Forbid: []string{"strings.ToUpper"}}, "strings.ToUpper is used"},
		{"javascript", task.JavaScript, "import fs from 'node:fs';\nfs.readFileSync('x');\n", task.Grader{Forbid: []string{"fs.readFileSync"}}, "fs.readFileSync is used"},
		{"javascript in a comment", task.JavaScript, "// fs.readFileSync\n", task.Grader{Forbid: []string{"fs.readFileSync"}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := map[task.Language]string{task.Python: "a.py", task.Go: "a.go", task.JavaScript: "a.js"}[tt.l]
			v := look(t, source.API{Reader: reader}, tt.l, tt.spec, task.Tree{}, files(file, tt.text))
			if (v.Status == task.Pass) != (tt.reason == "") || !strings.Contains(v.Reason, tt.reason) || v.Axis != task.Context {
				t.Errorf("%s: %q, want %q", v.Status, v.Reason, tt.reason)
			}
		})
	}
}
