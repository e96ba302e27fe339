package js

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// A Problem is one place where a source does not parse or bundle.
type Problem struct {
	File   string `json:"file"`
	Line   int    `json:"line"`   // from 1; 0 if it has no place
	Column int    `json:"column"` // from 1, in bytes
	Text   string `json:"text"`
}

func (p Problem) String() string {
	if p.Line == 0 {
		return p.Text
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Text)
}

// target is what the oldest node that subjects run on understands.
const target = api.ES2022

// Bundle turns the TypeScript files entries, paths relative to dir, into ES
// modules below out: entry src/a.ts becomes out/src/a.ts.mjs, which is where a
// subject looks for it. What several entries import is shared, so that they see
// the same state. Packages come from dir's node_modules; node's own modules stay
// imports. Types are dropped unchecked.
//
// An import of a file outside of dir, through symbolic links or not, is a
// problem. Its parser meets foreign source: it is to be run in a sandbox. The
// problems are the candidate's, the error is ours.
func Bundle(dir string, entries []string, out string) ([]Problem, error) {
	points := make([]api.EntryPoint, len(entries))
	for i, e := range entries {
		points[i] = api.EntryPoint{InputPath: "./" + filepath.ToSlash(e), OutputPath: filepath.ToSlash(e)}
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, err
	}
	r := api.Build(api.BuildOptions{
		AbsWorkingDir: dir, EntryPointsAdvanced: points, Outdir: out,
		Bundle: true, Splitting: true, Format: api.FormatESModule, Platform: api.PlatformNode, Target: target,
		Plugins:      []api.Plugin{within(dir)},
		OutExtension: map[string]string{".js": ".mjs"}, LogLevel: api.LogLevelSilent, LogLimit: 20, KeepNames: true,
		// Modules in CommonJS that are bundled may require node's own.
		Banner: map[string]string{"js": `import { createRequire as metr$require } from "node:module"; const require = metr$require(import.meta.url);`},
	})
	if len(r.Errors) > 0 {
		return problems(r.Errors), nil
	}
	for _, f := range r.OutputFiles {
		if err := os.MkdirAll(filepath.Dir(f.Path), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(f.Path, f.Contents, 0o644); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// within refuses to load files that do not lie below dir, whose own path has no
// symbolic link.
func within(dir string) api.Plugin {
	return api.Plugin{Name: "within", Setup: func(b api.PluginBuild) {
		b.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: "file"}, func(a api.OnLoadArgs) (api.OnLoadResult, error) {
			real, err := filepath.EvalSymlinks(a.Path)
			if err != nil {
				return api.OnLoadResult{}, err
			}
			if real != dir && !strings.HasPrefix(real, dir+string(filepath.Separator)) {
				return api.OnLoadResult{}, fmt.Errorf("%s is outside of the workspace", a.Path)
			}
			return api.OnLoadResult{}, nil // esbuild loads it
		})
	}}
}

// Check parses a source without running or resolving anything. name says by its
// extension what it is (.js .mjs .cjs .jsx .ts .mts .cts .tsx) and stands in the
// problems, of which there are at most 20.
func Check(name string, src []byte) []Problem {
	loader := api.LoaderJS
	switch ext := strings.ToLower(filepath.Ext(name)); ext {
	case ".ts", ".mts", ".cts":
		loader = api.LoaderTS
	case ".tsx":
		loader = api.LoaderTSX
	case ".jsx":
		loader = api.LoaderJSX
	}
	r := api.Transform(string(src), api.TransformOptions{
		Sourcefile: name, Loader: loader, LogLevel: api.LogLevelSilent, LogLimit: 20, TsconfigRaw: `{}`,
	})
	return problems(r.Errors)
}

func problems(ms []api.Message) []Problem {
	out := make([]Problem, 0, len(ms))
	for _, m := range ms {
		p := Problem{Text: m.Text}
		if l := m.Location; l != nil {
			p.File, p.Line, p.Column = l.File, l.Line, l.Column+1
		}
		out = append(out, p)
	}
	return out
}
