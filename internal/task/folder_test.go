package task

import (
	"flag"
	"os"
	"path"
	"strings"
	"testing"
	"testing/fstest"
)

var update = flag.Bool("update", false, "write the goldens anew")

const whole = `id = "t"
version = 1
title = "T"
kind = "debug"
language = "go"
human_minutes = 1
human_minutes_source = "guess"
licence = "Apache-2.0"
created = "2026-01-02"
canary = "c"

[[graders]]
name = "tests"
required = true

[[wrong]]
name = "w"
grader = "tests"
label = "edge"
why = "wrong"
`

// files is a whole task; an edit changes one file, or removes it with "-".
func folder(edits ...string) fstest.MapFS {
	texts := map[string]string{
		"t/task.toml": whole, "t/instruction.md": "do", "t/workspace/a.go": "package a\n", "t/workspace/go.mod.embed": "module a\n",
		"t/tests/judge/a_test.go": "package judge\n", "t/solution/a.go": "package a // right\n", "t/wrong/w/a.go": "package a // wrong\n",
	}
	for i := 0; i < len(edits); i += 2 {
		if texts[edits[i]] = edits[i+1]; edits[i+1] == "-" {
			delete(texts, edits[i])
		}
	}
	out := fstest.MapFS{}
	for p, s := range texts {
		out[p] = &fstest.MapFile{Data: []byte(s), Mode: 0o644}
	}
	return out
}

func TestLoad(t *testing.T) {
	got, err := Load(folder("t/workspace/run.sh", "#!/bin/sh\n", "t/workspace/__pycache__/x.pyc", "x"), "t")
	if err != nil {
		t.Fatal(err)
	}
	if p := strings.Join(got.Workspace.Paths(), " "); p != "a.go go.mod run.sh" {
		t.Errorf("workspace %s", p)
	}
	if got.Workspace["run.sh"].Mode != 0o755 || got.Workspace["a.go"].Mode != 0o644 {
		t.Errorf("modes %o %o", got.Workspace["run.sh"].Mode, got.Workspace["a.go"].Mode)
	}
	if len(got.Solution.Changes) != 1 || got.Solution.Changes[0].Path != "a.go" || len(got.Wrong) != 1 || got.Wrong[0].Label != Edge {
		t.Errorf("solution %+v, wrong %+v", got.Solution, got.Wrong)
	}
}

// Each mistake in a task's folder is one clear line.
func TestLoadIsStrict(t *testing.T) {
	toml := func(old, now string) []string { return []string{"t/task.toml", strings.Replace(whole, old, now, 1)} }
	cases := []struct {
		name  string
		edits []string
	}{
		{"no task.toml", []string{"t/task.toml", "-"}},
		{"empty", []string{"t/task.toml", ""}},
		{"not TOML", []string{"t/task.toml", "id ="}},
		{"not UTF-8", []string{"t/task.toml", "id = \"\xff\""}},
		{"unknown key", toml("title", "titel")},
		{"unknown key of a grader", toml("required", "requierd")},
		{"a key twice", toml("version = 1", "version = 1\nversion = 2")},
		{"a wrong type", toml("version = 1", "version = \"1\"")},
		{"a wrong type in a table", toml("required = true", "required = \"yes\"")},
		{"a wrong type of a list", toml("required = true", "required = true\nallow = \"a\"")},
		{"an id with a slash", toml(`"t"`, `"a/b"`)},
		{"version 0", toml("version = 1", "version = 0")},
		{"no title", toml("title = \"T\"\n", "")},
		{"unknown kind", toml("debug", "riddle")},
		{"unknown language", toml(`"go"`, `"cobol"`)},
		{"no minutes", toml("human_minutes = 1\n", "")},
		{"no source of the minutes", toml("human_minutes_source = \"guess\"\n", "")},
		{"no licence", toml("licence = \"Apache-2.0\"\n", "")},
		{"a date of another form", toml("2026-01-02", "02.01.2026")},
		{"a date that is not", toml("2026-01-02", "2026-02-30")},
		{"no canary", toml("canary = \"c\"\n", "")},
		{"a limit below 0", toml("[[graders]]", "[limits]\ncpu_s = -1\n[[graders]]")},
		{"none required", toml("required = true", "required = false")},
		{"a grader twice", toml("[[wrong]]", "[[graders]]\nname = \"tests\"\n[[wrong]]")},
		{"a wrong solution of no grader", toml("grader = \"tests\"", "grader = \"build\"")},
		{"a label that is not", toml("\"edge\"", "\"hard\"")},
		{"a variant out of its folder", toml("name = \"w\"", "name = \"../w\"")},
		{"no instruction", []string{"t/instruction.md", "-"}},
		{"no workspace", []string{"t/workspace/a.go", "-", "t/workspace/go.mod.embed", "-"}},
		{"no solution", []string{"t/solution/a.go", "-"}},
		{"a solution that changes nothing", []string{"t/solution/a.go", "package a\n"}},
		{"no folder of a wrong solution", []string{"t/wrong/w/a.go", "-"}},
		{"a folder that nothing names", []string{"t/wrong/other/a.go", "x"}},
		{"an alternative that nothing names", []string{"t/alternative/other/a.go", "x"}},
		{"a deletion of nothing", toml("why = \"wrong\"", "why = \"wrong\"\ndelete = [\"b.go\"]")},
	}
	var b strings.Builder
	for _, c := range cases {
		_, err := Load(folder(c.edits...), "t")
		if err == nil {
			t.Errorf("%s: loaded", c.name)
			continue
		}
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: more than a line: %v", c.name, err)
		}
		b.WriteString(c.name + ": " + err.Error() + "\n")
	}
	const golden = "testdata/strict.golden"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != b.String() {
		t.Errorf("got:\n%s\nwant:\n%s", b.String(), want)
	}
}

func TestLoadSuite(t *testing.T) {
	two := folder()
	for p, f := range folder() {
		two["u"+strings.TrimPrefix(p, "t")] = f
	}
	if _, err := LoadSuite(two, ".", "s"); err == nil || err.Error() != `suite s: task id "t" occurs twice; ids must be unique` {
		t.Errorf("two tasks of one id: %v", err)
	}
	if _, err := LoadSuite(fstest.MapFS{"README.md": {}}, ".", "s"); err == nil || !strings.Contains(err.Error(), "no task") {
		t.Errorf("no task: %v", err)
	}
	s, err := LoadSuite(folder(), "t", "one")
	if err != nil || len(s.Tasks) != 1 {
		t.Errorf("a task's own folder: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte("id = 1\n[[graders]]\nname = [\"a\"]\n"))
	f.Add([]byte("[limits]\ncpu_s = 1e400\n"))
	f.Add([]byte("\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := decode(data)
		if err == nil && (got.ID == "" || got.Version < 1 || len(got.Graders) == 0) {
			t.Fatalf("decoded %+v", got)
		}
		if err != nil && !strings.HasPrefix(err.Error(), "task.toml") {
			t.Fatalf("the message does not name the file: %v", err)
		}
	})
}

func TestApply(t *testing.T) {
	before := Tree{"a": {Mode: 0o644, Data: []byte("1")}, "d/b": {Mode: 0o644, Data: []byte("2")}, "l": {Mode: 0o777, Link: "d"}}
	tests := []struct {
		name   string
		change []Change
		reason string // "" where it applies
		paths  string
	}{
		{"write", []Change{{Path: "c", Data: []byte("3")}}, "", "a c d/b l"},
		{"delete", []Change{{Path: "a", Delete: true}}, "", "d/b l"},
		{"delete what is not there", []Change{{Path: "x", Delete: true}}, "", "a d/b l"},
		{"a folder becomes a file", []Change{{Path: "d/b", Delete: true}, {Path: "d", Data: []byte("3")}}, "", "a d l"},
		{"a file becomes a folder", []Change{{Path: "a/x"}, {Path: "a", Delete: true}}, "", "a/x d/b l"},
		{"a link inside", []Change{{Path: "d/l", Link: "../a"}}, "", "a d/b d/l l"},
		{"up", []Change{{Path: "../x"}}, "not a path inside", ""},
		{"up within", []Change{{Path: "d/../../x"}}, "not a path inside", ""},
		{"absolute", []Change{{Path: "/etc/passwd"}}, "not a path inside", ""},
		{"deletes above", []Change{{Path: "../x", Delete: true}}, "not a path inside", ""},
		{"nothing", []Change{{Path: ""}}, "not a path inside", ""},
		{"the root", []Change{{Path: "."}}, "not a path inside", ""},
		{"NUL", []Change{{Path: "a\x00b"}}, "not a path inside", ""},
		{"backslashes", []Change{{Path: `..\x`}}, "not a path inside", ""},
		{".git", []Change{{Path: ".git/hooks/pre-commit"}}, "touches .git", ""},
		{".git in other letters", []Change{{Path: "sub/.GIT/config"}}, "touches .git", ""},
		{"through a link", []Change{{Path: "l/x"}}, "goes through the symbolic link", ""},
		{"through a link of its own", []Change{{Path: "m", Link: "d"}, {Path: "m/x"}}, "goes through the symbolic link", ""},
		{"through a link of its own, link last", []Change{{Path: "m/x"}, {Path: "m", Link: "d"}}, "is a file, not a folder", ""},
		{"a link up", []Change{{Path: "m", Link: "../x"}}, "points outside", ""},
		{"a link up from below", []Change{{Path: "d/m", Link: "../../x"}}, "points outside", ""},
		{"an absolute link", []Change{{Path: "m", Link: "/etc"}}, "points outside", ""},
		{"below a file", []Change{{Path: "a/x"}}, "is a file, not a folder", ""},
		{"a file where a folder is", []Change{{Path: "d"}}, "is a file, not a folder", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := before.Apply(Patch{Changes: tt.change})
			if tt.reason != "" {
				if err == nil || !strings.Contains(err.Error(), tt.reason) {
					t.Errorf("%v, want %q", err, tt.reason)
				}
				return
			}
			if err != nil || strings.Join(got.Paths(), " ") != tt.paths {
				t.Errorf("%v %v, want %s", got.Paths(), err, tt.paths)
			}
			if strings.Join(before.Paths(), " ") != "a d/b l" {
				t.Error("the tree itself was changed")
			}
		})
	}
}

// Whatever a patch says, what comes of it lies inside the tree; and the
// difference of two trees leads from one to the other.
func FuzzApply(f *testing.F) {
	f.Add("a/b", "", "x", false, "a", "b")
	f.Add("l/x", "", "x", false, "l", "../..")
	f.Add(".GIT/x", "", "", true, "d/./e", "")
	f.Add("a", "b", "", false, "a/b", "")
	f.Fuzz(func(t *testing.T, p1, link1, data1 string, del bool, p2, link2 string) {
		before := Tree{"a": {Mode: 0o644, Data: []byte("1")}, "d/b": {Mode: 0o644}, "l": {Mode: 0o777, Link: "d"}}
		after, err := before.Apply(Patch{Changes: []Change{{Path: p1, Link: link1, Data: []byte(data1), Delete: del}, {Path: p2, Link: link2}}})
		if err != nil {
			return
		}
		for p, file := range after {
			if path.IsAbs(p) || path.Clean(p) != p || strings.HasPrefix(p, "..") || strings.Contains(strings.ToLower("/"+p+"/"), "/.git/") {
				t.Fatalf("path %q", p)
			}
			if file.Link != "" {
				to := path.Join(path.Dir(p), file.Link)
				if path.IsAbs(file.Link) || to == ".." || strings.HasPrefix(to, "../") {
					t.Fatalf("link %q to %q", p, file.Link)
				}
			}
			for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
				if _, ok := after[dir]; ok {
					t.Fatalf("%q is below the file %q", p, dir)
				}
			}
		}
		again, err := before.Apply(Diff(before, after))
		if err != nil || len(Diff(after, again).Changes) != 0 {
			t.Fatalf("the difference leads elsewhere: %v %+v", err, Diff(after, again))
		}
	})
}

func TestDecide(t *testing.T) {
	v := func(required bool, s Status, why string) Verdict {
		return Verdict{Grader: "g", Required: required, Status: s, Reason: why}
	}
	tests := []struct {
		vs     []Verdict
		want   Outcome
		reason string
	}{
		{nil, Invalid, "no required grader looked at it"},
		{[]Verdict{v(false, Pass, "")}, Invalid, "no required grader looked at it"},
		{[]Verdict{v(true, Pass, "")}, Solved, ""},
		{[]Verdict{v(true, Pass, ""), v(false, Fail, "x")}, Solved, ""},
		{[]Verdict{v(true, Pass, ""), v(false, Broken, "x")}, Solved, ""},
		{[]Verdict{v(true, Fail, "x"), v(true, Fail, "y")}, Unsolved, "g: x"},
		{[]Verdict{v(true, Skipped, "x")}, Unsolved, "g: x"},
		{[]Verdict{v(true, Fail, "x"), v(true, Broken, "y")}, Invalid, "g: y"},
		{[]Verdict{v(true, "", "x")}, Unsolved, "g: x"},
	}
	for _, tt := range tests {
		if o, why := Decide(tt.vs); o != tt.want || why != tt.reason {
			t.Errorf("%+v: %v %q, want %v %q", tt.vs, o, why, tt.want, tt.reason)
		}
	}
	var o Outcome
	for _, bad := range []string{"", "Solved", "passed"} {
		if o.UnmarshalText([]byte(bad)) == nil {
			t.Errorf("%q is an outcome", bad)
		}
	}
}
