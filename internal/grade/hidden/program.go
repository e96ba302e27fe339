package hidden

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"metr/internal/grade"
	"metr/internal/grade/oracle"
	"metr/internal/grade/program"
	"metr/internal/sandbox"
	"metr/internal/task"
)

// programTests judges Rust, Java, C and C++: the judge is Python's, and asks
// functions that tests/subject lists, in a program built with the candidate's
// code. What builds and what runs are different boxes.
func programTests(ctx context.Context, lab *grade.Lab, c grade.Case) (oracle.Result, error) {
	tests := task.Tree{}
	for p, f := range c.Task.Tests {
		if !under(p, "subject") {
			tests[p] = f
		}
	}
	after, complaint, err := programSubject(ctx, lab, c.Task, c.Tree)
	if err != nil {
		return oracle.Result{}, err
	}
	if complaint != "" {
		return oracle.Result{Gone: "the code does not build with what the hidden tests use: " + complaint}, nil
	}
	s := &subjects{Backend: lab.Backend, lab: lab, c: c, built: map[string]task.Tree{candidate: after}}
	python := oracle.NewPython(s)
	defer python.Close()
	res, err := python.Folder(ctx, oracle.Folder{
		Tests: tests, Before: mark(before), After: mark(candidate), Limits: c.Task.Limits, Layers: []sandbox.Layer{{Box: subjectLayer}},
	}, limits(c.Task))
	if err == nil {
		err = python.Close()
	}
	return res, err
}

func under(p, dir string) bool { return len(p) > len(dir) && p[:len(dir)+1] == dir+"/" }

// programSubject builds the program that answers for tree.
func programSubject(ctx context.Context, lab *grade.Lab, t *task.Task, tree task.Tree) (made task.Tree, complaint string, err error) {
	tool, err := lab.Host.For(ctx, t.Language)
	if err != nil {
		return nil, "", err
	}
	r, err := program.Subject(tool, t, tree)
	if err != nil {
		return nil, "", fmt.Errorf("task %s: %w", t.ID, err)
	}
	made, complaint, err = r.Build(ctx, lab, t, tree)
	if f, ok := made["program"]; ok {
		f.Mode = 0o755
		made["program"] = f
	}
	return made, complaint, err
}

// subjects is the backend of a Python judge whose subjects are built programs: a
// box that is opened with subjectLayer becomes a subject's.
type subjects struct {
	sandbox.Backend
	lab   *grade.Lab
	c     grade.Case
	built map[string]task.Tree // by which code it is; before's is built when a test first asks for it
}

// subjectLayer marks the boxes of subjects, and the name of the one file that
// such a box is given says which code it is to hold.
const (
	subjectLayer = "/metr/subject"
	candidate    = "candidate"
	before       = "before"
)

func mark(which string) task.Tree { return task.Tree{which: {Mode: 0o644}} }

// Open opens the judge's box, or one that will start a subject.
func (s *subjects) Open(ctx context.Context, spec sandbox.Spec) (sandbox.Box, error) {
	if !slices.ContainsFunc(spec.Layers, func(l sandbox.Layer) bool { return l.Box == subjectLayer }) {
		return s.Backend.Open(ctx, spec)
	}
	box, _, err := s.lab.Open(ctx, s.c.Task, nil)
	if err != nil {
		return nil, err
	}
	return &subjectBox{Box: box, s: s}, nil
}

// subjectBox runs a built program where the judge asks for a Python subject.
type subjectBox struct {
	sandbox.Box
	s    *subjects
	tree task.Tree
}

// Put lays the program that was built of the code that t names, and that code.
func (b *subjectBox) Put(ctx context.Context, _ string, t task.Tree) error {
	which, tree := candidate, b.s.c.Tree
	if _, ok := t[before]; ok {
		which, tree = before, b.s.c.Task.Workspace
	}
	if b.s.built[which] == nil {
		made, complaint, err := programSubject(ctx, b.s.lab, b.s.c.Task, tree)
		if err == nil && complaint != "" {
			err = errors.New("the code before the patch does not build with tests/subject: " + complaint)
		}
		if err != nil {
			return err
		}
		b.s.built[which] = made
	}
	b.tree = tree
	if err := b.Box.Put(ctx, "/metr/bin", b.s.built[which]); err != nil {
		return err
	}
	return b.Box.Put(ctx, sandbox.Work, tree)
}

// Start starts the program; c is what would start Python.
func (b *subjectBox) Start(ctx context.Context, c sandbox.Cmd) (sandbox.Process, error) {
	tool, err := b.s.lab.Host.For(ctx, b.s.c.Task.Language)
	if err != nil {
		return nil, err
	}
	own := program.Run(tool, b.s.c.Task.Language, b.Box, "/metr/bin", b.tree)
	c.Args, c.Dir, c.Env = own.Args, own.Dir, own.Env
	return b.Box.Start(ctx, c)
}
