package task

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
)

// file is task.toml.
type file struct {
	ID                 string        `toml:"id"`
	Version            int           `toml:"version"`
	Title              string        `toml:"title"`
	Kind               Kind          `toml:"kind"`
	Language           Language      `toml:"language"`
	HumanMinutes       float64       `toml:"human_minutes"`
	HumanMinutesSource string        `toml:"human_minutes_source"`
	Licence            string        `toml:"licence"`
	Created            string        `toml:"created"`
	Canary             string        `toml:"canary"`
	Limits             fileLimits    `toml:"limits"`
	Graders            []Grader      `toml:"graders"`
	Solution           fileSolution  `toml:"solution"`
	Wrong              []fileVariant `toml:"wrong"`
	Alternative        []fileVariant `toml:"alternative"`
}

type fileLimits struct {
	CPUS     float64 `toml:"cpu_s"`
	WallS    float64 `toml:"wall_s"`
	MemoryMB int64   `toml:"memory_mb"`
}

type fileSolution struct {
	Delete []string `toml:"delete"`
}

type fileVariant struct {
	Name   string   `toml:"name"`
	Grader string   `toml:"grader"`
	Label  Label    `toml:"label"`
	Why    string   `toml:"why"`
	Delete []string `toml:"delete"`
}

// wrongType is what go-toml says of a value that a field does not take: the
// TOML type and the Go type.
var wrongType = regexp.MustCompile(`cannot decode TOML (\S+) into .* of type (\S+)$`)

// decode reads a task.toml strictly: an unknown key, a missing one or a value
// out of range is an error that names the line or the key.
func decode(data []byte) (*file, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("task.toml: not valid UTF-8")
	}
	var f file
	d := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		var strict *toml.StrictMissingError
		if errors.As(err, &strict) && len(strict.Errors) > 0 {
			row, _ := strict.Errors[0].Position()
			return nil, fmt.Errorf("task.toml:%d: unknown key %q", row, strings.Join(strict.Errors[0].Key(), "."))
		}
		var de *toml.DecodeError
		if errors.As(err, &de) {
			row, _ := de.Position()
			if m := wrongType.FindStringSubmatch(de.Error()); m != nil {
				return nil, fmt.Errorf("task.toml:%d: %s: expected %s, found a TOML %s", row, strings.Join(de.Key(), "."), m[2], m[1])
			}
			return nil, fmt.Errorf("task.toml:%d: %s", row, strings.TrimPrefix(de.Error(), "toml: "))
		}
		return nil, fmt.Errorf("task.toml: %s", strings.TrimPrefix(err.Error(), "toml: "))
	}
	return &f, f.check()
}

func (f *file) check() error {
	need := func(ok bool, format string, args ...any) error {
		if ok {
			return nil
		}
		return fmt.Errorf("task.toml: "+format, args...)
	}
	errs := []error{
		need(f.ID != "" && !strings.ContainsAny(f.ID, "/ :*\n"), "id %q: expected a name without spaces, slashes, colons and stars", f.ID),
		need(f.Version > 0, "version: expected a number from 1"),
		need(f.Title != "", "title is missing"),
		need(slices.Contains(Kinds, f.Kind), "kind %q: expected one of %v", f.Kind, Kinds),
		need(slices.Contains(Languages, f.Language), "language %q: expected one of %v", f.Language, Languages),
		need(f.HumanMinutes > 0, "human_minutes: expected a number above 0"),
		need(f.HumanMinutesSource != "", "human_minutes_source is missing: say where the figure comes from"),
		need(f.Licence != "", "licence is missing"),
		need(f.Canary != "", "canary is missing: a string that is found nowhere else"),
		need(f.Limits.CPUS >= 0 && f.Limits.WallS >= 0 && f.Limits.MemoryMB >= 0, "limits: expected numbers from 0"),
		need(slices.ContainsFunc(f.Graders, func(g Grader) bool { return g.Required }), "graders: none is required, so nothing could decide"),
	}
	if _, err := time.Parse(time.DateOnly, f.Created); err != nil {
		errs = append(errs, fmt.Errorf("task.toml: created %q: expected YYYY-MM-DD", f.Created))
	}
	seen := map[string]bool{}
	for _, g := range f.Graders {
		errs = append(errs, need(g.Name != "" && !seen[g.Name], "graders: name %q is empty or occurs twice", g.Name))
		seen[g.Name] = true
	}
	for _, w := range f.Wrong {
		errs = append(errs,
			need(seen[w.Grader], "wrong %q: grader %q is not one of the task's graders", w.Name, w.Grader),
			need(w.Label == "" || slices.Contains(Labels, w.Label), "wrong %q: label %q: expected one of %v", w.Name, w.Label, Labels))
	}
	for _, v := range slices.Concat(f.Wrong, f.Alternative) {
		errs = append(errs, need(fs.ValidPath(v.Name) && v.Name != ".", "variant name %q: expected the name of its folder", v.Name))
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Load reads the task in folder dir of fsys: see docs/tasks.md for the layout. A
// file name's trailing ".embed" is dropped, so that go.mod files can be embedded.
func Load(fsys fs.FS, dir string) (*Task, error) {
	t, err := load(fsys, dir)
	if err != nil {
		return nil, fmt.Errorf("task %s: %w", dir, err)
	}
	return t, nil
}

func load(fsys fs.FS, dir string) (*Task, error) {
	raw, err := fs.ReadFile(fsys, path.Join(dir, "task.toml"))
	if err != nil {
		return nil, fmt.Errorf("task.toml cannot be read: %w", err)
	}
	f, err := decode(raw)
	if err != nil {
		return nil, err
	}
	text, err := fs.ReadFile(fsys, path.Join(dir, "instruction.md"))
	if err != nil {
		return nil, fmt.Errorf("instruction.md cannot be read: %w", err)
	}
	t := &Task{
		ID: f.ID, Version: f.Version, Title: f.Title, Kind: f.Kind, Language: f.Language,
		HumanMinutes: f.HumanMinutes, HumanMinutesSource: f.HumanMinutesSource, Licence: f.Licence,
		Created: f.Created, Canary: f.Canary, Instruction: string(text), Graders: f.Graders,
		Limits: Limits{
			CPU:    time.Duration(f.Limits.CPUS * float64(time.Second)),
			Wall:   time.Duration(f.Limits.WallS * float64(time.Second)),
			Memory: f.Limits.MemoryMB << 20,
		},
	}
	trees := map[string]*Tree{"workspace": &t.Workspace, "tests": &t.Tests, "deps": &t.Deps}
	for name, dst := range trees {
		if *dst, err = ReadTree(fsys, path.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	if len(t.Workspace) == 0 {
		return nil, errors.New("workspace is missing or empty")
	}
	if t.Solution, err = t.overlay(fsys, path.Join(dir, "solution"), f.Solution.Delete); err != nil {
		return nil, err
	}
	for _, v := range f.Wrong {
		p, err := t.overlay(fsys, path.Join(dir, "wrong", v.Name), v.Delete)
		if err != nil {
			return nil, err
		}
		t.Wrong = append(t.Wrong, Variant{Name: v.Name, Why: v.Why, Grader: v.Grader, Label: v.Label, Patch: p})
	}
	for _, v := range f.Alternative {
		p, err := t.overlay(fsys, path.Join(dir, "alternative", v.Name), v.Delete)
		if err != nil {
			return nil, err
		}
		t.Alternative = append(t.Alternative, Variant{Name: v.Name, Why: v.Why, Patch: p})
	}
	return t, t.strays(fsys, dir)
}

// strays refuses folders of answers that task.toml does not name: they would
// silently be no part of the task.
func (t *Task) strays(fsys fs.FS, dir string) error {
	known := map[string][]Variant{"wrong": t.Wrong, "alternative": t.Alternative}
	for kind, vs := range known {
		es, err := fs.ReadDir(fsys, path.Join(dir, kind))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for _, e := range es {
			if !slices.ContainsFunc(vs, func(v Variant) bool { return v.Name == e.Name() }) {
				return fmt.Errorf("task.toml: folder %s/%s has no [[%s]] entry", kind, e.Name(), kind)
			}
		}
	}
	return nil
}

// overlay is the patch that lays the files of dir over the workspace and
// removes the files named.
func (t *Task) overlay(fsys fs.FS, dir string, remove []string) (Patch, error) {
	over, err := ReadTree(fsys, dir)
	if err != nil {
		return Patch{}, err
	}
	if len(over) == 0 && len(remove) == 0 {
		return Patch{}, fmt.Errorf("folder %s is missing or empty", dir)
	}
	end := t.Workspace.Clone()
	for p, f := range over {
		end[p] = f
	}
	for _, p := range remove {
		if _, ok := t.Workspace[p]; !ok {
			return Patch{}, fmt.Errorf("%s: delete %q: no such file in the workspace", dir, p)
		}
		delete(end, p)
	}
	p := Diff(t.Workspace, end)
	if p.Empty() {
		return Patch{}, fmt.Errorf("folder %s changes nothing in the workspace", dir)
	}
	return p, nil
}

// ReadTree reads the files below dir; a folder that does not exist is an empty
// tree.
func ReadTree(fsys fs.FS, dir string) (Tree, error) {
	t := Tree{}
	err := fs.WalkDir(fsys, dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			if p == dir && errors.Is(err, fs.ErrNotExist) {
				return fs.SkipAll
			}
			return err
		}
		if d.IsDir() {
			if d.Name() == "__pycache__" {
				return fs.SkipDir
			}
			return nil
		}
		rel := strings.TrimPrefix(p, dir+"/")
		if dir == "." {
			rel = p
		}
		if d.Type()&fs.ModeSymlink != 0 {
			to, err := fs.ReadLink(fsys, p)
			if err != nil {
				return err
			}
			t[rel] = File{Mode: 0o777, Link: to}
			return nil
		}
		data, err := fs.ReadFile(fsys, p)
		if err != nil {
			return err
		}
		mode := fs.FileMode(0o644)
		if st, err := d.Info(); err == nil && st.Mode()&0o111 != 0 || bytes.HasPrefix(data, []byte("#!")) {
			mode = 0o755 // embed keeps no modes: a script is told by its first line
		}
		t[strings.TrimSuffix(rel, ".embed")] = File{Mode: mode, Data: data}
		return nil
	})
	return t, err
}

// LoadSuite reads every task folder of dir, in order of name.
func LoadSuite(fsys fs.FS, dir, name string) (*Suite, error) {
	es, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil, fmt.Errorf("suite %s: %w", name, err)
	}
	s := &Suite{Name: name}
	if slices.ContainsFunc(es, func(e fs.DirEntry) bool { return e.Name() == "task.toml" }) {
		t, err := Load(fsys, dir)
		if err != nil {
			return nil, err
		}
		s.Tasks = append(s.Tasks, t)
		return s, nil
	}
	for _, e := range es {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		t, err := Load(fsys, path.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		s.Tasks = append(s.Tasks, t)
	}
	if len(s.Tasks) == 0 {
		return nil, fmt.Errorf("suite %s: no task: expected folders that hold a task.toml", name)
	}
	return s, s.CheckIDs()
}
