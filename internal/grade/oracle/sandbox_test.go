//go:build linux

package oracle

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"metr/internal/sandbox/native"
	"metr/internal/task"
)

// realPython judges in real boxes.
func realPython(t *testing.T) *Python {
	t.Helper()
	b, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	py := NewPython(b)
	t.Cleanup(func() {
		py.Close()
		b.Close()
	})
	return py
}

// Forgeries that only a real box defeats: each program looks for something of
// the host and answers rightly if it finds it.
func TestForgeriesThatNeedABox(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "sk-planted-key")
	t.Setenv("METR_SECRET", "planted")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	outside := filepath.Join(t.TempDir(), "forged")
	if err := os.Chmod(filepath.Dir(outside), 0o777); err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	right := "\n        return x * 2\n    return 'held'\n"
	tryForgeries(t, realPython(t), []forgery{
		{"key in the environment", "import os\ndef double(x):\n    if any('planted' in v for v in os.environ.values()):" + right, "gave 'held'"},
		{"key of the parent", "import os, glob\ndef double(x):\n    if any(b'planted' in open(p, 'rb').read() for p in glob.glob('/proc/[0-9]*/environ') if os.access(p, os.R_OK)):" + right, "gave 'held'"},
		{"write outside", fmt.Sprintf("def double(x):\n    try: open(%q, 'w').write('forged')\n    except OSError: return 'held'\n    if True:%s", outside, right), "gave 'held'"},
		{"loopback connection", fmt.Sprintf("import socket\ndef double(x):\n    try: socket.create_connection(('127.0.0.1', %d), 1)\n    except OSError: return 'held'\n    if True:%s", port, right), "gave 'held'"},
		{"background process", "import os\npid = os.fork()\nif pid == 0:\n    os.setsid()\n    while True: pass\ndef double(x): return 0", "assert candidate(2) == 4"},
		{"the judge's process", "import os, glob\ndef double(x):\n    if any(b'job_check' in open(p, 'rb').read() for p in glob.glob('/proc/[0-9]*/cmdline') if os.access(p, os.R_OK)):" + right, "gave 'held'"},
	})
	if _, err := os.Stat(outside); err == nil {
		t.Error("a file was written outside of the box")
	}
}

// A process that detaches itself and would write later is gone with its box.
func TestNoProcessSurvives(t *testing.T) {
	mark := fmt.Sprintf("metr-survivor-%d", time.Now().UnixNano())
	program := fmt.Sprintf(`
import subprocess
subprocess.Popen(["sh", "-c", "sleep 300; : %s"], start_new_session=True, stdin=-3, stdout=-3, stderr=-3)
def double(x): return x * 2
`, mark)
	tk := toy()
	v, _, err := (&Functions{Python: realPython(t)}).GradeFunction(context.Background(), tk, tk.Program(program))
	if err != nil || v.Status != task.Pass {
		t.Fatalf("%s: %s, %v", v.Status, v.Reason, err)
	}
	names, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		if b, err := os.ReadFile(n); err == nil && strings.Contains(string(b), mark) {
			t.Errorf("%s still runs: %q", n, b)
		}
	}
}

// The forgeries that need no box are held in one too.
func TestForgeriesInABox(t *testing.T) { tryForgeries(t, realPython(t), forgeries) }

func TestHumanEvalCanonicalInBoxes(t *testing.T) {
	work := canonical(t, "humaneval/HumanEval.jsonl.gz", "humaneval")
	b, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	failed, _ := gradeWith(t, b, work)
	expect(t, "failed", failed)
}
