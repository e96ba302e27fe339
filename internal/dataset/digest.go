package dataset

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash"
	"math"
	"slices"
	"strings"

	"metr/internal/task"
)

// Digest returns sha256:hex over everything of the tasks that a score depends
// on: what is asked, the limits, the graders and the tests. It is independent
// of the order of the tasks, of how the file was written, and of what is only
// shown: titles, licences, estimates, solutions and variants.
//
// Format: each task in the order of ids, each field with its length before it.
func Digest(tasks []*task.Task) string {
	d := digester{sha256.New()}
	d.str("metr suite 1")
	ordered := slices.Clone(tasks)
	slices.SortStableFunc(ordered, func(a, b *task.Task) int { return strings.Compare(a.ID, b.ID) })
	d.num(int64(len(ordered)))
	for _, t := range ordered {
		d.task(t)
	}
	return "sha256:" + hex.EncodeToString(d.h.Sum(nil))
}

type digester struct{ h hash.Hash }

func (d digester) num(n int64) { binary.Write(d.h, binary.BigEndian, n) }

func (d digester) bytes(b []byte) { d.num(int64(len(b))); d.h.Write(b) }

func (d digester) str(ss ...string) {
	for _, s := range ss {
		d.bytes([]byte(s))
	}
}

func (d digester) strs(ss []string) { d.num(int64(len(ss))); d.str(ss...) }

func (d digester) tree(t task.Tree) {
	d.num(int64(len(t)))
	for _, p := range t.Paths() {
		f := t[p]
		d.str(p, f.Link)
		d.num(int64(f.Mode.Perm()))
		d.bytes(f.Data)
	}
}

func (d digester) task(t *task.Task) {
	d.str(t.ID)
	d.num(int64(t.Version))
	d.str(string(t.Kind), string(t.Language), t.Instruction)
	l := t.Limits
	for _, n := range []int64{int64(l.CPU), int64(l.Wall), l.Memory, l.Disk, int64(l.Procs), l.Output, l.FileSize} {
		d.num(n)
	}
	d.num(int64(len(t.Graders)))
	for _, g := range t.Graders {
		b, err := json.Marshal(g) // strings, numbers and flags in the order of the type's fields
		if err != nil {
			panic("dataset: a grader's factor is not a number: " + err.Error())
		}
		d.bytes(b)
	}
	d.tree(t.Workspace)
	d.tree(t.Tests)
	f := t.Function
	if f == nil {
		d.num(0)
		return
	}
	d.num(1)
	d.str(f.Dataset, f.File, f.Prompt, f.EntryPoint, f.Test, f.Setup)
	d.strs(f.Asserts)
	d.strs(f.Imports)
	d.str(f.Reference)
	d.bytes(f.BaseInput)
	d.bytes(f.PlusInput)
	d.num(int64(math.Float64bits(f.Atol)))
}
