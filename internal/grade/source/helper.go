package source

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/scanner"
	"go/token"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"metr/internal/grade"
	"metr/internal/grade/oracle/js"
	"metr/internal/grade/program"
	"metr/internal/sandbox"
	"metr/internal/task"
)

// The first argument of this program when a box runs it as a helper: as the
// inspector, with the language after it and paths on standard input, as the
// bundler of TypeScript, with the folder to write to and the entries after it, or
// as its transpiler, with files after it whose JavaScript is printed as a JSON list.
const (
	inspectArg   = "metr-inspect"
	bundleArg    = "metr-bundle"
	transpileArg = "metr-transpile"
)

// Helper becomes the helper if the program was started as one and then never
// returns; otherwise it does nothing.
func Helper() {
	if len(os.Args) < 3 {
		return
	}
	var err error
	switch os.Args[1] {
	case inspectArg:
		err = help(task.Language(os.Args[2]), os.Stdin, os.Stdout)
	case bundleArg:
		var ps []js.Problem
		if ps, err = js.Bundle(".", os.Args[3:], os.Args[2]); err == nil && len(ps) > 0 {
			err = errors.New(ps[0].String())
		}
	case transpileArg:
		err = transpile(os.Args[2:], os.Stdout)
	default:
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// Bundle bundles TypeScript entries of tree, in a box of its own since that
// holds this program, and returns what was written: entry src/a.ts becomes
// src/a.ts.mjs. Entries that do not bundle are missing; why says what was wrong.
func Bundle(ctx context.Context, lab *grade.Lab, t *task.Task, tree task.Tree, entries []string) (out task.Tree, why string, err error) {
	box, err := lab.Backend.Open(ctx, sandbox.Spec{Limits: t.Limits, Self: true})
	if err != nil {
		return nil, "", err
	}
	defer box.Close()
	if err := box.Put(ctx, sandbox.Work, tree); err != nil {
		return nil, "", err
	}
	args := append([]string{box.Path(sandbox.Self), bundleArg, box.Path("/tmp/bundles")}, entries...)
	r, err := sandbox.Exec(ctx, box, sandbox.Cmd{Args: args, Dir: sandbox.Work})
	if err == nil && r.End == sandbox.NotStarted {
		err = fmt.Errorf("the bundler cannot be started: %s", r.Stderr)
	}
	if err != nil {
		return nil, "", err
	}
	if !r.OK() {
		why = lastLine(r.Stderr)
	}
	out, err = box.Get(ctx, "/tmp/bundles", 64<<20)
	if errors.Is(err, sandbox.ErrTooLarge) {
		return nil, "the bundle is larger than 64 MiB", nil
	}
	return out, why, err
}

// Transpile makes JavaScript, in CommonJS, of TypeScript sources, types dropped
// unchecked, in a box of its own since that holds this program. why says what is
// wrong with them.
func Transpile(ctx context.Context, lab *grade.Lab, t *task.Task, sources ...string) (out []string, why string, err error) {
	box, err := lab.Backend.Open(ctx, sandbox.Spec{Limits: t.Limits, Self: true})
	if err != nil {
		return nil, "", err
	}
	defer box.Close()
	files := task.Tree{}
	args := []string{box.Path(sandbox.Self), transpileArg}
	for i, src := range sources {
		name := fmt.Sprintf("%d.ts", i)
		files[name] = task.File{Mode: 0o644, Data: []byte(src)}
		args = append(args, name)
	}
	if err := box.Put(ctx, sandbox.Work, files); err != nil {
		return nil, "", err
	}
	r, err := sandbox.Exec(ctx, box, sandbox.Cmd{Args: args, Dir: sandbox.Work, Limits: task.Limits{Output: 32 << 20}})
	switch {
	case err != nil:
		return nil, "", err
	case r.End == sandbox.NotStarted:
		return nil, "", fmt.Errorf("the transpiler cannot be started: %s", r.Stderr)
	case !r.OK():
		return nil, grade.First(lastLine(r.Stderr), 200), nil
	case json.Unmarshal(r.Stdout, &out) != nil || len(out) != len(sources):
		return nil, "the source cannot be read", nil
	}
	return out, "", nil
}

func transpile(files []string, w io.Writer) error {
	out := make([]string, len(files))
	for i, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		r := api.Transform(string(src), api.TransformOptions{Sourcefile: f, Loader: api.LoaderTS, Format: api.FormatCommonJS, Target: api.ES2022, LogLevel: api.LogLevelSilent, TsconfigRaw: "{}"})
		if len(r.Errors) > 0 {
			m := r.Errors[0]
			if m.Location == nil {
				return errors.New(m.Text)
			}
			return fmt.Errorf("%d:%d: %s", m.Location.Line, m.Location.Column+1, m.Text)
		}
		out[i] = string(r.Code)
	}
	return json.NewEncoder(w).Encode(out)
}

func help(l task.Language, in io.Reader, out io.Writer) error {
	var files []string
	if err := json.NewDecoder(in).Decode(&files); err != nil {
		return err
	}
	reports := map[string]Report{}
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		switch {
		case l == task.Go:
			reports[f] = inspectGo(f, src)
		case program.Builds(l):
			reports[f] = inspectCurly(l, src)
		default:
			reports[f] = inspectJS(f, src)
		}
	}
	return json.NewEncoder(out).Encode(reports)
}

func inspectGo(name string, src []byte) Report {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
	if err != nil {
		var list scanner.ErrorList
		if errors.As(err, &list) && len(list) > 0 {
			return Report{Error: fmt.Sprintf("%d:%d: %s", list[0].Pos.Line, list[0].Pos.Column, list[0].Msg)}
		}
		return Report{Error: "0:0: " + err.Error()}
	}
	var r Report
	if clean, err := format.Source(src); err != nil || !bytes.Equal(clean, src) {
		r.Format = firstDifference(src, clean) + ": gofmt would change it"
	}
	add := func(kind string, ids ...*ast.Ident) {
		for _, id := range ids {
			r.Names = append(r.Names, Name{id.Name, kind, fset.Position(id.Pos()).Line})
		}
	}
	imports := map[string]string{}
	for _, im := range file.Imports {
		p := strings.Trim(im.Path.Value, `"`)
		local := path.Base(p)
		if im.Name != nil {
			local = im.Name.Name
		}
		imports[local] = path.Base(p)
		r.Uses = append(r.Uses, p)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			r.Idents = append(r.Idents, n.Name)
		case *ast.FuncDecl:
			kind := "function"
			if n.Recv != nil {
				kind = "method"
			}
			add(kind, n.Name)
		case *ast.TypeSpec:
			add("type", n.Name)
		case *ast.ValueSpec:
			add("variable", n.Names...)
		case *ast.Field:
			add("parameter", n.Names...)
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, l := range n.Lhs {
					if id, ok := l.(*ast.Ident); ok {
						add("variable", id)
					}
				}
			}
		case *ast.SelectorExpr:
			if d := dotted(n); d != "" {
				head, rest, _ := strings.Cut(d, ".")
				if pkg, ok := imports[head]; ok {
					d = pkg + "." + rest
				}
				r.Uses = append(r.Uses, d)
			}
		}
		return true
	})
	slices.Sort(r.Uses)
	r.Uses = slices.Compact(r.Uses)
	slices.Sort(r.Idents)
	r.Idents = slices.Compact(r.Idents)
	return r
}

func dotted(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		if x := dotted(e.X); x != "" {
			return x + "." + e.Sel.Name
		}
	}
	return ""
}

// firstDifference is the number of the first line that differs.
func firstDifference(a, b []byte) string {
	x, y := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	for i := range x {
		if i >= len(y) || !bytes.Equal(x[i], y[i]) {
			return fmt.Sprint(i + 1)
		}
	}
	return fmt.Sprint(len(x))
}
