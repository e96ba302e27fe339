package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"metr/internal/grade/source"
	"metr/internal/sandbox/attack"
)

var update = flag.Bool("update", false, "write the goldens anew")

// The test binary is metr itself where it is called so: by scripts, as a box's
// init, and as the helper that a box runs.
func TestMain(m *testing.M) {
	attack.Payload()
	source.Helper()
	testscript.Main(m, map[string]func(){"metr": main})
}

// data is where the published data sets lie.
func data(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs("../../../shared/data")
	if err == nil {
		_, err = os.Stat(dir)
	}
	if err != nil {
		t.Fatalf("the published data sets are needed in shared/data beside the project: %v", err)
	}
	return dir
}

// Each script in testdata/script is what a user types and what comes of it.
// -update writes their goldens anew.
func TestScripts(t *testing.T) {
	dir := data(t)
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", RequireExplicitExec: true, RequireUniqueNames: true, UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			e.Setenv("DATA", dir)
			e.Values[slotKey{}] = new(any)
			e.Setenv("XDG_CACHE_HOME", cache)
			return os.CopyFS(filepath.Join(e.WorkDir, "small"), os.DirFS("testdata/small"))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "summary": summary, "same": same, "lines": lines, "serve": serve,
		},
	})
}

// exits STATUS PROGRAM ARG... runs a program and wants that exit status.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS PROGRAM ARG...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d\n%s", got, want, ts.ReadFile("stderr"))
	}
}

// stable are the fields of the summary line that scripts depend on.
var stable = []string{
	"event", "log", "suite", "suite_digest", "agent", "model", "epochs", "tasks", "attempts", "solved", "unsolved",
	"invalid", "score", "pass_at", "axes", "kinds", "tokens", "cost_usd", "wall_s", "cpu_s",
}

// summary FILE KEY=VALUE... wants the file's last line to be the summary with
// all its stable fields, these values among them, and before it the attempts
// that it counts.
func summary(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: summary FILE KEY=VALUE...")
	}
	all := strings.Split(strings.TrimSpace(ts.ReadFile(args[0])), "\n")
	attempts := 0.0
	var last map[string]any
	for _, line := range all {
		last = nil
		if err := json.Unmarshal([]byte(line), &last); err != nil {
			ts.Fatalf("not JSON: %v: %s", err, line)
		}
		if last["event"] == "attempt" {
			attempts++
			for _, k := range []string{"task", "epoch", "outcome", "reason", "verdicts"} {
				if _, ok := last[k]; !ok {
					ts.Fatalf("an attempt lacks %q: %s", k, line)
				}
			}
		}
	}
	if last["event"] != "summary" {
		ts.Fatalf("the last line is no summary: %s", all[len(all)-1])
	}
	for _, k := range stable {
		if _, ok := last[k]; !ok {
			ts.Fatalf("the summary lacks %q: %s", k, all[len(all)-1])
		}
	}
	for _, k := range []string{"estimate", "low", "high", "level", "method"} {
		score, _ := last["score"].(map[string]any)
		if _, ok := score[k]; !ok && last["attempts"] != last["invalid"] {
			ts.Fatalf("the score lacks %q: %s", k, all[len(all)-1])
		}
	}
	for _, kv := range args[1:] {
		k, v, _ := strings.Cut(kv, "=")
		if k == "events" { // attempts told on standard output
			last[k] = attempts
		}
		if got := fmt.Sprint(last[k]); got != v {
			ts.Fatalf("%s is %s, want %s", k, got, v)
		}
	}
}

// same FILE FILE... wants the same attempts, whatever their order and figures,
// in the JSON lines of the first file and of the others together.
func same(ts *testscript.TestScript, neg bool, args []string) {
	read := func(file string) (out []string) {
		for line := range strings.Lines(ts.ReadFile(file)) {
			var e map[string]any
			ts.Check(json.Unmarshal([]byte(line), &e))
			if e["event"] == "attempt" {
				out = append(out, fmt.Sprint(e["agent"], e["task"], e["epoch"], e["outcome"], e["reason"]))
			}
		}
		return out
	}
	if len(args) < 2 {
		ts.Fatalf("usage: same FILE FILE...")
	}
	want := read(args[0])
	var got []string
	for _, f := range args[1:] {
		got = append(got, read(f)...)
	}
	slices.Sort(want)
	slices.Sort(got)
	if slices.Equal(want, got) == neg {
		ts.Fatalf("same: %d attempts against %d\n%q\n%q", len(want), len(got), want, got)
	}
}

// lines FILE N wants N lines in the file.
func lines(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: lines FILE N")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	if got := strings.Count(ts.ReadFile(args[0]), "\n"); (got == n) == neg {
		ts.Fatalf("%d lines, want %d", got, n)
	}
}
