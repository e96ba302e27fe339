// Package layers_test holds the import rule: imports run downward only. The
// layers are those of ARCHITECTURE.md.
package layers_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const root = "../.."

// layers are the trees of packages, from the top down. A package belongs to the
// first tree that holds it.
var layers = []struct {
	name  string
	trees []string
}{
	{"main", []string{"cmd", "bench", "scripts", "suite"}},
	{"faces", []string{"internal/ui", "internal/web"}},
	{"workflows", []string{"internal/run", "internal/check", "internal/report", "internal/mine", "internal/gate", "internal/attest", "internal/horizon", "internal/forecast"}},
	{"doers", []string{"internal/agent", "internal/grade", "internal/dispatch"}},
	{"tools", []string{"internal/sandbox", "internal/gateway", "internal/model", "internal/workspace", "internal/environment", "internal/dataset", "internal/runlog"}},
	{"ground", []string{"internal/task", "internal/stats"}},
}

// sideways are the imports within a layer that go from one tree to another, and
// why each is right.
var sideways = map[string]string{
	"cmd -> suite": "main hands the embedded suite on; nobody else knows it",
	"internal/environment -> internal/sandbox": "a tool chain is a layer of a box",
	"internal/gateway -> internal/model":       "the gateway passes calls to the providers that model knows",
}

func TestImportsRunDownward(t *testing.T) {
	seen := map[string]bool{}
	packages := 0
	each(t, func(file, pkg string, imports []string) {
		packages++
		from, fromTree := place(pkg)
		if from < 0 {
			t.Errorf("%s: package %s is in no layer; put it in its place in layers_test.go and ARCHITECTURE.md", file, pkg)
			return
		}
		for _, im := range imports {
			rel, ours := strings.CutPrefix(im, "metr/")
			if !ours {
				continue
			}
			to, toTree := place(rel)
			edge := fromTree + " -> " + toTree
			switch {
			case to < 0:
				t.Errorf("%s imports %s, which is in no layer", file, im)
			case toTree == "cmd" && fromTree != "cmd", toTree == "suite" && from > 0:
				t.Errorf("%s imports %s, which is for main alone", file, im)
			case to < from:
				t.Errorf("%s: %s imports upward: %s is of the %s", file, layers[from].name, im, layers[to].name)
			case to == from && fromTree != toTree && sideways[edge] == "":
				t.Errorf("%s imports sideways: %s, among the %s", file, edge, layers[from].name)
			case to == from && fromTree != toTree:
				seen[edge] = true
			}
		}
	})
	if packages < 50 {
		t.Errorf("only %d files were looked at", packages)
	}
	for edge := range sideways {
		if !seen[edge] {
			t.Errorf("the exception %q is not needed any more", edge)
		}
	}
}

// ground imports nothing of METR beyond itself, and does no I/O.
func TestGroundIsBare(t *testing.T) {
	each(t, func(file, pkg string, imports []string) {
		if pkg != "internal/task" && pkg != "internal/stats" {
			return
		}
		for _, im := range imports {
			if strings.HasPrefix(im, "metr/") && im != "metr/"+pkg || slices.Contains([]string{"os", "os/exec", "net", "net/http"}, im) {
				t.Errorf("%s imports %s", file, im)
			}
		}
	})
}

// What is made for one machine has no place in the project.
func TestNoMachinePaths(t *testing.T) {
	place := "/wor" + "k/"
	allowed := []string{"main", "shared"}
	err := walk(func(file string, data []byte) {
		for n, line := range strings.Split(string(data), "\n") {
			_, rest, ok := strings.Cut(line, place)
			if ok && slices.ContainsFunc(allowed, func(a string) bool { return strings.HasPrefix(rest, a+"/") || rest == a }) {
				t.Errorf("%s:%d names a folder of one machine", file, n+1)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// place is the layer of a package and the tree that holds it.
func place(pkg string) (layer int, tree string) {
	for i, l := range layers {
		for _, tr := range l.trees {
			if pkg == tr || strings.HasPrefix(pkg, tr+"/") {
				return i, tr
			}
		}
	}
	return -1, ""
}

// each tells f of every Go file of the product, tests left out.
func each(t *testing.T, f func(file, pkg string, imports []string)) {
	t.Helper()
	err := walk(func(file string, data []byte) {
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return
		}
		src, err := parser.ParseFile(token.NewFileSet(), file, data, parser.ImportsOnly)
		if err != nil {
			t.Error(err)
			return
		}
		if filepath.ToSlash(filepath.Dir(file)) == "internal/grade/oracle/golang/helper" {
			return // source that is handed to boxes, not a package of this program
		}
		var imports []string
		for _, im := range src.Imports {
			p, _ := strconv.Unquote(im.Path.Value)
			imports = append(imports, p)
		}
		f(file, filepath.ToSlash(filepath.Dir(file)), imports)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// walk reads the project's files; the tasks of suites are not its source.
func walk(f func(file string, data []byte)) error {
	return filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			built := filepath.Dir(p) == root && slices.Contains([]string{"bin", "scratch", "runs"}, name)
			if built || name == "testdata" || p != root && p != filepath.Join(root, ".ci") && strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
				return filepath.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		f(rel, data)
		return err
	})
}
