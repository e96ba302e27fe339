package session

import (
	"maps"
	"path"
	"slices"
	"strings"

	"metr/internal/task"
)

// sieve holds back what tools leave behind: repositories, caches, installed
// packages and the agent's own files. What was in the workspace from the start
// is work, whatever its name.
type sieve struct {
	was     map[string]bool // files and folders of the workspace as it was
	scratch []string
}

func newSieve(before task.Tree, scratch []string) sieve {
	sv := sieve{map[string]bool{}, scratch}
	for p := range before {
		for ; p != "." && !sv.was[p]; p = path.Dir(p) {
			sv.was[p] = true
		}
	}
	return sv
}

// work is the tree without what is held back.
func (sv sieve) work(now task.Tree) task.Tree {
	out := maps.Clone(now)
	maps.DeleteFunc(out, func(p string, _ task.File) bool { return !sv.was[p] && sv.leftover(now, p) })
	return out
}

// leftovers are names of folders that tools make for themselves.
var leftovers = []string{"__pycache__", "node_modules", ".pytest_cache", ".mypy_cache", ".ruff_cache"}

// tags are files by which a folder is marked as made by a tool: that of
// bford.info/cachedir, which Cargo and others write, and that of a Python
// virtual environment.
var tags = []string{"CACHEDIR.TAG", "pyvenv.cfg"}

// leftover looks at a path that is new and at the new folders above it.
func (sv sieve) leftover(now task.Tree, p string) bool {
	for dir := p; dir != "."; dir = path.Dir(dir) {
		name := path.Base(dir)
		if strings.EqualFold(name, ".git") || strings.HasSuffix(name, ".pyc") {
			return true
		}
		if sv.was[dir] {
			continue
		}
		if slices.Contains(leftovers, name) || slices.Contains(sv.scratch, dir) {
			return true
		}
		for _, tag := range tags {
			if _, ok := now[dir+"/"+tag]; ok {
				return true
			}
		}
	}
	return false
}
