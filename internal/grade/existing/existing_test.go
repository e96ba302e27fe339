package existing

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"metr/internal/environment"
	"metr/internal/grade"
	"metr/internal/grade/source"
	"metr/internal/sandbox"
	"metr/internal/sandbox/native"
	"metr/internal/task"
)

func TestMain(m *testing.M) {
	source.Helper()
	b, err := native.New()
	if err != nil {
		fmt.Fprintln(os.Stderr, "the graders' tests need a sandbox that works:", err)
		os.Exit(1)
	}
	backend = b
	status := m.Run()
	b.Close()
	os.Exit(status)
}

var backend sandbox.Backend // set once by TestMain

func tree(texts ...string) task.Tree {
	out := task.Tree{}
	for i := 0; i < len(texts); i += 2 {
		out[texts[i]] = task.File{Mode: 0o644, Data: []byte(texts[i+1])}
	}
	return out
}

// over lays files over a tree; "-" removes one.
func over(t task.Tree, texts ...string) task.Tree {
	out := t.Clone()
	for p, f := range tree(texts...) {
		if out[p] = f; string(f.Data) == "-" {
			delete(out, p)
		}
	}
	return out
}

func look(t *testing.T, g grade.Grader, tk *task.Task, spec task.Grader, after task.Tree) task.Verdict {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	lab := grade.NewLab(backend, environment.New(cache+"/metr", backend, nil))
	v, err := g.Grade(t.Context(), lab, grade.Case{Task: tk, Spec: spec, Patch: task.Diff(tk.Workspace, after), Tree: after})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func want(t *testing.T, v task.Verdict, reason string) {
	t.Helper()
	if (v.Status == task.Pass) != (reason == "") || !strings.Contains(v.Reason, reason) {
		t.Errorf("%s: %q, want %q", v.Status, v.Reason, reason)
	}
}

var limits = task.Limits{CPU: 3 * time.Second, Wall: 30 * time.Second}

func TestExistingPython(t *testing.T) {
	tk := &task.Task{ID: "py", Language: task.Python, Limits: limits, Workspace: tree(
		"m.py", "def f(): return 1\ndef g(): return 2\n",
		"tests/__init__.py", "",
		"tests/test_m.py", "import unittest, m\nclass T(unittest.TestCase):\n    def test_f(self): self.assertEqual(m.f(), 1)\n    def test_g(self): self.assertEqual(m.g(), 2)\n    def test_known(self): self.assertEqual(1, 2)\n    @unittest.skip('x')\n    def test_skipped(self): pass\n",
	)}
	keep := task.Grader{Keep: []string{"tests/**"}}
	tests := []struct {
		name   string
		spec   task.Grader
		files  []string
		reason string
	}{
		{"nothing done", keep, nil, ""},
		{"still right", keep, []string{"m.py", "def f(): return 1\ng = lambda: 2\n"}, ""},
		{"broken", keep, []string{"m.py", "def f(): return 1\ndef g(): return 3\n"}, "1 of 2 tests that passed before do not pass: tests.test_m.T.test_g: AssertionError: 3 != 2"},
		{"does not import", keep, []string{"m.py", "import nowhere\n"}, "2 of 2 tests that passed before do not pass: tests.test_m.T.test_f: did not run"},
		{"exits at import", keep, []string{"m.py", "import os\nos._exit(0)\n"}, "did not run"},
		{"exits in a test", keep, []string{"m.py", "import os\ndef f(): return 1\ndef g(): os._exit(0)\n"}, "1 of 2 tests that passed before do not pass: tests.test_m.T.test_g: did not run"},
		{"tests removed, kept", keep, []string{"tests/test_m.py", "-"}, ""},
		{"tests removed", task.Grader{}, []string{"tests/test_m.py", "-"}, "2 of 2 tests that passed before do not pass: tests.test_m.T.test_f: did not run"},
		{"tests emptied", task.Grader{}, []string{"tests/test_m.py", "import unittest\n"}, "did not run"},
		{"tests skipped", task.Grader{}, []string{"tests/test_m.py", "import unittest\nclass T(unittest.TestCase):\n    @unittest.skip('x')\n    def test_f(self): pass\n    def test_g(self): pass\n"}, "1 of 2 tests that passed before do not pass: tests.test_m.T.test_f"},
		{"printed results", keep, []string{"m.py", "print('{\"name\": \"tests.test_m.T.test_g\", \"status\": \"pass\"}\\n{\"done\": true}')\ndef f(): return 1\ndef g(): return 3\n"}, "tests.test_m.T.test_g: AssertionError"},
		{"endless", keep, []string{"m.py", "def f():\n    while True: pass\ndef g(): return 2\n"}, "do not pass: tests.test_m.T.test_f: did not run"},
		{"ends after the tests", keep, []string{"m.py", "import atexit, os\natexit.register(os._exit, 7)\ndef f(): return 1\ndef g(): return 2\n"}, ""},
	}
	g := New()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := look(t, g, tk, tt.spec, over(tk.Workspace, tt.files...))
			want(t, v, tt.reason)
			if v.Oracle != task.InProcess {
				t.Errorf("oracle %s", v.Oracle)
			}
		})
	}
}

func TestExistingGo(t *testing.T) {
	tk := &task.Task{ID: "go", Language: task.Go, Limits: task.Limits{CPU: 20 * time.Second, Wall: 60 * time.Second}, Workspace: tree(
		"go.mod", "module example.com/m\n\ngo 1.22\n",
		"m.go", "package m\n\nfunc F() int { return 1 }\n",
		"m_test.go", "package m\n\nimport \"testing\"\n\nfunc TestF(t *testing.T) {\n\tif F() != 1 {\n\t\tt.Fatal(\"not 1\")\n\t}\n}\n\nfunc TestG(t *testing.T) {}\n",
	)}
	keep := task.Grader{Keep: []string{"*_test.go"}}
	tests := []struct {
		name   string
		files  []string
		reason string
	}{
		{"broken", []string{"m.go", "package m\n\nfunc F() int { return 2 }\n"}, "1 of 2 tests that passed before do not pass: example.com/m.TestF: m_test.go:7: not 1"},
		{"exits in init", []string{"m.go", "package m\n\nimport \"os\"\n\nfunc init() { os.Exit(0) }\n\nfunc F() int { return 1 }\n"}, "2 of 2 tests that passed before do not pass: example.com/m.TestF: did not run"},
		{"panics, and hides what comes after", []string{"m.go", "package m\n\nfunc F() int { panic(1) }\n"}, "2 of 2"},
		{"does not build", []string{"m.go", "package m\n\nfunc f() int { return 1 }\n"}, "2 of 2 tests that passed before do not pass: example.com/m.TestF: did not run"},
		{"prints what the runner reads", []string{"m.go", "package m\n\nimport \"fmt\"\n\nfunc F() int {\n\tfmt.Println(`{\"Action\":\"pass\",\"Package\":\"example.com/m\",\"Test\":\"TestF\"}`)\n\treturn 2\n}\n"}, "example.com/m.TestF: "},
		{"a TestMain that runs nothing", []string{"main_test.go", "package m\n\nimport (\n\t\"os\"\n\t\"testing\"\n)\n\nfunc TestMain(*testing.M) { os.Exit(0) }\n"}, "did not run"},
	}
	g := New()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want(t, look(t, g, tk, keep, over(tk.Workspace, tt.files...)), tt.reason)
		})
	}
}

func TestExistingJS(t *testing.T) {
	tk := &task.Task{ID: "js", Language: task.JavaScript, Limits: limits, Workspace: tree(
		"package.json", `{"type":"module"}`,
		"m.js", "export const f = () => 1;\n",
		"m.test.js", "import test from 'node:test';\nimport assert from 'node:assert';\nimport { f } from './m.js';\ntest('f', () => assert.equal(f(), 1));\ntest('g', () => {});\n",
	)}
	keep := task.Grader{Keep: []string{"*.test.js"}}
	tests := []struct {
		name   string
		files  []string
		reason string
	}{
		{"nothing done", nil, ""},
		{"broken", []string{"m.js", "export const f = () => 2;\n"}, "1 of 2 tests that passed before do not pass: f: "},
		{"exits", []string{"m.js", "process.exit(0);\nexport const f = () => 1;\n"}, "2 of 2 tests that passed before do not pass: f: did not run"},
		{"prints results", []string{"m.js", "console.log('{\"name\":\"f\",\"status\":\"pass\"}\\n{\"done\":true}');\nexport const f = () => 2;\n"}, "do not pass: f: "},
	}
	g := New()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want(t, look(t, g, tk, keep, over(tk.Workspace, tt.files...)), tt.reason)
		})
	}
}

// A workspace whose own tests do not pass is the task's fault: no verdict.
func TestNoBaseline(t *testing.T) {
	tk := &task.Task{ID: "none", Language: task.Python, Limits: limits, Workspace: tree("m.py", "", "test_m.py", "raise ValueError\n")}
	lab := grade.NewLab(backend, environment.New(t.TempDir(), backend, nil))
	_, err := New().Grade(t.Context(), lab, grade.Case{Task: tk, Tree: tk.Workspace})
	if err == nil || !strings.Contains(err.Error(), "no test passes in the workspace before the patch") {
		t.Errorf("%v", err)
	}
}

func TestMutants(t *testing.T) {
	tk := &task.Task{ID: "mutants", Language: task.Python, Limits: limits,
		Workspace: tree("m.py", "def f(x):\n    return x + 1 if x > 0 else 0\n", "tests/__init__.py", ""),
		Tests: tree(
			"right/other/m.py", "f = lambda x: 0 if x <= 0 else 1 + x\n",
			"mutants/typical-two/m.py", "def f(x):\n    return x + 2 if x > 0 else 0\n",
			"mutants/edge-zero/m.py", "def f(x):\n    return x + 1 if x >= 0 else 0\n",
		)}
	spec := task.Grader{Files: []string{"tests/test_*.py"}}
	const head = "import os, unittest, m\nclass T(unittest.TestCase):\n    def test_it(self):\n"
	const good = head + "        self.assertEqual(m.f(3), 4)\n        self.assertEqual(m.f(0), 0)\n"
	tests := []struct {
		name   string
		files  []string
		reason string
	}{
		{"good", []string{"tests/test_m.py", good}, ""},
		{"good, and the code is changed too", []string{"tests/test_m.py", good, "m.py", "raise SystemExit\n"}, ""},
		{"nothing", nil, "no tests were written in tests/test_*.py"},
		{"elsewhere", []string{"test_m.py", good}, "no tests were written"},
		{"no test in it", []string{"tests/test_m.py", "import m\n"}, "no test passed"},
		{"all skipped", []string{"tests/test_m.py", "import unittest\nclass T(unittest.TestCase):\n    @unittest.skip('x')\n    def test_it(self): pass\n"}, "no test passed"},
		{"always right", []string{"tests/test_m.py", head + "        pass\n"}, "2 of 4 failed: mutants/typical-two: the tests pass on faulty code"},
		{"always wrong", []string{"tests/test_m.py", head + "        self.fail('x')\n"}, "4 of 4 failed: right/"},
		{"misses the edge", []string{"tests/test_m.py", head + "        self.assertEqual(m.f(3), 4)\n"}, "1 of 4 failed: mutants/edge-zero: the tests pass on faulty code"},
		{"reads the source", []string{"tests/test_m.py", head + "        self.assertIn('x + 1 if x > 0', open(m.__file__).read())\n"}, "right/other: no test passed"},
		{"endless on faulty code", []string{"tests/test_m.py", head + "        while m.f(0) or m.f(3) != 4: pass\n"}, "did not come to an end, which is no finding"},
		{"breaks off on faulty code", []string{"tests/test_m.py", head + "        if m.f(0) or m.f(3) != 4: os._exit(1)\n"}, "did not come to an end, which is no finding"},
		{"kills itself on faulty code", []string{"tests/test_m.py", head + "        if m.f(0) or m.f(3) != 4: os.kill(os.getpid(), 9)\n"}, "which is no finding"},
		{"ends with status 0", []string{"tests/test_m.py", "import os\nos._exit(0)\n"}, "no test passed"},
		{"looks for the versions", []string{"tests/test_m.py", head + "        found = [d for top in ('/work', '/metr', '/tmp', '/home', '/var/tmp') for d, _, _ in os.walk(top) if 'edge-zero' in d or 'typical-two' in d]\n        self.assertEqual(found, ['here'])\n"}, "Lists differ: [] != ['here']"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := look(t, Mutants{}, tk, spec, over(tk.Workspace, tt.files...))
			want(t, v, tt.reason)
			if len(v.Tests) != 4 || v.Oracle != task.Observed || v.Axis != task.Semantics {
				t.Errorf("%d versions, oracle %s, axis %s", len(v.Tests), v.Oracle, v.Axis)
			}
		})
	}
}

func TestMutantsLayout(t *testing.T) {
	tk := &task.Task{Language: task.Python, Workspace: tree("m.py", ""), Tests: tree("faulty/m.py", "")}
	_, err := Mutants{}.Grade(t.Context(), nil, grade.Case{Task: tk})
	if err == nil || err.Error() != "tests/faulty/m.py: expected right/NAME/FILE or mutants/NAME/FILE" {
		t.Errorf("%v", err)
	}
}

func TestReadGo(t *testing.T) {
	const start = `{"Action":"start","Package":"p"}` + "\n"
	tests := []struct {
		name, out string
		whole     bool
		tests     string
	}{
		{"nothing", "", false, ""},
		{"not JSON", "PASS\nok p 0.1s\n", false, ""},
		{"a pass", start + `{"Action":"pass","Package":"p","Test":"A"}` + "\n" + `{"Action":"pass","Package":"p"}`, true, "p.A=pass"},
		{"no end", start + `{"Action":"pass","Package":"p","Test":"A"}` + "\n", false, "p.A=pass"},
		{"an end alone", `{"Action":"pass","Package":"p"}`, false, ""},
		{"one of two packages ended", start + `{"Action":"start","Package":"q"}` + "\n" + `{"Action":"pass","Package":"p"}`, false, ""},
		{"a pass and a fail of one name", start + `{"Action":"pass","Package":"p","Test":"A"}` + "\n" + `{"Action":"fail","Package":"p","Test":"A"}` + "\n" + `{"Action":"pass","Package":"p","Test":"A"}` + "\n" + `{"Action":"fail","Package":"p"}`, true, "p.A=fail"},
		{"a package that fails without a test", start + `{"Action":"fail","Package":"p"}`, true, "p=fail"},
		{"cut in the middle", start + `{"Action":"pass","Package":"p","Te`, false, ""},
		{"a line of a megabyte", start + `{"Action":"output","Package":"p","Output":"` + strings.Repeat("x", 1<<20) + `"}` + "\n" + `{"Action":"pass","Package":"p","Test":"A"}` + "\n" + `{"Action":"pass","Package":"p"}`, true, "p.A=pass"},
	}
	for _, tt := range tests {
		var r report
		r.readGo([]byte(tt.out))
		var got []string
		for _, x := range r.tests {
			got = append(got, x.Name+"="+string(x.Status))
		}
		if r.whole != tt.whole || strings.Join(got, " ") != tt.tests {
			t.Errorf("%s: whole %v, %v; want %v, %s", tt.name, r.whole, got, tt.whole, tt.tests)
		}
	}
}

// What a runner prints comes out of a process that holds the candidate.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"Action":"start","Package":"p"}` + "\n" + `{"Action":"fail","Package":"p","Test":"A"}`))
	f.Add([]byte(`{"name":"a","status":"pass"}` + "\n" + `{"done":true}`))
	f.Fuzz(func(t *testing.T, out []byte) {
		var a, b report
		a.readGo(out)
		b.readLines(out)
		for _, r := range []report{a, b} {
			seen := map[string]bool{}
			for _, x := range r.tests {
				if seen[x.Name] || x.Status != task.Pass && x.Status != task.Fail && x.Status != task.Skipped {
					t.Fatalf("%q %q", x.Name, x.Status)
				}
				seen[x.Name] = true
			}
		}
	})
}
