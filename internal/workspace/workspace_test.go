package workspace

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"metr/internal/task"
)

func file(s string) task.File { return task.File{Mode: 0o644, Data: []byte(s)} }

func base() task.Tree {
	return task.Tree{
		"a.txt":     file("one\ntwo\nthree\nfour\nfive\n"),
		"crlf.txt":  file("one\r\ntwo\r\n"),
		"noend.txt": file("one\ntwo"),
		"run.sh":    {Mode: 0o755, Data: []byte("echo\n")},
		"dir/b.txt": file("b\n"),
		"link":      {Mode: 0o777, Link: "a.txt"},
		"bin":       file("\x00\x01\x02"),
	}
}

// entry is the head of one file's entry in a git diff.
func entry(path string) string { return "diff --git a/" + path + " b/" + path + "\n" }

func hunk(path, h string) string {
	return entry(path) + "--- a/" + path + "\n+++ b/" + path + "\n" + h
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		name, diff string
		want       func(task.Tree)
	}{
		{"empty", " \n", func(task.Tree) {}},
		{"change", hunk("a.txt", "@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n"), func(w task.Tree) { w["a.txt"] = file("one\n2\nthree\nfour\nfive\n") }},
		{"last line break lost", strings.TrimSuffix(hunk("a.txt", "@@ -1,2 +1,2 @@\n one\n-two\n+2\n"), "\n"), func(w task.Tree) { w["a.txt"] = file("one\n2\nthree\nfour\nfive\n") }},
		{"at another line", hunk("a.txt", "@@ -1,2 +1,2 @@\n four\n-five\n+5\n"), func(w task.Tree) { w["a.txt"] = file("one\ntwo\nthree\nfour\n5\n") }},
		{"beyond the end", hunk("a.txt", "@@ -90,2 +90,2 @@\n one\n-two\n+2\n"), func(w task.Tree) { w["a.txt"] = file("one\n2\nthree\nfour\nfive\n") }},
		{"without git's head", "--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n", func(w task.Tree) { w["a.txt"] = file("one\n2\nthree\nfour\nfive\n") }},
		{"words before it", "Here it is:\n\n" + hunk("a.txt", "@@ -1,2 +1,1 @@\n one\n-two\n"), func(w task.Tree) { w["a.txt"] = file("one\nthree\nfour\nfive\n") }},
		{"CRLF", hunk("crlf.txt", "@@ -1,2 +1,2 @@\n one\r\n-two\r\n+2\r\n"), func(w task.Tree) { w["crlf.txt"] = file("one\r\n2\r\n") }},
		{"no line end", hunk("noend.txt", "@@ -1,2 +1,2 @@\n one\n-two\n\\ No newline at end of file\n+2\n\\ No newline at end of file\n"), func(w task.Tree) { w["noend.txt"] = file("one\n2") }},
		{"new", entry("n/x") + "new file mode 100755\n--- /dev/null\n+++ b/n/x\n@@ -0,0 +1 @@\n+x\n", func(w task.Tree) { w["n/x"] = task.File{Mode: 0o755, Data: []byte("x\n")} }},
		{"new, empty", entry("e") + "new file mode 100644\nindex 0000000..e69de29\n", func(w task.Tree) { w["e"] = file("") }},
		{"deleted", entry("dir/b.txt") + "deleted file mode 100644\n--- a/dir/b.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-b\n", func(w task.Tree) { delete(w, "dir/b.txt") }},
		{"renamed", "diff --git a/a.txt b/z.txt\nsimilarity index 100%\nrename from a.txt\nrename to z.txt\n", func(w task.Tree) { w["z.txt"] = w["a.txt"]; delete(w, "a.txt") }},
		{"copied", "diff --git a/a.txt b/z.txt\nsimilarity index 100%\ncopy from a.txt\ncopy to z.txt\n", func(w task.Tree) { w["z.txt"] = w["a.txt"] }},
		{"mode", entry("a.txt") + "old mode 100644\nnew mode 100755\n", func(w task.Tree) { f := w["a.txt"]; f.Mode = 0o755; w["a.txt"] = f }},
		{"mode is kept", hunk("run.sh", "@@ -1 +1 @@\n-echo\n+echo hi\n"), func(w task.Tree) { w["run.sh"] = task.File{Mode: 0o755, Data: []byte("echo hi\n")} }},
		{"new link", entry("l") + "new file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+dir/b.txt\n\\ No newline at end of file\n", func(w task.Tree) { w["l"] = task.File{Mode: 0o777, Link: "dir/b.txt"} }},
		{"name in quotes", entry(`x`)[:11] + "\"a/\\303\\244\" \"b/\\303\\244\"\nnew file mode 100644\n--- /dev/null\n+++ \"b/\\303\\244\"\n@@ -0,0 +1 @@\n+x\n", func(w task.Tree) { w["ä"] = file("x\n") }},
		{"file becomes folder", entry("run.sh") + "deleted file mode 100755\n--- a/run.sh\n+++ /dev/null\n@@ -1 +0,0 @@\n-echo\n" +
			entry("run.sh/x") + "new file mode 100644\n--- /dev/null\n+++ b/run.sh/x\n@@ -0,0 +1 @@\n+x\n", func(w task.Tree) { delete(w, "run.sh"); w["run.sh/x"] = file("x\n") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := Parse(base(), c.diff)
			if err != nil {
				t.Fatal(err)
			}
			want := base()
			c.want(want)
			got, err := base().Apply(p)
			if err != nil {
				t.Fatal(err)
			}
			if d := task.Diff(want, got); !d.Empty() {
				t.Errorf("differs from what was expected by %+v", d)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	add := func(path, mode, line string) string {
		return entry(path) + "new file mode " + mode + "\n--- /dev/null\n+++ b/" + path + "\n@@ -0,0 +1 @@\n+" + line + "\n\\ No newline at end of file\n"
	}
	for _, c := range []struct{ name, diff, want string }{
		{"prose", "I changed nothing.\n", "no diff in it"},
		{"context", hunk("a.txt", "@@ -1,2 +1,2 @@\n zero\n-two\n+2\n"), `"a.txt": hunk 1, at line 1, does not match the file`},
		{"LF for CRLF", hunk("crlf.txt", "@@ -1,2 +1,2 @@\n one\n-two\n+2\n"), "does not match"},
		{"missing file", hunk("gone", "@@ -1 +1 @@\n-x\n+y\n"), `there is no file "gone"`},
		{"exists", add("a.txt", "100644", "x"), `"a.txt" exists already`},
		{"rename over", "diff --git a/a.txt b/bin\nsimilarity index 100%\nrename from a.txt\nrename to bin\n", `"bin" exists already`},
		{"truncated", hunk("a.txt", "@@ -1,3 +1,3 @@\n one\n-two\n"), "broken"},
		{"counts", hunk("a.txt", "@@ -1,9 +1,9 @@\n one\n-two\n+2\n"), "broken"},
		{"binary without bytes", entry("bin") + "index 1..2 100644\nBinary files a/bin and b/bin differ\n", "git diff --binary"},
		{"submodule", add("s", "160000", "Subproject commit 1"), "neither a file nor a symbolic link"},
		{"up", add("../x", "100644", "x"), "not a path inside"},
		{"absolute", "diff --git a//etc/x b//etc/x\nnew file mode 100644\n--- /dev/null\n+++ /etc/x\n@@ -0,0 +1 @@\n+x\n", "does not apply"},
		{"git", add(".git/config", "100644", "x"), "touches .git"},
		{"Git", add("sub/.GIT/config", "100644", "x"), "touches .git"},
		{"through a link", add("link/x", "100644", "x"), "goes through the symbolic link"},
		{"through a new link", add("l", "120000", "dir") + add("l/x", "100644", "x"), "goes through the symbolic link"},
		{"link out", add("l", "120000", "../../etc/passwd"), "points outside"},
		{"below a file", add("a.txt/x", "100644", "x"), "is a file, not a folder"},
		{"deletes half", entry("a.txt") + "deleted file mode 100644\n--- a/a.txt\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-one\n-two\n", "still has content"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := Parse(base(), c.diff)
			if !errors.Is(err, ErrDoesNotApply) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("patch %+v, error %v; expected %q", p, err, c.want)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("the message is not one line: %q", err)
			}
		})
	}
}

// TestUnifiedReadsBack shows that Unified and Parse are each other's inverse
// for text, links and modes.
func TestUnifiedReadsBack(t *testing.T) {
	to := task.Tree{
		"a.txt":       file("one\n2\nthree\nfour\nfive\nsix"),
		"crlf.txt":    file("one\r\n2\r\n"),
		"noend.txt":   file("one\ntwo\n"),
		"run.sh":      {Mode: 0o644, Data: []byte("echo\n")},
		"dir/b.txt":   {Mode: 0o777, Link: "../a.txt"},
		"link":        {Mode: 0o777, Link: "crlf.txt"},
		"bin":         file("\x00\x01\x02"),
		"with space":  file("x\n"),
		"ä\t\"q\"":    file("x\n"),
		"empty":       file(""),
		"new/deep.go": {Mode: 0o755, Data: []byte("package x\n")},
	}
	p := task.Diff(base(), to)
	diff := Unified(base(), p)
	back, err := Parse(base(), diff)
	if err != nil {
		t.Fatalf("%v\n%s", err, diff)
	}
	got, err := base().Apply(back)
	if err != nil {
		t.Fatal(err)
	}
	if d := task.Diff(to, got); !d.Empty() {
		t.Errorf("lost on the way: %+v\n%s", d, diff)
	}
	if s := Unified(base(), task.Patch{}); s != "" {
		t.Errorf("the empty patch is shown as %q", s)
	}
	bin := Unified(base(), task.Patch{Changes: []task.Change{{Path: "bin", Mode: 0o644, Data: []byte{0, 9}}}})
	if !strings.Contains(bin, "Binary files a/bin and b/bin differ") {
		t.Errorf("binary change shown as %q", bin)
	}
}

// TestAgainstGit lets git make the diffs, binary ones too, and apply ours.
func TestAgainstGit(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("git is not installed")
	}
	run := func(dir string, args ...string) string {
		t.Helper()
		cmd := exec.Command(git, append([]string{"-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "core.autocrlf=false"}, args...)...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("git %v: %v: %s", args, err, err.(*exec.ExitError).Stderr)
		}
		return string(out)
	}
	from, to := base(), base()
	delete(to, "a.txt")
	to["moved/a.txt"] = file("one\ntwo\nthree\n4\nfive\n")
	to["bin"] = file("\x00\x01\x02\x03" + strings.Repeat("\xff\x00", 300))
	to["newbin"] = file("\x00\xfe")
	to["crlf.txt"] = file("1\r\ntwo\r\n")
	to["run.sh"] = task.File{Mode: 0o644, Data: []byte("echo\n")}
	to["link"] = task.File{Mode: 0o777, Link: "crlf.txt"}
	to["ünï cödé"] = file("x\n")

	dir := t.TempDir()
	run(dir, "init", "-q")
	write(t, dir, from)
	run(dir, "add", "-A")
	run(dir, "commit", "-qm", "from")
	write(t, dir, to)
	os.Remove(filepath.Join(dir, "a.txt"))
	run(dir, "add", "-A")
	diff := run(dir, "diff", "--cached", "--binary", "-M")
	p, err := Parse(from, diff)
	if err != nil {
		t.Fatalf("%v\n%s", err, diff)
	}
	if got, _ := from.Apply(p); !task.Diff(to, got).Empty() {
		t.Errorf("git's diff was read as %+v", p)
	}

	run(dir, "reset", "-q", "--hard")
	delete(to, "newbin")
	to["bin"] = from["bin"]
	ours := filepath.Join(t.TempDir(), "ours.diff")
	if err := os.WriteFile(ours, []byte(Unified(from, task.Diff(from, to))), 0o644); err != nil {
		t.Fatal(err)
	}
	run(dir, "apply", "--index", ours)
	again := run(dir, "diff", "--cached", "--binary", "--no-renames")
	p, err = Parse(from, again)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := from.Apply(p); !task.Diff(to, got).Empty() {
		t.Errorf("git made of our diff %+v", task.Diff(to, got))
	}
}

func write(t *testing.T, dir string, tree task.Tree) {
	t.Helper()
	for _, name := range tree.Paths() {
		f, p := tree[name], filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		os.Remove(p)
		var err error
		if f.Link != "" {
			err = os.Symlink(f.Link, p)
		} else {
			err = os.WriteFile(p, f.Data, f.Mode)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(hunk("a.txt", "@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n"))
	f.Add(entry("bin") + "index 1..2 100644\nGIT binary patch\nliteral 3\nKcmZQzWMT#Y01f~L\n\nliteral 0\nHcmV?d00001\n\n")
	f.Add("diff --git a/a.txt b/z.txt\nsimilarity index 50%\nrename from a.txt\nrename to z.txt\n--- a/a.txt\n+++ b/z.txt\n@@ -5 +5 @@\n-five\n+5\n")
	f.Add(entry("l") + "new file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+../..\n\\ No newline at end of file\n")
	f.Fuzz(func(t *testing.T, diff string) {
		p, err := Parse(base(), diff)
		if err != nil {
			if !errors.Is(err, ErrDoesNotApply) {
				t.Fatalf("error of another kind: %v", err)
			}
			return
		}
		if _, err := base().Apply(p); err != nil {
			t.Fatalf("Parse let through what Apply refuses: %v", err)
		}
		Unified(base(), p)
	})
}

func FuzzUnified(f *testing.F) {
	f.Add("one\ntwo\n", "one\n2\n")
	f.Add("", "x")
	f.Add("a\r\nb", "a\nb\r\n")
	f.Fuzz(func(t *testing.T, old, new string) {
		from, to := task.Tree{"f": file(old)}, task.Tree{"f": file(new)}
		if !isText([]byte(old)) || !isText([]byte(new)) {
			return
		}
		diff := Unified(from, task.Diff(from, to))
		p, err := Parse(from, diff)
		if err != nil {
			t.Fatalf("%q to %q: %v\n%s", old, new, err, diff)
		}
		if got, _ := from.Apply(p); string(got["f"].Data) != new {
			t.Fatalf("%q to %q came back as %q", old, new, got["f"].Data)
		}
	})
}

// TestDeleteWithoutLines holds that a diff may not delete what it does not show.
func TestDeleteWithoutLines(t *testing.T) {
	_, err := Parse(base(), entry("a.txt")+"deleted file mode 100644\n")
	if !errors.Is(err, ErrDoesNotApply) || !strings.Contains(err.Error(), "not all of its lines") {
		t.Errorf("error %v", err)
	}
}
