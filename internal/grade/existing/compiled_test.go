package existing

import (
	"errors"
	"testing"
	"time"

	"metr/internal/environment"
	"metr/internal/task"
)

// present skips where the machine of an ordinary user lacks the tool chain, as
// with a rustup home below root's.
func present(t *testing.T, l task.Language) {
	t.Helper()
	var m *environment.Missing
	if _, err := environment.New(t.TempDir(), backend, nil).For(t.Context(), l); errors.As(err, &m) {
		t.Skip(err)
	}
}

// The graders see what package program found; forgeries are tested there.
func TestExistingC(t *testing.T) {
	present(t, task.C)
	tk := &task.Task{ID: "c", Language: task.C, Limits: task.Limits{CPU: 5 * time.Second, Wall: 30 * time.Second}, Workspace: tree(
		"m.h", "int f(void);\n", "m.c", "int f(void) { return 1; }\n",
		"tests/test_f.c", "#include \"m.h\"\n#include <assert.h>\nint main(void) { assert(f() == 1); return 0; }\n",
		"tests/test_known.c", "int main(void) { return 2; }\n",
	)}
	keep := task.Grader{Keep: []string{"tests/**"}}
	g := New()
	for _, tt := range []struct{ name, text, reason string }{
		{"right", "int f(void) { int one = 1; return one; }\n", ""},
		{"wrong", "int f(void) { return 2; }\n", "1 of 1 tests that passed before do not pass: tests/test_f.c: "},
		{"exits", "#include <stdlib.h>\nint f(void) { exit(0); }\n", "tests/test_f.c: did not run"},
		{"does not build", "int f(void) {\n", "tests/test_f.c: did not run"},
	} {
		t.Run(tt.name, func(t *testing.T) { want(t, look(t, g, tk, keep, over(tk.Workspace, "m.c", tt.text)), tt.reason) })
	}
}

func TestMutantsC(t *testing.T) {
	present(t, task.C)
	tk := &task.Task{ID: "c", Language: task.C, Limits: task.Limits{CPU: 2 * time.Second, Wall: 30 * time.Second},
		Workspace: tree("m.h", "int half(int);\n", "m.c", "#include \"m.h\"\nint half(int n) { return n / 2; }\n"),
		Tests: tree(
			"right/shift/m.c", "int half(int n) { return n < 0 ? -(-n / 2) : n >> 1; }\n",
			"mutants/edge-odd/m.c", "int half(int n) { return (n + 1) / 2; }\n",
		)}
	spec := task.Grader{Files: []string{"tests/**"}}
	const head = "#include <assert.h>\n#include <stdlib.h>\n#include \"m.h\"\nint main(void) { "
	for _, tt := range []struct{ name, text, reason string }{
		{"finds it", head + "assert(half(4) == 2); assert(half(5) == 2); return 0; }\n", ""},
		{"misses it", head + "assert(half(4) == 2); return 0; }\n", "mutants/edge-odd: the tests pass on faulty code"},
		{"fails always", head + "return 1; }\n", "right/shift: "},
		{"breaks off", head + "if (half(5) != 2) exit(1); return 0; }\n", "mutants/edge-odd: the tests did not come to an end, which is no finding"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want(t, look(t, Mutants{}, tk, spec, over(tk.Workspace, "tests/test_half.c", tt.text)), tt.reason)
		})
	}
}
