package diff

import (
	"strings"
	"testing"

	"metr/internal/grade"
	"metr/internal/task"
)

func tree(texts ...string) task.Tree {
	out := task.Tree{}
	for i := 0; i < len(texts); i += 2 {
		out[texts[i]] = task.File{Mode: 0o644, Data: []byte(texts[i+1])}
	}
	return out
}

// look has the grader look at the step from before to after.
func look(t *testing.T, g grade.Grader, l task.Language, spec task.Grader, before, after task.Tree) task.Verdict {
	t.Helper()
	c := grade.Case{Task: &task.Task{ID: "t", Language: l, Workspace: before}, Spec: spec, Patch: task.Diff(before, after), Tree: after}
	v, err := g.Grade(t.Context(), nil, c)
	if err != nil {
		t.Fatal(err)
	}
	if v.Axis != task.Context || v.Oracle != task.Static {
		t.Errorf("axis %s, oracle %s", v.Axis, v.Oracle)
	}
	return v
}

func want(t *testing.T, v task.Verdict, reason string) {
	t.Helper()
	if (v.Status == task.Pass) != (reason == "") || !strings.Contains(v.Reason, reason) {
		t.Errorf("%s: %q, want %q", v.Status, v.Reason, reason)
	}
}

func TestScope(t *testing.T) {
	before := tree("src/a.py", "1", "src/deep/b.py", "1", "README.md", "1", "tests/t.py", "1")
	tests := []struct {
		name   string
		allow  []string
		after  task.Tree
		reason string
	}{
		{"inside", []string{"src/**"}, tree("src/a.py", "2", "src/deep/b.py", "2", "README.md", "1", "tests/t.py", "1"), ""},
		{"a new file inside", []string{"src/**"}, tree("src/a.py", "1", "src/new/c.py", "", "src/deep/b.py", "1", "README.md", "1", "tests/t.py", "1"), ""},
		{"outside", []string{"src/**"}, tree("src/a.py", "2", "src/deep/b.py", "1", "README.md", "2", "tests/t.py", "1"), "out of scope: README.md"},
		{"deleted outside", []string{"src/**"}, tree("src/a.py", "2", "src/deep/b.py", "1", "README.md", "1"), "out of scope: tests/t.py"},
		{"one level", []string{"src/*.py"}, tree("src/a.py", "1", "src/deep/b.py", "2", "README.md", "1", "tests/t.py", "1"), "out of scope: src/deep/b.py"},
		{"nothing done", []string{"**"}, before, "the patch changes nothing"},
		{"a name that begins the same", []string{"src/**"}, tree("src/a.py", "1", "src2/x", "", "src/deep/b.py", "1", "README.md", "1", "tests/t.py", "1"), "src2/x"},
		{"no glob at all", nil, tree("src/a.py", "2", "src/deep/b.py", "1", "README.md", "1", "tests/t.py", "1"), "src/a.py"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want(t, look(t, Scope{}, task.Python, task.Grader{Allow: tt.allow}, before, tt.after), tt.reason)
		})
	}
	// A mode alone is a change.
	after := before.Clone()
	after["README.md"] = task.File{Mode: 0o755, Data: []byte("1")}
	want(t, look(t, Scope{}, task.Python, task.Grader{Allow: []string{"src/**"}}, before, after), "README.md")
}

func TestPipManifest(t *testing.T) {
	before := tree("requirements.txt", "# ours\nalpha==1.0\n")
	spec := task.Grader{Require: []string{"beta@2.1"}}
	for text, reason := range map[string]string{
		"alpha==1.0\nbeta==2.1\n":                       "",
		"beta == 2.1 # added\n\nalpha==1.0":             "",
		"alpha==1.0\n":                                  "beta 2.1 is missing",
		"alpha==1.0\nbeta==2.2\n":                       "beta is at 2.2, not 2.1",
		"alpha==1.1\nbeta==2.1\n":                       "alpha is at 1.1, not 1.0",
		"beta==2.1\n":                                   "alpha 1.0 is missing",
		"alpha==1.0\nbeta==2.1\ngamma==3\n":             "gamma was added",
		"alpha==1.0\nbeta>=2.1\n":                       "does not pin a version",
		"alpha==1.0\nbeta==2.1\n-r more.txt\n":          "does not pin a version",
		"alpha==1.0\nbeta==2.1\n--index-url http://x\n": "does not pin a version",
		"": "alpha 1.0 is missing",
	} {
		want(t, look(t, Manifest{}, task.Python, spec, before, tree("requirements.txt", text)), reason)
	}
	want(t, look(t, Manifest{}, task.Python, spec, before, task.Tree{}), "alpha 1.0 is missing")
}

func TestNpmManifest(t *testing.T) {
	pkg := func(deps string) string { return `{"name":"m","version":"1.0.0","dependencies":{` + deps + `}}` }
	lock := func(root, packages string) string {
		return `{"lockfileVersion":3,"packages":{"":{"name":"m","dependencies":{` + root + `}}` + packages + `}}`
	}
	const (
		a  = `"a":"1.0.0"`
		b  = `"b":"2.1.0"`
		la = `,"node_modules/a":{"version":"1.0.0"}`
		lb = `,"node_modules/b":{"version":"2.1.0"}`
	)
	before := tree("package.json", pkg(a), "package-lock.json", lock(a, la))
	spec := task.Grader{Require: []string{"b@2.1.0"}}
	tests := []struct{ name, pkg, lock, reason string }{
		{"right", pkg(a + "," + b), lock(a+","+b, la+lb), ""},
		{"a caret range", pkg(a + `,"b":"^2.1.0"`), lock(a+`,"b":"^2.1.0"`, la+lb), ""},
		{"not in package.json", pkg(a), lock(a, la+lb), "package.json: b 2.1.0 is missing"},
		{"not in the lock", pkg(a + "," + b), lock(a, la), "no entry for node_modules/b"},
		{"another version locked", pkg(a + "," + b), lock(a+","+b, la+`,"node_modules/b":{"version":"2.2.0"}`), `b is at "2.2.0", not 2.1.0`},
		{"another version asked for", pkg(a + `,"b":"2.2.0"`), lock(a+`,"b":"2.2.0"`, la+lb), "b is at 2.2.0, not 2.1.0"},
		{"any version", pkg(a + `,"b":"*"`), lock(a+`,"b":"*"`, la+lb), "b is at *, not 2.1.0"},
		{"a link instead", pkg(a + `,"b":"file:../b"`), lock(a+`,"b":"file:../b"`, la+lb), "b is at file:../b"},
		{"one more", pkg(a + "," + b + `,"c":"1.0.0"`), lock(a+","+b+`,"c":"1.0.0"`, la+lb+`,"node_modules/c":{"version":"1.0.0"}`), "c was added"},
		{"one more in the lock alone", pkg(a + "," + b), lock(a+","+b, la+lb+`,"node_modules/c":{"version":"1.0.0"}`), "node_modules/c was added"},
		{"one more inside another", pkg(a + "," + b), lock(a+","+b, la+lb+`,"node_modules/b/node_modules/c":{"version":"1.0.0"}`), "was added"},
		{"the lock's root forgotten", pkg(a + "," + b), lock(a, la+lb), "its root does not list"},
		{"no JSON", "{", lock(a, la), "package.json: unexpected end"},
		{"no lock", pkg(a + "," + b), "", "package-lock.json: unexpected end"},
		{"packages of a wrong type", pkg(a + "," + b), `{"packages":[]}`, "package-lock.json: json"},
		{"null", "null", "null", "package-lock.json: no entry"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want(t, look(t, Manifest{}, task.JavaScript, spec, before, tree("package.json", tt.pkg, "package-lock.json", tt.lock)), tt.reason)
		})
	}
	dev := `{"name":"m","dependencies":{` + a + "," + b + `},"devDependencies":{"d":"1.0.0"}}`
	want(t, look(t, Manifest{}, task.JavaScript, spec, before, tree("package.json", dev, "package-lock.json", lock(a+","+b, la+lb))), "d was added")
}

// What the go command is not needed for; the rest runs in TestForgeries and the
// starter suite.
func TestGoManifest(t *testing.T) {
	const head = "module example.com/m\n\ngo 1.22\n\n"
	before := tree("go.mod", head+"require example.com/a v1.0.0\n")
	spec := task.Grader{Require: []string{"example.com/b@v1.4.0"}}
	for text, reason := range map[string]string{
		head + "require example.com/a v1.0.0\n":                                                                 "example.com/b v1.4.0 is missing",
		head + "require (\n\texample.com/a v1.0.0\n\texample.com/b v1.5.0\n)\n":                                 "example.com/b is at v1.5.0, not v1.4.0",
		head + "require (\n\texample.com/a v1.1.0\n\texample.com/b v1.4.0\n)\n":                                 "example.com/a is at v1.1.0",
		head + "require (\n\texample.com/a v1.0.0\n\texample.com/b v1.4.0\n\texample.com/c v1.0.0\n)\n":         "example.com/c was added",
		head + "require (\n\texample.com/a v1.0.0\n\texample.com/b v1.4.0 // indirect\n)\n":                     "marked indirect",
		head + "require (\n\texample.com/a v1.0.0\n\texample.com/b v1.4.0\n)\nreplace example.com/b => ./b\n":   "replace or exclude",
		head + "require (\n\texample.com/a v1.0.0\n\texample.com/b v1.4.0\n)\nexclude example.com/b v1.3.0\n":   "replace or exclude",
		"module example.com/other\n\ngo 1.22\n\nrequire (\n\texample.com/a v1.0.0\n\texample.com/b v1.4.0\n)\n": "module's path or Go version",
		"module example.com/m\n\ngo 1.25\n\nrequire (\n\texample.com/a v1.0.0\n\texample.com/b v1.4.0\n)\n":     "module's path or Go version",
		"module example.com/m\n\nrequire (\n\texample.com/a v1.0.0\n\texample.com/b v1.4.0\n)\n":                "module's path or Go version",
		"go 1.22\n\nrequire (\n\texample.com/a v1.0.0\n\texample.com/b v1.4.0\n)\n":                             "module's path or Go version",
		"require (": "go.mod:",
		"":          "is missing",
	} {
		want(t, look(t, Manifest{}, task.Go, spec, before, tree("go.mod", text)), reason)
	}
}

// A replace line that was there may not lead elsewhere.
func TestGoManifestReplaceChanged(t *testing.T) {
	const head = "module example.com/m\n\ngo 1.22\n\nrequire example.com/a v1.0.0\n"
	want(t, look(t, Manifest{}, task.Go, task.Grader{}, tree("go.mod", head+"replace example.com/a => ./a\n"), tree("go.mod", head+"replace example.com/a => ./b\n")), "replace or exclude")
}

// Manifests come from the candidate: whatever stands in them, the grader says no
// or yes and does not fall.
func FuzzManifest(f *testing.F) {
	f.Add("module m\n", `{"dependencies":{"a":"1"}}`, `{"packages":{"":{}}}`, "a==1\n")
	f.Add("", "null", "null", "==")
	f.Add("go 1.22", "{}", `{"packages":{"":null}}`, "a==1==2")
	f.Fuzz(func(t *testing.T, mod, pkg, lock, req string) {
		before := tree("go.mod", "module m\n\ngo 1.22\n", "package.json", "{}", "package-lock.json", `{"packages":{"":{}}}`, "requirements.txt", "")
		after := tree("go.mod", mod, "package.json", pkg, "package-lock.json", lock, "requirements.txt", req)
		for _, l := range []task.Language{task.Go, task.JavaScript, task.Python} {
			c := grade.Case{
				Task: &task.Task{Language: l, Workspace: before}, Tree: after, Patch: task.Diff(before, after),
				Spec: task.Grader{Require: []string{"nowhere@v0.0.1"}}, // never there: the go command is not asked
			}
			if l == task.Go && strings.Contains(mod, "nowhere") {
				continue
			}
			v, err := Manifest{}.Grade(t.Context(), nil, c)
			if err != nil || v.Status == task.Fail && v.Reason == "" {
				t.Fatalf("%s: %v %q %v", l, v.Status, v.Reason, err)
			}
		}
	})
}

// A manifest that nobody can read is never one that is right.
func TestManifestOfAnotherLanguage(t *testing.T) {
	for _, l := range []task.Language{task.Rust, task.Java, task.C, task.Cpp} {
		_, err := Manifest{}.Grade(t.Context(), nil, grade.Case{Task: &task.Task{Language: l}})
		if err == nil || !strings.Contains(err.Error(), "manifests of "+string(l)+" are not known") {
			t.Errorf("%s: %v", l, err)
		}
	}
}
