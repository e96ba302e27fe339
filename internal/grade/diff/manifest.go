package diff

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"metr/internal/grade"
	"metr/internal/sandbox"
	"metr/internal/task"
)

// Manifest asks that the dependencies in Require stand in the manifest and the
// lock file at that very version, and that neither changed otherwise.
type Manifest struct{}

// Grade reads go.mod and go.sum, or package.json and package-lock.json. For Go
// the go command says in a box whether they are tidy and complete.
func (Manifest) Grade(ctx context.Context, lab *grade.Lab, c grade.Case) (task.Verdict, error) {
	v := c.Verdict(task.Context, task.Static)
	var problem string
	var err error
	switch c.Task.Language {
	case task.Go:
		problem, err = goManifest(ctx, lab, c)
	case task.JavaScript, task.TypeScript:
		problem = npmManifest(c)
	case task.Python:
		problem = pipManifest(c)
	default:
		return v, fmt.Errorf("manifests of %s are not known", c.Task.Language)
	}
	if problem != "" {
		v.Status, v.Reason = task.Fail, grade.First(problem, 300)
	}
	return v, err
}

func goManifest(ctx context.Context, lab *grade.Lab, c grade.Case) (string, error) {
	start, err := modfile.Parse("go.mod", c.Task.Workspace["go.mod"].Data, nil)
	if err != nil {
		return "", fmt.Errorf("the workspace's %w", err)
	}
	now, err := modfile.Parse("go.mod", c.Tree["go.mod"].Data, nil)
	if err != nil {
		return err.Error(), nil
	}
	want, have := map[string]string{}, map[string]string{}
	for _, r := range start.Require {
		want[r.Mod.Path] = r.Mod.Version
	}
	for _, r := range c.Spec.Require {
		name, version, _ := strings.Cut(r, "@")
		want[name] = version
	}
	for _, r := range now.Require {
		have[r.Mod.Path] = r.Mod.Version
		if _, direct := want[r.Mod.Path]; direct && r.Indirect && slices.Contains(c.Spec.Require, r.Mod.String()) {
			return "go.mod: " + r.Mod.Path + " is marked indirect and is used directly", nil
		}
	}
	if p := unequal("go.mod", want, have); p != "" {
		return p, nil
	}
	if !slices.Equal(swaps(now), swaps(start)) {
		return "go.mod: replace or exclude lines were changed", nil
	}
	if head(now) != head(start) {
		return "go.mod: the module's path or Go version was changed", nil
	}
	box, tool, err := lab.Open(ctx, c.Task, c.Tree)
	if err != nil {
		return "", err
	}
	defer box.Close()
	for _, args := range [][]string{{"mod", "tidy", "-diff"}, {"mod", "verify"}} {
		r, err := sandbox.Exec(ctx, box, sandbox.Cmd{Args: append([]string{tool.Program}, args...), Dir: sandbox.Work, Env: tool.Env})
		if err != nil {
			return "", err
		}
		if !r.OK() {
			return fmt.Sprintf("go %s: %s", strings.Join(args, " "), firstLine(r.Stderr, r.Stdout)), nil
		}
	}
	return "", nil
}

// head is the module's path and Go version, either of which may be missing.
func head(f *modfile.File) [2]string {
	var out [2]string
	if f.Module != nil {
		out[0] = f.Module.Mod.Path
	}
	if f.Go != nil {
		out[1] = f.Go.Version
	}
	return out
}

// swaps lists the replace and exclude lines in order.
func swaps(f *modfile.File) []string {
	var out []string
	for _, r := range f.Replace {
		out = append(out, "replace "+r.Old.String()+" => "+r.New.String())
	}
	for _, e := range f.Exclude {
		out = append(out, "exclude "+e.Mod.String())
	}
	slices.Sort(out)
	return out
}

func firstLine(outs ...[]byte) string {
	for _, o := range outs {
		for line := range bytes.Lines(o) {
			if s := strings.TrimSpace(string(line)); s != "" && !strings.HasPrefix(s, "diff ") && !strings.HasPrefix(s, "---") && !strings.HasPrefix(s, "+++") {
				return s
			}
		}
	}
	return "failed"
}

// unequal names the first difference between two sets of requirements.
func unequal(file string, want, have map[string]string) string {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if have[name] != want[name] {
			if have[name] == "" {
				return fmt.Sprintf("%s: %s %s is missing", file, name, want[name])
			}
			return fmt.Sprintf("%s: %s is at %s, not %s", file, name, have[name], want[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(have)) {
		if _, ok := want[name]; !ok {
			return fmt.Sprintf("%s: %s was added and is not asked for", file, name)
		}
	}
	return ""
}

// npmPackage is what is compared of package.json and of a lock file's root.
type npmPackage struct {
	Dependencies    map[string]string `json:"dependencies"`
	DevDependencies map[string]string `json:"devDependencies"`
	Version         string            `json:"version"`
}

type npmLock struct {
	LockfileVersion int                        `json:"lockfileVersion"`
	Packages        map[string]json.RawMessage `json:"packages"`
}

func npmManifest(c grade.Case) string {
	var start, now, root npmPackage
	var lockStart, lock npmLock
	read := func(tree task.Tree, name string, v any) string {
		if err := json.Unmarshal(tree[name].Data, v); err != nil {
			return fmt.Sprintf("%s: %v", name, err)
		}
		return ""
	}
	for _, p := range []string{
		read(c.Task.Workspace, "package.json", &start), read(c.Tree, "package.json", &now),
		read(c.Task.Workspace, "package-lock.json", &lockStart), read(c.Tree, "package-lock.json", &lock),
	} {
		if p != "" {
			return p
		}
	}
	want := maps.Clone(start.Dependencies)
	if want == nil {
		want = map[string]string{}
	}
	for _, r := range c.Spec.Require {
		i := strings.LastIndex(r, "@")
		name, version := r[:i], r[i+1:]
		want[name] = version
		var entry npmPackage
		if raw, ok := lock.Packages["node_modules/"+name]; !ok {
			return fmt.Sprintf("package-lock.json: no entry for node_modules/%s", name)
		} else if json.Unmarshal(raw, &entry) != nil || entry.Version != version {
			return fmt.Sprintf("package-lock.json: %s is at %q, not %s", name, entry.Version, version)
		}
		// The version may be given exactly, or as a range that begins with it.
		if have := now.Dependencies[name]; have != "" && strings.TrimLeft(have, "^~=") == version {
			want[name] = have
		}
	}
	if p := unequal("package.json", want, now.Dependencies); p != "" {
		return p
	}
	if p := unequal("package.json", start.DevDependencies, now.DevDependencies); p != "" {
		return p
	}
	if err := json.Unmarshal(lock.Packages[""], &root); err != nil {
		return "package-lock.json: no entry for the package itself"
	}
	if !reflect.DeepEqual(root.Dependencies, now.Dependencies) {
		return "package-lock.json: its root does not list the dependencies of package.json"
	}
	for name := range lock.Packages {
		_, old := lockStart.Packages[name]
		asked := slices.ContainsFunc(c.Spec.Require, func(r string) bool { return name == "node_modules/"+r[:strings.LastIndex(r, "@")] })
		if !old && !asked {
			return fmt.Sprintf("package-lock.json: %s was added and is not asked for", name)
		}
	}
	return ""
}

// pipManifest reads requirements.txt: one NAME==VERSION a line.
func pipManifest(c grade.Case) string {
	want, problem := requirements(c.Task.Workspace)
	if problem != "" {
		return problem
	}
	have, problem := requirements(c.Tree)
	if problem != "" {
		return problem
	}
	for _, r := range c.Spec.Require {
		name, version, _ := strings.Cut(r, "@")
		want[name] = version
	}
	return unequal("requirements.txt", want, have)
}

func requirements(t task.Tree) (map[string]string, string) {
	out := map[string]string{}
	for line := range strings.Lines(string(t["requirements.txt"].Data)) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, version, ok := strings.Cut(line, "==")
		if !ok {
			return nil, fmt.Sprintf("requirements.txt: %q does not pin a version with ==", line)
		}
		out[strings.TrimSpace(name)] = strings.TrimSpace(version)
	}
	return out, ""
}
