// Package workspace carries changes between the forms that people and other
// tools use (a unified diff, as git writes it) and METR's own (task.Patch:
// whole files). Parse reads a diff against a tree, Unified shows a patch as
// one. What a diff says is the work of a program under test: whatever is wrong
// with it is an outcome (ErrDoesNotApply), never a crash.
//
// It does not touch the disk: trees come from and go to package sandbox.
package workspace

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/bluekeyes/go-gitdiff/gitdiff"

	"metr/internal/task"
)

// ErrDoesNotApply says that a diff is broken, hostile, or not for this tree. The
// attempt that it came from is unsolved.
var ErrDoesNotApply = errors.New("the patch does not apply")

// maxBinary bounds what one binary hunk may unpack to, and maxGrowth what all
// files together may come to: a few bytes of zlib can ask for gigabytes.
const (
	maxBinary = 32 << 20
	maxGrowth = 256 << 20
)

// The types of file in git's modes.
const (
	gitType = 0o170000
	gitLink = 0o120000
	gitFile = 0o100000
)

// Parse returns the patch that a unified diff makes of the tree: added, changed,
// deleted, renamed and copied files, modes, symbolic links and binary hunks.
// Context must match exactly, line ends included, but may lie at another line
// than the hunk says, as git apply allows it. An empty diff changes nothing.
// The error is always ErrDoesNotApply with the reason.
func Parse(from task.Tree, diff string) (p task.Patch, err error) {
	refuse := func(format string, args ...any) (task.Patch, error) {
		return task.Patch{}, fmt.Errorf("%w: %s", ErrDoesNotApply, strings.TrimPrefix(fmt.Sprintf(format, args...), "patch: "))
	}
	// The parser has had panics on broken input; foreign bytes must not end a run.
	defer func() {
		if r := recover(); r != nil {
			p, err = refuse("the diff is broken: %v", r)
		}
	}()
	if strings.TrimSpace(diff) == "" {
		return task.Patch{}, nil
	}
	if !strings.HasSuffix(diff, "\n") {
		diff += "\n" // models and JSON tools lose the last line break
	}
	files, _, err := gitdiff.Parse(strings.NewReader(diff))
	if err != nil {
		return refuse("the diff is broken: %s", strings.TrimPrefix(err.Error(), "gitdiff: "))
	}
	if len(files) == 0 {
		return refuse("there is no diff in it")
	}
	git := strings.HasPrefix(diff, "diff --git ") || strings.Contains(diff, "\ndiff --git ")
	to := from.Clone()
	size := 0
	for _, f := range files {
		if !git { // the parser strips the prefixes of git's own diffs alone
			f.OldName, f.NewName = stripped(f.OldName), stripped(f.NewName)
		}
		name, file, err := apply(to, from, f)
		if err != nil {
			return refuse("%v", err)
		}
		if size += len(file.Data); size > maxGrowth {
			return refuse("it makes more than %d MiB", maxGrowth>>20)
		}
		if f.IsDelete || f.IsRename {
			delete(to, f.OldName)
		}
		if !f.IsDelete {
			to[name] = file
		}
	}
	p = task.Diff(from, to)
	if _, err := from.Apply(p); err != nil {
		return refuse("%v", err)
	}
	return p, nil
}

// apply returns what one entry of a diff makes of its file. Renames and copies
// read from the tree as it was, other changes from the tree as it is, so that
// two entries for one file add up.
func apply(to, from task.Tree, f *gitdiff.File) (string, task.File, error) {
	none := task.File{}
	src, dst := f.OldName, f.NewName
	if f.IsNew {
		src = dst
	}
	if f.IsDelete {
		dst = src
	}
	for _, name := range []string{src, dst} {
		if err := task.CheckPath(name); err != nil {
			return "", none, err
		}
	}
	old, ok := to[src]
	if f.IsRename || f.IsCopy {
		old, ok = from[src]
	}
	switch {
	case f.IsNew && ok:
		return "", none, fmt.Errorf("%q exists already", src)
	case !f.IsNew && !ok:
		return "", none, fmt.Errorf("there is no file %q", src)
	case src != dst && (f.IsRename || f.IsCopy):
		if _, taken := to[dst]; taken {
			return "", none, fmt.Errorf("%q exists already", dst)
		}
	}
	mode, link, err := newMode(f, old)
	if err != nil {
		return "", none, fmt.Errorf("%q: %w", dst, err)
	}
	data := old.Data
	if old.Link != "" {
		data = []byte(old.Link)
	}
	if data, err = content(f, data); err != nil {
		return "", none, fmt.Errorf("%q: %w", dst, err)
	}
	if f.IsDelete {
		if len(data) > 0 {
			return "", none, fmt.Errorf("%q: the diff deletes the file but not all of its lines", src)
		}
		return dst, none, nil
	}
	if link {
		if len(data) == 0 || bytes.ContainsAny(data, "\x00\n") {
			return "", none, fmt.Errorf("%q: %q is not the target of a symbolic link", dst, data)
		}
		return dst, task.File{Mode: 0o777, Link: string(data)}, nil
	}
	return dst, task.File{Mode: mode, Data: data}, nil
}

// stripped is a name of a plain diff without the a/ or b/ before it.
func stripped(name string) string {
	if len(name) > 2 && (name[:2] == "a/" || name[:2] == "b/") {
		return name[2:]
	}
	return name
}

// newMode returns the permission bits after the change, and whether the file is
// a symbolic link then. Git knows 644 and 755; a mode that the diff does not
// change stays as it is in the tree.
func newMode(f *gitdiff.File, old task.File) (mode fs.FileMode, link bool, err error) {
	if f.NewMode == 0 {
		if f.IsNew {
			return 0o644, false, nil
		}
		return old.Mode.Perm(), old.Link != "", nil
	}
	switch m := uint32(f.NewMode); m & gitType {
	case gitLink:
		return 0o777, true, nil
	case gitFile, 0:
		if m&0o111 != 0 {
			return 0o755, false, nil
		}
		return 0o644, false, nil
	default:
		return 0, false, fmt.Errorf("mode %o is neither a file nor a symbolic link", m)
	}
}

// content applies the hunks to a file's bytes.
func content(f *gitdiff.File, data []byte) ([]byte, error) {
	if f.IsBinary && f.BinaryFragment == nil {
		return nil, errors.New("the diff says that a binary file differs, but not how; make it with git diff --binary")
	}
	if f.BinaryFragment == nil && len(f.TextFragments) == 0 {
		return data, nil
	}
	if err := place(f.TextFragments, data); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err := gitdiff.Apply(&out, bytes.NewReader(data), f, gitdiff.WithMaxBinaryFragmentBytes(maxBinary))
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "gitdiff: "))
	}
	return out.Bytes(), nil
}

// place moves each hunk to where its old lines stand in the file: at the line
// it says, else at the nearest one after the hunk before it.
func place(hunks []*gitdiff.TextFragment, data []byte) error {
	lines := strings.SplitAfter(string(data), "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	shift, least := 0, 0
	for i, h := range hunks {
		var old []string
		for _, l := range h.Lines {
			if l.Old() {
				old = append(old, l.Line)
			}
		}
		if len(old) == 0 {
			continue // nothing to go by: the library checks the line it says
		}
		said := int(h.OldPosition) - 1
		at, ok := nearest(lines, old, said+shift, least)
		if !ok {
			return fmt.Errorf("hunk %d, at line %d, does not match the file", i+1, h.OldPosition)
		}
		shift = at - said
		least = at + len(old)
		h.OldPosition = int64(at + 1)
	}
	return nil
}

// nearest finds want in lines from least on, as near to line at as it is.
func nearest(lines, want []string, at, least int) (int, bool) {
	fits := func(i int) bool {
		if i < least || i+len(want) > len(lines) {
			return false
		}
		for j, w := range want {
			if lines[i+j] != w {
				return false
			}
		}
		return true
	}
	at = min(max(at, 0), len(lines))
	for d := 0; d <= len(lines); d++ {
		if fits(at - d) {
			return at - d, true
		}
		if fits(at + d) {
			return at + d, true
		}
	}
	return 0, false
}
