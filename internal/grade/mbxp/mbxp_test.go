package mbxp

import (
	"fmt"
	"os"
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

// problems are of our own, in the data set's form.
var problems = map[task.Language]task.Function{
	task.Java: {EntryPoint: "twice", Prompt: "import java.util.*;\n\nclass Twice {\n    public static int twice(int n) {\n", Test: `

class Main {
    public static void main(String[] args) throws Exception {
        int x0 = Twice.twice(4);
        if (x0 != 8) {
            throw new java.lang.Exception("Exception -- test case 0 did not pass. x0 = " + x0);
        }
    }
}
`},
	task.Cpp: {EntryPoint: "twice", Prompt: "#include <bits/stdc++.h>\nusing namespace std;\n\nint twice(int n) {\n", Test: `
int main(int argc, char* argv[]) {
    int x0 = twice(4);
    if (!(x0 == 8)) {
        throw runtime_error("Exception -- test case 0 did not pass.");
    }
    return 0;
}
`},
	task.Go: {EntryPoint: "twice", Prompt: "package main\n\nimport (\n\t\"encoding/json\"\n\t\"reflect\"\n)\n\nfunc twice(n int) int {\n", Test: `

func main() {
	got, _ := json.Marshal(twice(4))
	if !reflect.DeepEqual(string(got), "8") {
		panic("Exception --- test case 0 failed to pass")
	}
}
`},
	task.Perl: {EntryPoint: "twice", Prompt: "\nsub twice\n{\n  my ($n) = @_;\n", Test: `

use Data::Compare;

my $x0 = [twice(4), {a => [1, undef]}];
my $v0 = [8, {a => [1, undef]}];
unless(Compare($x0, $v0)) {
    die "Exception -- test case 0 did not pass.";
}
`},
}

func look(t *testing.T, l task.Language, completion string) task.Verdict {
	t.Helper()
	fn := problems[l]
	fn.Dataset, fn.File = "mbxp", "solution"
	tk := &task.Task{ID: "t", Language: l, Function: &fn, Limits: task.Limits{CPU: 3 * time.Second, Wall: 60 * time.Second}, Workspace: task.Tree{"solution": {Mode: 0o644}}}
	if !Judges(tk) {
		t.Fatalf("%s is not judged here", l)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	p := tk.Answer(completion)
	tree, err := tk.Workspace.Apply(p)
	if err != nil {
		t.Fatal(err)
	}
	lab := grade.NewLab(backend, environment.New(cache+"/metr", backend, nil))
	v, err := Grade(t.Context(), lab, grade.Case{Task: tk, Spec: task.Grader{Name: "tests", Required: true}, Patch: p, Tree: tree})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Right answers, wrong ones, and wrong ones that would look right to a harness
// that believes the exit status or what is printed.
func TestGrade(t *testing.T) {
	tests := []struct {
		lang       task.Language
		name       string
		completion string
		reason     string // "" passes
	}{
		{task.Java, "right", "        System.out.println(\"hello\");\n        return n * 2;\n    }\n}\n", ""},
		{task.Java, "wrong", "        return n;\n    }\n}\n", "test case 0 did not pass. x0 = 4"},
		{task.Java, "does not compile", "        return n\n    }\n}\n", "does not build: Main.java:"},
		{task.Java, "exit", "        System.exit(0);\n        return n;\n    }\n}\n", "the program ended before its test did"},
		{task.Java, "halt in a hook", "        Runtime.getRuntime().addShutdownHook(new Thread(() -> Runtime.getRuntime().halt(0)));\n        return n;\n    }\n}\n", "the program ended before its test did"},
		{task.Java, "endless", "        while (n != 1) {}\n        return n;\n    }\n}\n", "cpu time limit exceeded"},
		{task.Cpp, "right", "    cout << \"hello\";\n    return 2 * n;\n}\n", ""},
		{task.Cpp, "wrong", "    return n;\n}\n", "test case 0 did not pass"},
		{task.Cpp, "exit", "    exit(0);\n}\n", "the program ended before its test did"},
		{task.Cpp, "exit in an initialiser", "    return n;\n}\nstatic int early = (_Exit(0), 1);\n", "the program ended before its test did"},
		{task.Cpp, "handler", "    set_terminate([] { printf(\"passed\\n\"); _Exit(0); });\n    return n;\n}\n", "the program ended before its test did"},
		{task.Cpp, "writes to the descriptor", "    char s[] = \"passed\\n\";\n    for (int i = 3; i < 9; i++) { FILE* f = fdopen(i, \"w\"); if (f) { fputs(s, f); fflush(f); } }\n    exit(0);\n}\n", "the program ended before its test did"},
		{task.Go, "right", "\tprintln(\"hello\")\n\treturn n * 2\n}\n", ""},
		{task.Go, "wrong", "\treturn n\n}\n", "panic: Exception --- test case 0 failed to pass"},
		{task.Go, "does not compile", "\treturn n +\n}\n", "does not build: ./main.go:"},
		{task.Go, "a main of its own", "\treturn n\n}\n\nfunc main() {}\n", "does not build: ./"},
		{task.Go, "ends the goroutine", "\tgo func() { select {} }()\n\tdefer func() { recover() }()\n\treturn n\n}\n", "panic: Exception"},
		{task.Perl, "right", "  print \"hello\\n\";\n  return $n * 2;\n}\n", ""},
		{task.Perl, "wrong", "  return $n;\n}\n", "Exception -- test case 0 did not pass."},
		{task.Perl, "does not compile", "  return $n * ;\n}\n", "does not build: syntax error"},
		{task.Perl, "exit", "  exit(0);\n}\n", "the program ended before its test did"},
		{task.Perl, "exit at the end", "  return $n;\n}\nEND { $? = 0; }\n", "the program ended before its test did"},
		{task.Perl, "dies quietly", "  $SIG{__DIE__} = sub { exit(0) };\n  return $n;\n}\n", "the program ended before its test did"},
	}
	for _, tt := range tests {
		t.Run(string(tt.lang)+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			v := look(t, tt.lang, tt.completion)
			if (v.Status == task.Pass) != (tt.reason == "") || !strings.Contains(v.Reason, tt.reason) {
				t.Errorf("%s: %q, want %q", v.Status, v.Reason, tt.reason)
			}
			if built := !strings.HasPrefix(tt.reason, "does not build"); built != (v.Oracle == task.InProcess) || built != (len(v.Tests) == 1) {
				t.Errorf("oracle %s, %d tests", v.Oracle, len(v.Tests))
			}
		})
	}
}

// The judge's own fault is an error, not a failure.
func TestGoTestWithoutMain(t *testing.T) {
	_, err := golang(t.Context(), nil, environment.Toolchain{}, "package main\n", "func check() {}\n")
	if err == nil || !strings.Contains(err.Error(), "no func main()") {
		t.Errorf("%v", err)
	}
}
