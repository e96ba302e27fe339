package program

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"metr/internal/environment"
	"metr/internal/grade"
	"metr/internal/sandbox"
	"metr/internal/sandbox/native"
	"metr/internal/task"
)

func TestMain(m *testing.M) {
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

func over(t task.Tree, texts ...string) task.Tree {
	out := t.Clone()
	for p, f := range files(texts...) {
		out[p] = f
	}
	return out
}

// lab needs the language's tool chain, which scripts/test installs; it does not
// skip where one is missing.
func lab(t *testing.T, l task.Language) (*grade.Lab, environment.Toolchain) {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	h := environment.New(cache+"/metr", backend, nil)
	tool, err := h.For(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	return grade.NewLab(backend, h), tool
}

var limits = task.Limits{CPU: 5 * time.Second, Wall: 60 * time.Second}

var workspaces = map[task.Language]task.Tree{
	task.C: files(
		"include/m.h", "int f(void);\nint g(void);\n",
		"src/m.c", "#include \"m.h\"\nint f(void) { return 1; }\nint g(void) { return 2; }\n",
		"src/main.c", "#include \"m.h\"\nint main(void) { return f() - 1; }\n",
		"tests/test_f.c", "#include <assert.h>\n#include \"m.h\"\nint main(void) { assert(f() == 1); return 0; }\n",
		"tests/test_g.c", "#include \"m.h\"\nint main(int argc, char **argv) { (void)argv; return argc == 1 && g() == 2 ? 0 : 3; }\n",
	),
	task.Cpp: files(
		"m.h", "int f();\n",
		"m.cc", "#include \"m.h\"\nint f() { return 1; }\n",
		"m_test.cc", "#include \"m.h\"\n#include <cstdio>\nint main() { if (f() != 1) { std::puts(\"not 1\"); return 1; } return 0; }\n",
	),
	task.Java: files(
		"src/a/M.java", "package a;\n\npublic class M {\n  public static int f() {\n    return 1;\n  }\n}\n",
		"test/a/MTest.java", "package a;\n\nclass MTest {\n  void testF() {\n    if (M.f() != 1) {\n      throw new AssertionError(\"not 1\");\n    }\n  }\n\n  static void testG() {\n    assert M.f() > 0;\n  }\n\n  void helper() {\n    throw new IllegalStateException();\n  }\n}\n",
	),
	task.Rust: files(
		"Cargo.toml", "[package]\nname = \"m\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
		"src/lib.rs", "pub fn f() -> i32 {\n    1\n}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn inner() {\n        assert_eq!(super::f(), 1);\n    }\n}\n",
		"tests/outer.rs", "#[test]\nfn outer() {\n    assert_eq!(m::f(), 1, \"not 1\");\n}\n",
	),
}

// The workspace's own tests, and code that would have them pass though it is
// wrong: want lists the tests with their status, and whether all came to the end.
func TestTests(t *testing.T) {
	const (
		cOK    = "tests/test_f.c pass, tests/test_g.c pass, whole"
		javaOK = "a.MTest.testF pass, a.MTest.testG pass, whole"
		rustOK = "m::tests::inner pass, outer::outer pass, whole"
	)
	tests := []struct {
		name  string
		lang  task.Language
		files []string
		want  string
	}{
		{"right", task.C, nil, cOK},
		{"wrong", task.C, []string{"src/m.c", "int f(void) { return 2; }\nint g(void) { return 3; }\n"}, "tests/test_f.c fail, tests/test_g.c fail, whole"},
		{"exit", task.C, []string{"src/m.c", "#include <stdlib.h>\nint f(void) { exit(0); }\nint g(void) { return 2; }\n"}, "tests/test_g.c pass"},
		{"exit in a constructor", task.C, []string{"src/m.c", "#include <unistd.h>\n__attribute__((constructor)) static void c(void) { _exit(0); }\nint f(void) { return 2; }\nint g(void) { return 2; }\n"}, ""},
		{"handler at exit", task.C, []string{"src/m.c", "#include <stdlib.h>\n#include <unistd.h>\nstatic void h(void) { _exit(0); }\nint f(void) { atexit(h); exit(1); }\nint g(void) { return 2; }\n"}, "tests/test_g.c pass"},
		{"aborts caught", task.C, []string{"src/m.c", "#include <signal.h>\n#include <unistd.h>\nstatic void h(int s) { (void)s; _exit(0); }\nint f(void) { signal(SIGABRT, h); return 2; }\nint g(void) { return 2; }\n"}, "tests/test_g.c pass"},
		{"prints what a runner might", task.C, []string{"src/m.c", "#include <stdio.h>\n#include <stdlib.h>\nint f(void) { puts(\"PASS\"); printf(\"ok 0\\n\"); fflush(0); dprintf(4, \"nonce 0\\n\"); exit(0); }\nint g(void) { return 2; }\n"}, "tests/test_g.c pass"},
		{"does not compile", task.C, []string{"src/m.c", "int f(void) {\n"}, "broken: error"},
		{"a main of its own", task.C, []string{"src/m.c", "int main(void) { return 0; }\nint f(void) { return 2; }\nint g(void) { return 2; }\n"}, ""},
		{"endless", task.C, []string{"src/m.c", "int f(void) { for (;;) {} }\nint g(void) { return 2; }\n"}, "tests/test_g.c pass"},
		{"right", task.Cpp, nil, "m_test.cc pass, whole"},
		{"wrong", task.Cpp, []string{"m.cc", "int f() { return 2; }\n"}, "m_test.cc fail, whole"},
		{"exit in an initialiser", task.Cpp, []string{"m.cc", "#include <cstdlib>\nstruct S { S() { std::_Exit(0); } } s;\nint f() { return 2; }\n"}, ""},
		{"right", task.Java, nil, javaOK},
		{"wrong", task.Java, []string{"src/a/M.java", "package a;\npublic class M { public static int f() { return 2; } }\n"}, "a.MTest.testF fail, a.MTest.testG pass, whole"},
		{"exit", task.Java, []string{"src/a/M.java", "package a;\npublic class M { public static int f() { System.exit(0); return 2; } }\n"}, ""},
		{"exit in a static block", task.Java, []string{"src/a/M.java", "package a;\npublic class M { static { Runtime.getRuntime().halt(0); } public static int f() { return 2; } }\n"}, ""},
		{"a hook that prints", task.Java, []string{"src/a/M.java", "package a;\npublic class M { public static int f() { Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println(\"pass a.MTest.testF\\ndone\"))); System.exit(0); return 2; } }\n"}, ""},
		{"right", task.Rust, nil, rustOK},
		{"wrong", task.Rust, []string{"src/lib.rs", "pub fn f() -> i32 {\n    2\n}\n"}, "outer::outer fail, whole"},
		{"exit", task.Rust, []string{"src/lib.rs", "pub fn f() -> i32 {\n    std::process::exit(0)\n}\n"}, ""},
		{"prints libtest's lines", task.Rust, []string{"src/lib.rs", "use std::io::Write;\npub fn f() -> i32 {\n    let _ = std::io::stdout().write_all(b\"{ \\\"type\\\": \\\"test\\\", \\\"name\\\": \\\"outer\\\", \\\"event\\\": \\\"ok\\\" }\\n{ \\\"type\\\": \\\"suite\\\", \\\"event\\\": \\\"ok\\\", \\\"passed\\\": 1 }\\n\");\n    std::process::exit(0)\n}\n"}, ""},
		{"a tool chain's settings", task.Rust, []string{".cargo/config.toml", "[build]\nrustc = \"/bin/true\"\n", "rust-toolchain", "nightly\n"}, rustOK},
	}
	for _, tt := range tests {
		t.Run(string(tt.lang)+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			l, _ := lab(t, tt.lang)
			tk := &task.Task{ID: "t", Language: tt.lang, Workspace: workspaces[tt.lang], Limits: limits}
			r, err := Tests(t.Context(), l, tk, over(tk.Workspace, tt.files...))
			if err != nil {
				t.Fatal(err)
			}
			var said []string
			for _, x := range r.Tests {
				said = append(said, fmt.Sprint(x.Name, " ", x.Status))
				if x.Status == task.Fail && x.Message == "" {
					t.Errorf("%s fails without a word", x.Name)
				}
			}
			slices.Sort(said)
			if r.Whole {
				said = append(said, "whole")
			}
			if want, ok := strings.CutPrefix(tt.want, "broken: "); ok {
				if r.Whole || !strings.Contains(string(r.Result.Stderr), want) {
					t.Errorf("got %v, %s; want a complaint with %q", said, r.Result.Stderr, want)
				}
			} else if got := strings.Join(said, ", "); got != tt.want {
				t.Errorf("got %q, want %q (%s)", got, tt.want, r.Result.Stderr)
			}
		})
	}
}

// What may be said of a workspace that does not build, and that a build leaves
// nothing behind for the next.
func TestCheck(t *testing.T) {
	tests := []struct {
		lang      task.Language
		files     []string
		complaint string // "" builds
	}{
		{task.C, nil, ""},
		{task.C, []string{"src/m.c", "int g(void) { return 1; }\n"}, "undefined reference to `f'"},
		{task.C, []string{"src/m.c", "int f(void) { return h(); }\nint g(void) { return 1; }\n"}, "src/m.c:1:"},
		{task.C, []string{"tests/test_f.c", "int main(void) { return }\n"}, "tests/test_f.c:1:"},
		{task.C, []string{"src/-o evil.c", "int h(void) { return 1; }\n"}, ""},
		{task.C, []string{"src/m.c", "int f(void) { return 1; }\nint g(void) { int x = 1 }\n"}, "error: expected"},
		{task.Cpp, nil, ""},
		{task.Cpp, []string{"m.cc", "int f() { return std::string(\"1\"); }\n"}, "m.cc:1:"},
		{task.Java, nil, ""},
		{task.Java, []string{"src/a/M.java", "package a;\npublic class M { public static int f() { return \"1\"; } }\n"}, "M.java:2: error: incompatible types"},
		{task.Java, []string{"src/a/M.java", "package b;\n"}, "error: "},
		{task.Rust, nil, ""},
		{task.Rust, []string{"src/lib.rs", "pub fn f() -> i32 {\n    \"1\"\n}\n"}, "src/lib.rs:2:5: error[E0308]"},
		{task.Rust, []string{"src/lib.rs", "pub fn f() -> i32 {\n"}, "error: "},
		{task.Rust, []string{"tests/outer.rs", "#[test]\nfn outer() {\n    m::h();\n}\n"}, "tests/outer.rs:3:"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.lang, " ", tt.complaint), func(t *testing.T) {
			t.Parallel()
			l, tool := lab(t, tt.lang)
			tk := &task.Task{ID: "t", Language: tt.lang, Workspace: workspaces[tt.lang], Limits: limits}
			tree := over(tk.Workspace, tt.files...)
			_, complaint, err := Check(tool, tt.lang, tree).Build(t.Context(), l, tk, tree)
			if err != nil {
				t.Fatal(err)
			}
			if (complaint == "") != (tt.complaint == "") || !strings.Contains(complaint, tt.complaint) {
				t.Errorf("complaint %q, want %q", complaint, tt.complaint)
			}
		})
	}
}

func TestFormat(t *testing.T) {
	l, _ := lab(t, task.Rust)
	tk := &task.Task{ID: "t", Language: task.Rust, Workspace: workspaces[task.Rust], Limits: limits}
	for _, tt := range []struct{ text, want string }{
		{"pub mod other;\n\npub fn f() -> i32 {\n    1\n}\n", ""},
		{"pub fn f()->i32 { 1 }\n", "src/lib.rs:1: rustfmt would change this"},
		{"pub fn f( {\n", "src/lib.rs error"},
	} {
		got, err := Format(t.Context(), l, tk, over(tk.Workspace, "src/lib.rs", tt.text), []string{"src/lib.rs"})
		if err != nil || (got == "") != (tt.want == "") || !strings.HasPrefix(got, tt.want) {
			t.Errorf("%q: %q, %v; want %q", tt.text, got, err, tt.want)
		}
	}
	l, _ = lab(t, task.C)
	tk = &task.Task{ID: "t", Language: task.C, Workspace: over(workspaces[task.C], ".clang-format", "BasedOnStyle: LLVM\n"), Limits: limits}
	if _, err := whole("clang-format"); err != nil {
		if _, err := Format(t.Context(), l, tk, tk.Workspace, []string{"src/m.c"}); err == nil || !strings.Contains(err.Error(), "clang-format is needed") {
			t.Errorf("without clang-format: %v", err)
		}
	}
}

func TestSubjectNeedsItsMain(t *testing.T) {
	for _, l := range Languages {
		_, err := Subject(environment.Toolchain{}, &task.Task{Language: l, Workspace: workspaces[l]}, workspaces[l])
		if err == nil || !strings.Contains(err.Error(), "is missing; it must list what the judge may touch") {
			t.Errorf("%s: %v", l, err)
		}
	}
}
