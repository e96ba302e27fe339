package hidden

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
		fmt.Fprintln(os.Stderr, "these tests need a sandbox that works:", err)
		os.Exit(1)
	}
	backend = b
	status := m.Run()
	b.Close()
	os.Exit(status)
}

var backend sandbox.Backend // set once by TestMain

func files(texts ...string) task.Tree {
	out := task.Tree{}
	for i := 0; i < len(texts); i += 2 {
		out[texts[i]] = task.File{Mode: 0o644, Data: []byte(texts[i+1])}
	}
	return out
}

// judge is the same for all languages: what goes down comes back, errors are
// raised by class, and f doubles.
const judge = `import unittest
from metr import subject

s = subject.load("subject")

class T(unittest.TestCase):
    def test_typical_f(self):
        self.assertEqual(s.f(21), 42)

    def test_state_after_f(self):
        self.assertEqual(s.f(1), 2)
        self.assertEqual(s.echo("x"), "x")

    def test_edge_values(self):
        for v in (None, True, False, 0, -1, 2**53, 2**53 + 1, -2**63, 2**63 - 1, 0.5, -1e300, 5e-324, float("inf"), "", "a\"\\\n\t\x01z",
                  "ä€𝄞", [], [1, [2, ["x", None]], []]):
            got = s.echo(v)
            self.assertEqual((type(got), got), (type(v), v))
        self.assertNotEqual(s.echo(float("nan")), s.echo(0.0))

    def test_error_class(self):
        with self.assertRaises(ValueError) as c:
            s.fail("ValueError", "it said \"no\"")
        self.assertEqual(str(c.exception), 'it said "no"')

    def test_error_unknown(self):
        with self.assertRaises(AttributeError):
            s.nothing(1)

    def test_error_arguments(self):
        with self.assertRaises(Exception):
            s.f("x")
        self.assertEqual(s.f(2), 4)
`

var tasks = map[task.Language]*task.Task{
	task.C: {Workspace: files("f.h", "long f(long);\n", "src/f.c", "long f(long n) { return 2 * n; }\n"), Tests: files("subject/main.c", `#include "metr.h"
#include "f.h"
static metr_value *do_f(const metr_value *a) { return metr_int(f(metr_as_int(a, 0))); }
static metr_value *echo(const metr_value *a) { return (metr_value *)metr_item(a, 0); }
static metr_value *fail(const metr_value *a) { return metr_error(metr_as_text(a, 0), metr_as_text(a, 1)); }
int main(void) {
    static const metr_function t[] = {{"f", do_f}, {"echo", echo}, {"fail", fail}, {0, 0}};
    return metr_serve(t);
}
`)},
	task.Cpp: {Workspace: files("f.h", "long f(long);\n", "f.cc", "#include \"f.h\"\nlong f(long n) { return 2 * n; }\n"), Tests: files("subject/main.cpp", `#include "metr.h"
#include "f.h"
#include <stdexcept>
struct ValueError : std::runtime_error { using std::runtime_error::runtime_error; };
int main() {
    static const metr_function t[] = {
        {"f", [](const metr_value *a) { return metr_int(f(metr_as_int(a, 0))); }},
        {"echo", [](const metr_value *a) { return (metr_value *)metr_item(a, 0); }},
        {"fail", [](const metr_value *a) -> metr_value * { throw ValueError(metr_as_text(a, 1)); }},
        {0, 0}};
    return metr_serve(t);
}
`)},
	task.Java: {Workspace: files("src/a/F.java", "package a;\n\npublic class F {\n  public static long f(long n) {\n    return 2 * n;\n  }\n}\n"), Tests: files("subject/Subject.java", `import a.F;
import java.util.Map;

public class Subject {
  static class ValueError extends Exception {
    ValueError(String s) { super(s); }
  }
  public static void main(String[] args) {
    Metr.serve(Map.of("f", a -> F.f((Long) a.get(0)), "echo", a -> a.get(0), "fail", a -> { throw new ValueError((String) a.get(1)); }));
  }
}
`)},
	task.Rust: {Workspace: files("Cargo.toml", "[package]\nname = \"doubler\"\nversion = \"0.1.0\"\nedition = \"2021\"\n", "src/lib.rs", "pub fn f(n: i64) -> i64 {\n    2 * n\n}\n"), Tests: files("subject/main.rs", `mod metr;
use metr::Error;

fn main() {
    metr::serve(&[
        ("f", |a| Ok(doubler::f(a.int(0)?).into())),
        ("echo", |a| Ok(a.at(0)?.clone())),
        ("fail", |a| Err(Error::new(a.text(0)?, a.text(1)?))),
    ]);
}
`)},
}

func look(t *testing.T, l task.Language, changed ...string) task.Verdict {
	t.Helper()
	return ask(t, l, judge, changed...)
}

func ask(t *testing.T, l task.Language, judge string, changed ...string) task.Verdict {
	t.Helper()
	tk := *tasks[l]
	tk.ID, tk.Language, tk.Limits = "t", l, task.Limits{CPU: 5 * time.Second, Wall: 60 * time.Second}
	tk.Tests = tk.Tests.Clone()
	tk.Tests["test_f.py"] = task.File{Mode: 0o644, Data: []byte(judge)}
	after := tk.Workspace.Clone()
	for p, f := range files(changed...) {
		after[p] = f
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	lab := grade.NewLab(backend, environment.New(cache+"/metr", backend, nil))
	v, err := Tests{New(nil, nil)}.Grade(t.Context(), lab, grade.Case{Task: &tk, Spec: task.Grader{Name: "tests"}, Patch: task.Diff(tk.Workspace, after), Tree: after})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestPrograms(t *testing.T) {
	const (
		cF    = "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>\n"
		frame = "static void say(const char *s) { unsigned n = strlen(s); unsigned char h[4] = {n >> 24, n >> 16, n >> 8, n}; write(4, h, 4); write(4, s, n); }\n"
	)
	tests := []struct {
		lang   task.Language
		name   string
		files  []string
		failed string // "" passes; else the names of the tests that fail
	}{
		{task.C, "right", nil, ""},
		{task.C, "prints", []string{"src/f.c", cF + "long f(long n) { printf(\"{}\"); fprintf(stderr, \"x\"); return 2 * n; }\n"}, ""},
		{task.C, "wrong", []string{"src/f.c", "long f(long n) { return n + 21; }\n"}, "test_error_arguments test_state_after_f"},
		{task.C, "exits", []string{"src/f.c", cF + "long f(long n) { exit(0); }\n"}, "test_error_arguments test_state_after_f test_typical_f"},
		{task.C, "exits early", []string{"src/f.c", cF + "__attribute__((constructor)) static void c(void) { _exit(0); }\nlong f(long n) { return 2 * n; }\n"}, "all"},
		{task.C, "claims results", []string{"src/f.c", cF + frame + "long f(long n) { say(\"{\\\"op\\\":\\\"result\\\",\\\"name\\\":\\\"test_typical_f\\\",\\\"status\\\":\\\"pass\\\"}\"); return 0; }\n"}, "test_error_arguments test_state_after_f test_typical_f"},
		{task.C, "answers twice", []string{"src/f.c", cF + frame + "long f(long n) { say(\"{\\\"ok\\\":42}\"); return 7; }\n"}, "test_error_arguments test_error_class test_state_after_f test_typical_f"},
		{task.C, "does not build", []string{"src/f.c", "long g(long n) { return 2 * n; }\n"}, "none ran"},
		{task.Cpp, "right", nil, ""},
		{task.Cpp, "throws", []string{"f.cc", "#include \"f.h\"\n#include <stdexcept>\nlong f(long n) { throw std::out_of_range(\"far\"); }\n"}, "test_error_arguments test_state_after_f test_typical_f"},
		{task.Java, "right", nil, ""},
		{task.Java, "prints", []string{"src/a/F.java", "package a;\npublic class F { public static long f(long n) { System.out.println(\"{}\"); return 2 * n; } }\n"}, ""},
		{task.Java, "exits", []string{"src/a/F.java", "package a;\npublic class F { public static long f(long n) { System.exit(0); return 2 * n; } }\n"}, "test_error_arguments test_state_after_f test_typical_f"},
		{task.Java, "takes the helper's place", []string{"src/Metr.java", "public class Metr { }\n"}, "none ran"},
		{task.Rust, "right", nil, ""},
		{task.Rust, "panics", []string{"src/lib.rs", "pub fn f(_: i64) -> i64 {\n    panic!(\"no\")\n}\n"}, "test_error_arguments test_state_after_f test_typical_f"},
		{task.Rust, "a build script", []string{"build.rs", "fn main() {\n    std::process::exit(1);\n}\n"}, "none ran"},
	}
	for _, tt := range tests {
		t.Run(string(tt.lang)+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			v := look(t, tt.lang, tt.files...)
			var failed []string
			for _, x := range v.Tests {
				if x.Status != task.Pass {
					failed = append(failed, x.Name)
				}
			}
			got := strings.Join(failed, " ")
			switch {
			case len(v.Tests) == 0:
				got = "none ran"
			case len(failed) == len(v.Tests):
				got = "all"
			}
			if got != tt.failed || (v.Status == task.Pass) != (tt.failed == "") || v.Oracle != task.OutOfProcess {
				t.Errorf("%s by %s: failed %q, want %q: %s", v.Status, v.Oracle, got, tt.failed, v.Reason)
			}
		})
	}
}

// The code as it was before the patch can be asked too, a restarted program has
// forgotten what it knew, and what is measured reaches the verdict.
func TestProgramSides(t *testing.T) {
	const judge = `import unittest
from metr import subject

class T(unittest.TestCase):
    def test_state_restart(self):
        s = subject.load("subject")
        self.assertEqual([s.f(1), s.f(1)], [1, 2])
        subject.restart()
        self.assertEqual(s.f(1), 1)

    def test_typical_before(self):
        self.assertEqual(subject.start.load("subject").f(4), 8)
        self.assertGreater(subject.cpu(), 0)
`
	v := ask(t, task.C, judge, "src/f.c", "long f(long n) { static long calls; return calls += n; }\n")
	if v.Status != task.Pass || len(v.Tests) != 2 {
		t.Errorf("%s: %s %v", v.Status, v.Reason, v.Tests)
	}
}

func TestTypeScriptFunction(t *testing.T) {
	fn := &task.Function{
		Dataset: "mbxp", File: "solution.ts", EntryPoint: "twice", Prompt: "const twice = function (n: number) : number {\n",
		Test: "\nimport * as assert from 'assert'\n\nlet actual_1 = twice(4);\nlet expected_1 = 8;\nassert.deepEqual(actual_1, expected_1, \"Exception --- test case 0 failed to pass\");\n",
	}
	for _, tt := range []struct{ completion, reason string }{
		{"  return 2 * n;\n}\n", ""},
		{"  const m: number = n as number;\n  return m;\n}\n", "test case 0 failed to pass"},
		{"  process.exit(0);\n}\n", "the program ended"},
		{"  return 2 * ;\n}\n", "does not parse: 2:14"},
	} {
		tk := &task.Task{ID: "t", Language: task.TypeScript, Function: fn, Limits: task.Limits{CPU: 5 * time.Second, Wall: 60 * time.Second}}
		p := tk.Answer(tt.completion)
		tree, err := tk.Workspace.Apply(p)
		if err != nil {
			t.Fatal(err)
		}
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		lab := grade.NewLab(backend, environment.New(cache+"/metr", backend, nil))
		v, err := Tests{New(nil, nil)}.Grade(t.Context(), lab, grade.Case{Task: tk, Spec: task.Grader{Name: "tests"}, Patch: p, Tree: tree})
		if err != nil || (v.Status == task.Pass) != (tt.reason == "") || !strings.Contains(v.Reason, tt.reason) {
			t.Errorf("%q: %s %q %v, want %q", tt.completion, v.Status, v.Reason, err, tt.reason)
		}
	}
}
