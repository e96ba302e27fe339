package oracle

import (
	"context"
	"strings"
	"testing"
	"time"

	"metr/internal/sandbox/none"
	"metr/internal/task"
)

// toy asks for double(x) with tests in HumanEval's form.
func toy() *task.Task {
	return &task.Task{
		ID: "toy/0", Language: task.Python, Limits: task.Limits{CPU: 2 * time.Second, Wall: 60 * time.Second},
		Function: &task.Function{
			Dataset: "humaneval", File: "solution.py", Prompt: "def double(x):\n", EntryPoint: "double",
			Test:      "def check(candidate):\n    assert candidate(2) == 4\n    assert candidate([1]) == [1, 1]\n    assert abs(candidate(1.5) - 3) < 1e-6\n    assert 7 not in candidate([3])\n",
			Reference: "def double(x):\n    return x * 2\n",
		},
	}
}

// forgery is a wrong program that tries to pass, and the reason it must fail for.
type forgery struct{ name, program, reason string }

// anything is a class that claims to be whatever is asked.
const anything = `
class Any%s:
    def __new__(cls, *a): return %s.__new__(cls)
    def __eq__(self, o): return True
    def __ne__(self, o): return False
    __lt__ = __gt__ = __le__ = __ge__ = __contains__ = __eq__
    def __sub__(self, o): return 0
    __rsub__ = __add__ = __radd__ = __abs__ = __sub__
    def __abs__(self): return 0
    def __hash__(self): return 0
    def __len__(self): return 2
    def __iter__(self): return iter([1, 1])
    def __float__(self): return 4.0
    def __index__(self): return 4
    __class__ = property(lambda s: int)
    def __reduce__(self): return (print, ("unpickled",))
def double(x): return Any()
`

func always(base string) string {
	args := ""
	if base != "object" {
		args = "(" + base + ")"
	}
	return strings.Replace(strings.Replace(anything, "%s", args, 1), "%s", base, 1)
}

var forgeries = []forgery{
	{"os._exit at import", "import os\nos._exit(0)", "the program ended: exit status 0"},
	{"os._exit in call", "import os\ndef double(x): os._exit(0)", "the program ended: exit status 0"},
	{"sys.exit at import", "import sys\nsys.exit(0)", "SystemExit"},
	{"sys.exit in call", "import sys\ndef double(x): sys.exit(0)", "SystemExit"},
	{"atexit", "import atexit, os\natexit.register(lambda: os._exit(0))\ndef double(x): raise SystemExit", "SystemExit"},
	{"killed by itself", "import os\ndef double(x): os.kill(os.getpid(), 9)", ""}, // process 1 of a fork's box cannot be, and answers None
	{"frame walk", `
import sys
def double(x):
    f = sys._getframe()
    while f:
        for v in list(f.f_locals.values()) + list(f.f_globals.values()):
            if isinstance(v, list): v.append("passed")
        if "check" in f.f_globals or "judge" in f.f_globals: return 4
        f = f.f_back
`, "None"},
	{"always equal object", always("object"), "a value of class Any came back"},
	{"always equal int", always("int"), "assert candidate(2) == 4"},
	{"always equal str", always("str"), "assert candidate(2) == 4"},
	{"always equal list", always("list"), "assert candidate(2) == 4"},
	{"always equal float", always("float"), "assert candidate(2) == 4"},
	{"always equal dict", always("dict"), "assert candidate(2) == 4"},
	{"class equal to all", "class M(type):\n    def __eq__(s, o): return True\n    __hash__ = type.__hash__\nclass A(metaclass=M): pass\ndef double(x): return A", "a value of class M came back"},
	{"patched builtins", "import builtins\nbuiltins.abs = lambda x: 0\nbuiltins.len = lambda x: 2\nbuiltins.isinstance = lambda *a: True\nbuiltins.type = lambda x: int\ndef double(x): return 0", "the program ended: exit status 1"},
	{"patched open and json", "import builtins, json\njson.loads = json.dumps = lambda *a, **k: '{}'\nbuiltins.open = None\ndef double(x): return 5", "gave 5"},
	{"AssertionError swallowed", "def double(x): raise AssertionError('passed')", "assert candidate(2) == 4"},
	{"frames by hand", `
import os
def double(x):
    body = b'{"op":"done","tests":4}'
    for fd in range(3, 20):
        try: os.write(fd, len(body).to_bytes(4, "big") + body)
        except OSError: pass
    return 0
`, "broken reply: byte 6: key \"op\": expected ok, err or cb"},
	{"results by hand", `
import os
def double(x):
    body = b'{"op":"result","name":"a","status":"pass"}'
    for fd in range(3, 20):
        try: os.write(fd, len(body).to_bytes(4, "big") + body)
        except OSError: pass
    os._exit(0)
`, "broken reply"},
	{"rubbish by hand", "import os\ndef double(x):\n    for fd in range(3, 20):\n        try: os.write(fd, b'\\xff' * 100)\n        except OSError: pass\n", "broken reply: a frame of 4294967295 bytes"},
	{"half a frame", "import os\ndef double(x):\n    for fd in range(3, 20):\n        try: os.write(fd, b'\\0\\0\\0\\x10abc')\n        except OSError: pass\n    os._exit(0)", "broken reply: the stream ended within a frame"},
	{"weird exception", `
class E(BaseException):
    def __str__(self): raise self
    __repr__ = __str__
    args = property(lambda s: 1/0)
    __class__ = property(lambda s: AssertionError)
def double(x): raise E
`, "E: (no message)"},
	{"exception named Gone", "class Gone(BaseException): pass\nclass SkipTest(Exception): pass\ndef double(x): raise Gone('passed')", "Gone: passed"},
	{"exception with a huge text", "def double(x): raise ValueError('x' * 10**8)", "ValueError: xxx"},
	{"exception class that cannot be made", "class A(Exception): pass\nclass B(A, KeyError, OSError):\n    pass\ndef double(x): raise B(1, 2)", "B: (1, 2)"},
	{"KeyboardInterrupt", "def double(x): raise KeyboardInterrupt", "KeyboardInterrupt"},
	{"StopIteration", "def double(x): raise StopIteration", "StopIteration"},
	{"huge answer", "def double(x): return 'x' * (1 << 27)", "at most 67108864 can cross"},
	{"deep answer", "def double(x):\n    v = []\n    for _ in range(100000): v = [v]\n    return v", "a value of class list came back"},
	{"cyclic answer", "def double(x):\n    v = []\n    v.append(v)\n    return v", "a value of class list came back"},
	{"generator without end", "import itertools\ndef double(x): return itertools.count()", "a value of class count came back"},
	{"loop without end", "def double(x):\n    while True: pass", "cpu time limit exceeded"},
	{"lone surrogates", "def double(x): return '\\ud800' * 3", "gave '\\ud800"},
	{"integer beyond all", "def double(x): return 10 ** 5000", "assert candidate(2) == 4"},
	{"not a number", "def double(x): return float('nan')", "gave nan"},
	{"nothing defined", "x = 1", "AttributeError"},
	{"syntax error", "def double(x:\n", "SyntaxError"},
	{"null byte", "def double(x):\n    return '\x00'\n", "null byte"},
	{"a recursion without end", "def double(x): return double(x)", "RecursionError"},
	{"own __main__", "import sys\nsys.modules['__main__'].__dict__.clear()\ndef double(x): return 4", ""},
}

func TestForgeriesFail(t *testing.T) {
	py := NewPython(none.Backend{})
	defer py.Close()
	tryForgeries(t, py, forgeries)
}

func tryForgeries(t *testing.T, py *Python, list []forgery) {
	f := &Functions{Python: py}
	for _, c := range list {
		t.Run(c.name, func(t *testing.T) {
			tk := toy()
			v, _, err := f.GradeFunction(context.Background(), tk, tk.Program(c.program))
			if err != nil {
				t.Fatal(err)
			}
			if v.Status != task.Fail || v.Oracle != task.OutOfProcess || !strings.Contains(v.Reason, c.reason) {
				t.Errorf("%s by %s: %q; want a failure for %q", v.Status, v.Oracle, v.Reason, c.reason)
			}
		})
	}
}

// The judge must say yes to what is right, in whatever type it comes.
func TestRightAnswersPass(t *testing.T) {
	py := NewPython(none.Backend{})
	defer py.Close()
	f := &Functions{Python: py}
	for name, program := range map[string]string{
		"reference":       toy().Function.Reference,
		"prints":          "import os\ndef double(x):\n    print('PASSED')\n    os.write(1, b'x' * 100)\n    os.write(0, b'') if 0 else None\n    return x * 2",
		"own int":         "class I(int): pass\ndef double(x): return I(x * 2) if type(x) is int else x * 2",
		"main guard":      "def double(x): return x * 2\nif __name__ == '__main__':\n    raise SystemExit(1)",
		"reads its stdin": "import sys\nassert sys.stdin.read() == ''\ndef double(x): return x * 2",
		"threads":         "import threading\ndef double(x):\n    out = []\n    t = threading.Thread(target=lambda: out.append(x * 2))\n    t.start(); t.join()\n    return out[0]",
		"child process":   "import subprocess\ndef double(x):\n    subprocess.run(['true'], check=True)\n    return x * 2",
		"dataclass":       "from dataclasses import dataclass\n@dataclass\nclass P:\n    v: object\ndef double(x): return P(x * 2).v",
	} {
		tk := toy()
		v, _, err := f.GradeFunction(context.Background(), tk, tk.Program(program))
		if err != nil {
			t.Fatal(err)
		}
		if v.Status != task.Pass || len(v.Tests) != 4 {
			t.Errorf("%s: %s: %s (%d tests)", name, v.Status, v.Reason, len(v.Tests))
		}
	}
}

// A candidate cannot choose the weak oracle; a task whose own reference needs it
// gets it, and says so.
func TestInProcessOnlyWhereTheReferenceNeedsIt(t *testing.T) {
	py := NewPython(none.Backend{})
	defer py.Close()
	f := &Functions{Python: py}
	object := "class P:\n    def __init__(self, x): self.x = x\n    def __eq__(self, o): return True\n"
	tk := &task.Task{ID: "toy/1", Language: task.Python, Function: &task.Function{
		Dataset: "mbpp", File: "solution.py", Asserts: []string{"assert make(1) == 1"},
		Reference: object + "def make(x): return P(x)\n",
	}}
	for program, want := range map[string]task.Verdict{
		tk.Function.Reference:                           {Status: task.Pass, Oracle: task.InProcess},
		object + "def make(x): return P(7)\n":           {Status: task.Pass, Oracle: task.InProcess},
		"import os\ndef make(x): return object()":       {Status: task.Fail, Oracle: task.InProcess},
		"def make(x): return 2":                         {Status: task.Fail, Oracle: task.OutOfProcess},
		"import os\ndef make(x): os._exit(0)":           {Status: task.Fail, Oracle: task.OutOfProcess},
		"import sys\nclass P: pass\nmake = lambda x: P": {Status: task.Fail, Oracle: task.InProcess},
	} {
		v, _, err := f.GradeFunction(context.Background(), tk, tk.Program(program))
		if err != nil {
			t.Fatal(err)
		}
		if v.Status != want.Status || v.Oracle != want.Oracle {
			t.Errorf("%q: %s by %s (%s); want %s by %s", program, v.Status, v.Oracle, v.Reason, want.Status, want.Oracle)
		}
	}
}
