package task

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// File is one file of a Tree.
type File struct {
	Mode fs.FileMode // permission bits
	Data []byte
	Link string // target, for a symbolic link; Data is empty then
}

// Tree is a small set of files by slash-separated relative path.
type Tree map[string]File

// Paths lists the tree's paths in order.
func (t Tree) Paths() []string {
	out := make([]string, 0, len(t))
	for p := range t {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

// Clone copies the tree; file contents are shared and must not be changed.
func (t Tree) Clone() Tree {
	out := make(Tree, len(t))
	for p, f := range t {
		out[p] = f
	}
	return out
}

// Change is one file that a patch writes, links or deletes.
type Change struct {
	Path   string      `json:"path"`
	Delete bool        `json:"delete,omitempty"`
	Mode   fs.FileMode `json:"mode,omitempty"` // permission bits
	Link   string      `json:"link,omitempty"`
	Data   []byte      `json:"data,omitempty"`
}

// Patch is what an agent did to its workspace, and all that crosses from its
// sandbox to the judge: whole files, ordered by path.
type Patch struct {
	Changes []Change `json:"changes"`
}

// Empty reports whether the patch changes nothing.
func (p Patch) Empty() bool { return len(p.Changes) == 0 }

// Diff is the patch that turns from into to.
func Diff(from, to Tree) Patch {
	var p Patch
	for name, f := range to {
		old, ok := from[name]
		if ok && old.Link == f.Link && old.Mode.Perm() == f.Mode.Perm() && bytes.Equal(old.Data, f.Data) {
			continue
		}
		p.Changes = append(p.Changes, Change{Path: name, Mode: f.Mode.Perm(), Link: f.Link, Data: f.Data})
	}
	for name := range from {
		if _, ok := to[name]; !ok {
			p.Changes = append(p.Changes, Change{Path: name, Delete: true})
		}
	}
	slices.SortFunc(p.Changes, func(a, b Change) int { return cmp.Compare(a.Path, b.Path) })
	return p
}

// Apply returns t with the patch applied, t itself unchanged. A change that
// leaves the tree, goes through a symbolic link, or touches .git is an error:
// the patch is hostile or broken, and the attempt that made it is unsolved.
func (t Tree) Apply(p Patch) (Tree, error) {
	out := t.Clone()
	for _, c := range p.Changes { // first, so that a folder may become a file or a link
		if c.Delete && CheckPath(c.Path) == nil {
			delete(out, c.Path)
		}
	}
	for _, c := range p.Changes {
		if err := CheckPath(c.Path); err != nil {
			return nil, err
		}
		if c.Delete {
			continue
		}
		if c.Link != "" {
			if path.IsAbs(c.Link) || !fs.ValidPath(path.Join(path.Dir(c.Path), c.Link)) {
				return nil, fmt.Errorf("patch: symbolic link %q points outside the workspace", c.Path)
			}
		}
		for dir := path.Dir(c.Path); dir != "."; dir = path.Dir(dir) {
			if f, ok := out[dir]; ok {
				if f.Link != "" {
					return nil, fmt.Errorf("patch: %q goes through the symbolic link %q", c.Path, dir)
				}
				return nil, fmt.Errorf("patch: %q: %q is a file, not a folder", c.Path, dir)
			}
		}
		out[c.Path] = File{Mode: c.Mode.Perm(), Link: c.Link, Data: c.Data}
	}
	return out, out.nested()
}

// nested reports a path that is both a file and a folder.
func (t Tree) nested() error {
	for p := range t {
		for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
			if _, ok := t[dir]; ok {
				return fmt.Errorf("patch: %q: %q is a file, not a folder", p, dir)
			}
		}
	}
	return nil
}

// CheckPath refuses paths that a patch may not touch.
func CheckPath(p string) error {
	if !fs.ValidPath(p) || p == "." || strings.ContainsAny(p, "\x00\\") {
		return fmt.Errorf("patch: %q is not a path inside the workspace", p)
	}
	for _, part := range strings.Split(p, "/") {
		if strings.EqualFold(part, ".git") {
			return fmt.Errorf("patch: %q touches .git", p)
		}
	}
	return nil
}
