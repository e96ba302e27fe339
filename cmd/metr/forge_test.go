package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
)

// Hostile answers through the whole program, in its real sandbox: each is
// unsolved, not invalid, for a reason that says why, and leaves nothing behind.
// What they do stands in testdata/forge.
func TestForgeries(t *testing.T) {
	for _, language := range []string{"python", "javascript", "go"} {
		t.Run(language, func(t *testing.T) { forge(t, language) })
	}
}

func forge(t *testing.T, language string) {
	// What the answers are after: a key in the environment, a folder that all
	// may write to, somebody who listens.
	const key = "sk-planted-7e41c0"
	t.Setenv("OPENAI_API_KEY", key)
	host, err := os.MkdirTemp("/var/tmp", "forge-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(host) })
	if err := os.WriteFile(host+"/of-the-host", nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(host, 0o777); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	came := make(chan net.Addr, 1)
	go func() {
		if c, err := l.Accept(); err == nil {
			came <- c.RemoteAddr()
		}
	}()
	mark := fmt.Sprintf("left-behind-%d", os.Getpid())
	suite := filepath.Join(t.TempDir(), "forge")
	want := unpack(t, "testdata/forge/"+language+".txtar", suite, strings.NewReplacer(
		"@KEY@", key, "@DIR@", host, "@PORT@", fmt.Sprint(l.Addr().(*net.TCPAddr).Port), "@MARK@", mark, "@CANARY@", "canary-0b5e"))
	compileForged(t, suite)

	log := filepath.Join(t.TempDir(), "log")
	c := metrCommand(t, []string{"run", suite, "--agent", "gold,nop,wrong", "--json", "-q", "--log", log}, false)
	var out bytes.Buffer
	c.Stdout = &out
	if err := c.Run(); err != nil {
		t.Fatalf("%v\n%s%s", err, c.Stderr, out.Bytes())
	}
	for line := range bytes.Lines(out.Bytes()) {
		var e struct{ Event, Agent, Outcome, Reason string }
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		if e.Event != "attempt" {
			continue
		}
		name := strings.TrimPrefix(e.Agent, "wrong:")
		t.Run(name, func(t *testing.T) {
			reason, hostile := want[name]
			switch {
			case name == "gold":
				if e.Outcome != "solved" {
					t.Errorf("the reference is %s: %s", e.Outcome, e.Reason)
				}
			case e.Outcome != "unsolved" || !strings.Contains(e.Reason, reason):
				t.Errorf("%s: %q; want it unsolved for %q", e.Outcome, e.Reason, reason)
			case hostile:
				t.Log(e.Reason)
			}
		})
		delete(want, name)
	}
	for name := range want {
		t.Errorf("%s was not tried", name)
	}
	select {
	case a := <-came:
		t.Errorf("an answer connected to the host from %v", a)
	default:
	}
	if left, _ := os.ReadDir(host); len(left) != 1 {
		t.Errorf("an answer wrote to the host: %v", left)
	}
	nothingLeft(t, c.Path)
	noneMarked(t, mark)
	for _, place := range []string{log, suite} {
		_ = filepath.WalkDir(place, func(p string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || place == suite {
				return err
			}
			// The patches hold the key, since the test put it there.
			if b, _ := os.ReadFile(p); bytes.Contains(b, []byte(key)) && !strings.Contains(p, "/blobs/") {
				t.Errorf("%s holds the key", p)
			}
			return nil
		})
	}
	if bytes.Contains(out.Bytes(), []byte(key)) {
		t.Error("the key was printed")
	}
}

// unpack writes the suite of the archive at path to dir and returns what each
// hostile answer must be unsolved for. Files below common/ go into each of them.
func unpack(t *testing.T, path, dir string, put *strings.Replacer) map[string]string {
	t.Helper()
	ar, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	files := map[string]string{}
	for _, f := range ar.Files {
		if name, ok := strings.CutPrefix(f.Name, "want/"); ok {
			want[name] = strings.TrimSpace(string(f.Data))
			files["task.toml"] += fmt.Sprintf("\n[[wrong]]\nname = %q\ngrader = \"tests\"\nwhy = \"hostile\"\n", name)
			continue
		}
		files[f.Name] = put.Replace(string(f.Data)) + files[f.Name]
	}
	for _, f := range ar.Files {
		if rest, ok := strings.CutPrefix(f.Name, "common/"); ok {
			for name := range want {
				files["wrong/"+name+"/"+rest] = string(f.Data)
			}
			delete(files, f.Name)
		}
	}
	for name, text := range files {
		at := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return want
}

// compileForged makes of every X.py.forged what Python would load for X without
// a look at its source: a compiled file whose source is not checked. So that it
// is not idle, the forged module must win where nothing prevents it.
func compileForged(t *testing.T, dir string) {
	t.Helper()
	forged, err := filepath.Glob(dir + "/wrong/*/__pycache__/*.py.forged")
	if err != nil {
		t.Fatal(err)
	}
	const script = `import os, py_compile, sys
for f in sys.argv[1:]:
    out = f.removesuffix(".py.forged") + "." + sys.implementation.cache_tag + ".pyc"
    py_compile.compile(f, out, doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    os.remove(f)
`
	if len(forged) == 0 {
		return
	}
	if out, err := exec.Command("python3", append([]string{"-c", script}, forged...)...).CombinedOutput(); err != nil {
		t.Fatalf("compile %q: %v\n%s", forged, err, out)
	}
	load := exec.Command("python3", "-c", "import calc; print(calc.total([1, 2, 3]))")
	load.Dir = dir + "/wrong/compiled-files"
	if out, err := load.CombinedOutput(); err != nil || string(out) != "6\n" {
		t.Fatalf("the forged file is not loaded: %v %q", err, out)
	}
}

// noneMarked wants no process with the mark in its command line.
func noneMarked(t *testing.T, mark string) {
	t.Helper()
	var left []string
	for range 100 {
		left = nil
		lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, p := range lines {
			if b, _ := os.ReadFile(p); bytes.Contains(b, []byte(mark)) {
				left = append(left, string(b))
			}
		}
		if len(left) == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("processes survived their attempt: %q", left)
}
