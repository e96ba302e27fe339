package source_test

import (
	"strings"
	"testing"

	"metr/internal/grade"
	"metr/internal/grade/source"
	"metr/internal/task"
)

const cargo = "[package]\nname = \"m\"\nversion = \"0.1.0\"\nedition = \"2021\"\n"

// Names, format, api and build of the languages that program builds.
func TestCurly(t *testing.T) {
	spaces := "root = true\n[*]\nindent_style = space\nindent_size = 4\nmax_line_length = 60\n"
	build, format, names, api := source.Build{Reader: reader}, source.Format{Reader: reader}, source.Names{Reader: reader}, source.API{Reader: reader}
	tests := []struct {
		name   string
		l      task.Language
		g      grade.Grader
		spec   task.Grader
		file   string
		text   string
		reason string // "" passes
	}{
		{"builds", task.Rust, build, task.Grader{}, "src/lib.rs", "pub fn f() {}\n", ""},
		{"does not", task.Rust, build, task.Grader{}, "src/lib.rs", "pub fn f() -> i32 {}\n", "does not build: src/lib.rs:1:15: error[E0308]"},
		{"builds", task.C, build, task.Grader{}, "a.c", "int f(void) { return 1; }\n", ""},
		{"nothing left", task.C, build, task.Grader{}, "a.h", "int f(void);\n", "does not build: error: no c file is left"},
		{"does not", task.Cpp, build, task.Grader{}, "a.cpp", "int f() { return x; }\n", "does not build: ./a.cpp:1:"},
		{"does not", task.Java, build, task.Grader{}, "A.java", "class A { int f() { return \"\"; } }\n", "does not build: ./A.java:1: error:"},

		{"formatted", task.Rust, format, task.Grader{}, "src/lib.rs", "pub fn f() -> i32 {\n    1\n}\n", ""},
		{"not formatted", task.Rust, format, task.Grader{}, "src/lib.rs", "pub fn f() -> i32 {\n  1\n}\n", "src/lib.rs:1: rustfmt would change this"},
		{"indented", task.C, format, task.Grader{}, "a.c", "int f(void) {\n    return 1;\n}\n", ""},
		{"by two", task.C, format, task.Grader{}, "a.c", "int f(void) {\n  return 1;\n}\n", "a.c:1: indented by 2, not 4"},
		{"by a tab", task.Cpp, format, task.Grader{}, "a.cpp", "int f() {\n\treturn 1;\n}\n", "a.cpp:2: indented with a tab"},
		{"long", task.Java, format, task.Grader{}, "A.java", "class A {\n    // " + strings.Repeat("x", 60) + "\n}\n", "A.java:2: 67 characters, over 60"},
		{"comments are theirs", task.Java, format, task.Grader{}, "A.java", "/*\n  a\n  b\n  c\n*/\nclass A {\n    int a;\n}\n", ""},

		{"names", task.Rust, names, task.Grader{}, "src/lib.rs", "pub struct Queue<'a> { s: &'a str }\npub const LIMIT: usize = 3;\nimpl<'a> Queue<'a> {\n    pub fn to_next(&self) -> char { let c2 = 'x'; let Some(Y) = Some(1) else { return '\\''; }; c2 }\n}\n", ""},
		{"function", task.Rust, names, task.Grader{}, "src/lib.rs", "pub fn toNext() {}\n", `src/lib.rs:1: function "toNext"`},
		{"type", task.Rust, names, task.Grader{}, "src/lib.rs", "// struct bad\n/* /* struct bad */ struct bad */\nconst S: &str = r#\"struct bad\"#;\nstruct task_queue;\n", `src/lib.rs:4: class "task_queue"`},
		{"constant", task.Rust, names, task.Grader{}, "src/lib.rs", "static mut Limit: u8 = 1;\n", `src/lib.rs:1: constant "Limit"`},
		{"variable", task.Rust, names, task.Grader{}, "src/lib.rs", "fn f() { let mut nextOne = 1; nextOne += 1; }\n", `variable "nextOne"`},
		{"names", task.Java, names, task.Grader{}, "A.java", "class A<T> {\n  static final int MAX = 1;\n  A() {}\n  public <U> java.util.List<U> toList() throws Error { return new B(1) {}; }\n  int[] f() { if (g(1)) {} return null; }\n}\n", ""},
		{"method", task.Java, names, task.Grader{}, "A.java", "class A {\n  public int Get_it() { return 1; }\n}\n", `A.java:2: function "Get_it"`},
		{"class", task.Java, names, task.Grader{}, "A.java", "class a_b {}\n", `A.java:1: class "a_b"`},
		{"constant", task.Java, names, task.Grader{}, "A.java", "class A {\n  private static final int Max_It = 1;\n}\n", `constant "Max_It"`},
		{"names", task.C, names, task.Grader{}, "a.c", "#include <x.h>\n#define MAX_N 3\nstruct node { int Next; };\ntypedef struct { int a; } Pair;\nstatic struct node *find_it(int n) { return Call_Me(n); }\nint main(void) { if (x) {} return 0; }\n", ""},
		{"function", task.C, names, task.Grader{}, "a.c", "int *FindIt(int n) { return 0; }\n", `a.c:1: function "FindIt"`},
		{"macro", task.C, names, task.Grader{}, "a.c", "#define max_n 3\n", `a.c:1: macro "max_n"`},
		{"names", task.Cpp, names, task.Grader{}, "a.cpp", "template <class T> class Stack { Stack(); ~Stack(); T pop() const { return T(); } };\ntemplate <class T> Stack<T>::Stack() {}\nint my_fn() { auto s = R\"(class bad_Name {)\"; int n = 1'000; return n; }\nbool operator==(int a, int b) { return true; }\n", ""},
		{"class", task.Cpp, names, task.Grader{}, "a.cpp", "class my_Stack { int a; };\n", `a.cpp:1: class "my_Stack"`},
		{"function", task.Cpp, names, task.Grader{}, "a.cpp", "int Stack::Pop_It() const { return 1; }\n", `a.cpp:1: function "Pop_It"`},
		{"renamed", task.C, names, task.Grader{Names: []task.Rename{{From: "old_name", To: "new_name"}}}, "a.c", "int new_name(void) { return 1; } // old_name was it\n", ""},
		{"not renamed", task.C, names, task.Grader{Names: []task.Rename{{From: "old_name", To: "new_name"}}}, "a.c", "int new_name(void) { return old_name(); }\n", `the name "old_name" is still used`},

		{"used", task.Rust, api, task.Grader{Use: []string{"std::fs", "HashMap"}}, "src/lib.rs", "use std::collections::HashMap;\nfn f() { std::fs::read(\"x\").ok(); }\n", ""},
		{"not used", task.Rust, api, task.Grader{Use: []string{"std::fs"}}, "src/lib.rs", "fn f() {} // std::fs\n", "std::fs is not used"},
		{"forbidden", task.C, api, task.Grader{Forbid: []string{"gets"}}, "a.c", "char *f(char *b) { return gets(b); }\n", "a.c: gets is used and must not be"},
		{"in a text", task.C, api, task.Grader{Forbid: []string{"gets"}}, "a.c", "char *f(void) { return \"gets\"; /* gets */ }\n", ""},
		{"forbidden", task.Java, api, task.Grader{Forbid: []string{"System.exit"}}, "A.java", "class A { void f() { System.exit(1); } }\n", "System.exit is used and must not be"},
		{"forbidden", task.Cpp, api, task.Grader{Forbid: []string{"p.raw"}}, "a.cpp", "int f(P* p) { return p->raw(); }\n", "p.raw is used and must not be"},
	}
	for _, tt := range tests {
		t.Run(string(tt.l)+" "+tt.name, func(t *testing.T) {
			before := files(".editorconfig", spaces, "Cargo.toml", cargo)
			after := before.Clone()
			for p, f := range files(tt.file, tt.text) {
				after[p] = f
			}
			v := look(t, tt.g, tt.l, tt.spec, before, after)
			if (v.Status == task.Pass) != (tt.reason == "") || !strings.Contains(v.Reason, tt.reason) {
				t.Errorf("%s: %q, want %q", v.Status, v.Reason, tt.reason)
			}
		})
	}
}
