// Package dataset turns published function-level data sets (HumanEval, MBPP,
// EvalPlus, MBXP) into suites of tasks, and reads and writes the sample and
// result files of their harnesses, so that people who use those can bring their
// files and take ours home.
//
// The way through it: a file, or a download checked against its pinned SHA-256,
// becomes a stream of rows (rows), each with the line it stands on; the first
// row's keys say which format it is (Recognise); a table of layouts turns rows
// into tasks. Answers go the same way, one at a time: an answers file may be
// larger than memory, a data set may not.
//
// Published files are foreign: unknown keys are tolerated, but what a score
// depends on is checked strictly, and every complaint is one line that names
// the file and the line in it (InputError).
//
// It does not judge, and it does not read task folders or repository-level
// benchmarks beyond their predictions.
package dataset

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"metr/internal/task"
)

// Set is a suite together with the file that it came from.
type Set struct {
	task.Suite
	Path string // the file that was read
	MD5  string // of the file's text, uncompressed: what EvalPlus calls hash
}

// Opener opens suites by word. Its zero value fetches from the publishers into
// the user's cache folder, without progress. It is safe for concurrent use.
type Opener struct {
	Client   HTTPClient                           // nil: a client with a time limit of ten minutes
	Cache    string                               // folder of fetched files; "": metr in the user's cache folder
	Mirror   string                               // "": the publishers; else files are fetched from Mirror/NAME
	Progress func(file string, done, total int64) // called during a fetch; total is -1 where unknown
}

// Open returns the suite of that word (Words). dataPath is a file with the data
// set, or a folder in which it lies under its published name, or in a folder of
// its project's name; if it is "", the published file is fetched, or taken from
// the cache if it was fetched before.
func (o *Opener) Open(ctx context.Context, word, dataPath string) (*Set, error) {
	l, ok := layoutOf(word)
	if !ok {
		return nil, fmt.Errorf("%q is not a data set; known are %s", word, strings.Join(Words(), ", "))
	}
	var err error
	switch {
	case dataPath == "":
		dataPath, err = o.fetch(ctx, l)
	default:
		dataPath, err = find(l, dataPath)
	}
	if err != nil {
		return nil, err
	}
	set, err := OpenFile(dataPath)
	if err != nil {
		return nil, err
	}
	if set.Name != word {
		return nil, inputErr(dataPath, 0, "holds the data set %s, not %s", set.Name, word)
	}
	return set, nil
}

// OpenFile reads a data set whose kind is recognised by its content.
func OpenFile(path string) (*Set, error) {
	f, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	set, err := Read(path, f)
	if err != nil {
		return nil, err
	}
	set.Path = path
	return set, nil
}

// Read reads a data set from r, compressed or not; name stands in messages.
func Read(name string, r io.Reader) (*Set, error) {
	text, err := plain(name, r)
	if err != nil {
		return nil, err
	}
	sum := md5.New()
	set := &Set{Path: name}
	var l *layout
	seen := map[string]int{}
	for row, err := range rows(name, io.TeeReader(text, sum)) {
		if err != nil {
			return nil, err
		}
		f, err := row.fields()
		if err != nil {
			return nil, err
		}
		if l == nil {
			if l, err = layoutOfRow(f); err != nil {
				return nil, err
			}
			set.Name = l.word
		}
		t := l.task(l, f)
		if f.err != nil {
			return nil, f.err
		}
		if at, ok := seen[t.ID]; ok {
			return nil, row.errorf("task id %q occurs twice, first in line %d; ids must be unique", t.ID, at)
		}
		seen[t.ID] = row.line
		set.Tasks = append(set.Tasks, t)
	}
	if l == nil {
		return nil, inputErr(name, 0, "is empty; expected the rows of a data set")
	}
	set.Digest = Digest(set.Tasks)
	set.MD5 = hex.EncodeToString(sum.Sum(nil))
	return set, nil
}

// find returns the file of layout l at path, which may be a folder.
func find(l *layout, path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", inputErr(path, 0, "cannot be read: %v", cause(err))
	}
	if !info.IsDir() {
		return path, nil
	}
	for _, name := range l.names() {
		for _, dir := range []string{".", l.folder} {
			p := filepath.Join(path, dir, name)
			if info, err := os.Stat(p); err == nil && info.Mode().IsRegular() {
				return p, nil
			}
		}
	}
	return "", inputErr(path, 0, "is a folder without %s; expected one of %s in it or in its folder %s",
		l.word, strings.Join(l.names(), ", "), l.folder)
}

// Words lists the suite words that Open knows, in the order of their table.
func Words() []string {
	out := make([]string, len(layouts))
	for i := range layouts {
		out[i] = layouts[i].word
	}
	return out
}

// Known reports whether word names a data set.
func Known(word string) bool { return slices.Contains(Words(), word) }
