package dataset

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"metr/internal/task"
)

// Filter narrows a suite. Its zero value keeps everything.
type Filter struct {
	Glob      string          // over task ids, or over what follows their last slash
	Kinds     []task.Kind     // any of these
	Languages []task.Language // any of these
	Sample    int             // so many of what is left, chosen by Seed; 0: all
	Seed      uint64
	Limit     int // the first so many of what is left then; 0: all
}

// CutGlob splits SUITE/GLOB where SUITE is known to be a suite's word.
func CutGlob(arg string, known func(word string) bool) (word, glob string) {
	if w, g, ok := strings.Cut(arg, "/"); ok && known(w) {
		return w, g
	}
	return arg, ""
}

// Select returns the suite of the tasks that f keeps, in their order, with a
// digest of its own where some are left out. It is an error to keep none.
//
// A sample is the tasks with the smallest hashes of seed and id: it is the same
// on every machine, and a larger sample with the same seed contains a smaller.
func (f Filter) Select(s *task.Suite) (*task.Suite, error) {
	if f.Limit < 0 || f.Sample < 0 {
		return nil, fmt.Errorf("limit %d, sample %d: expected numbers from 0", f.Limit, f.Sample)
	}
	if !doublestar.ValidatePattern(f.Glob) {
		return nil, fmt.Errorf("%q is not a valid pattern of task ids; escape [ and { with a backslash", f.Glob)
	}
	var kept []*task.Task
	for _, t := range s.Tasks {
		if f.Keeps(t) {
			kept = append(kept, t)
		}
	}
	if f.Sample > 0 && f.Sample < len(kept) {
		kept = f.sample(kept)
	}
	if f.Limit > 0 && f.Limit < len(kept) {
		kept = kept[:f.Limit]
	}
	if len(kept) == 0 {
		return nil, fmt.Errorf("suite %s: no task of its %d is left by %s", s.Name, len(s.Tasks), f)
	}
	if len(kept) == len(s.Tasks) {
		return s, nil
	}
	return &task.Suite{Name: s.Name, Digest: Digest(kept), Tasks: kept}, nil
}

// Keeps reports whether glob, kind and language let the task through.
func (f Filter) Keeps(t *task.Task) bool {
	return (f.Glob == "" || matches(f.Glob, t.ID) || matches(f.Glob, path.Base(t.ID))) &&
		(len(f.Kinds) == 0 || slices.Contains(f.Kinds, t.Kind)) &&
		(len(f.Languages) == 0 || slices.Contains(f.Languages, t.Language))
}

func matches(glob, id string) bool { return doublestar.MatchUnvalidated(glob, id) }

func (f Filter) sample(tasks []*task.Task) []*task.Task {
	hashes := make(map[*task.Task][]byte, len(tasks))
	for _, t := range tasks {
		h := sha256.Sum256(append(binary.BigEndian.AppendUint64(nil, f.Seed), t.ID...))
		hashes[t] = h[:]
	}
	byHash := slices.Clone(tasks)
	slices.SortFunc(byHash, func(a, b *task.Task) int { return bytes.Compare(hashes[a], hashes[b]) })
	last := hashes[byHash[f.Sample-1]]
	return slices.DeleteFunc(tasks, func(t *task.Task) bool { return bytes.Compare(hashes[t], last) > 0 })
}

func (f Filter) String() string {
	var parts []string
	if f.Glob != "" {
		parts = append(parts, fmt.Sprintf("the pattern %q", f.Glob))
	}
	if len(f.Kinds) > 0 {
		parts = append(parts, fmt.Sprintf("kind %v", f.Kinds))
	}
	if len(f.Languages) > 0 {
		parts = append(parts, fmt.Sprintf("language %v", f.Languages))
	}
	if len(parts) == 0 {
		return "no filter"
	}
	return strings.Join(parts, ", ")
}
