package hidden

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"

	"metr/internal/grade"
	"metr/internal/grade/oracle"
	"metr/internal/grade/oracle/golang"
	"metr/internal/grade/program"
	"metr/internal/sandbox"
	"metr/internal/task"
)

// goTests builds the judge from the hidden tests (once a task and machine), the
// subjects from the code, and lets one question the other. What builds and what
// runs are different boxes: the built program alone crosses.
func (o *Oracle) goTests(ctx context.Context, lab *grade.Lab, c grade.Case) (oracle.Result, error) {
	judge, err := goJudge(ctx, lab, c.Task)
	if err != nil {
		return oracle.Result{}, err
	}
	after, complaint, err := goSubject(ctx, lab, c.Task, c.Tree)
	if err != nil {
		return oracle.Result{}, err
	}
	if complaint != "" {
		return oracle.Result{Gone: "the code does not build with what the hidden tests use: " + complaint}, nil
	}
	var before []byte // built when a test first asks for it
	open := func(ctx context.Context, n int) (*oracle.Peer, error) {
		program := after
		tree := c.Tree
		if n > 0 {
			tree = c.Task.Workspace
			if before == nil {
				var why string
				if before, why, err = goSubject(ctx, lab, c.Task, tree); err != nil {
					return nil, err
				}
				if why != "" {
					return nil, fmt.Errorf("the code before the patch does not build with tests/subject: %s", why)
				}
			}
			program = before
		}
		return goPeer(ctx, lab, c.Task, program, tree, c.Task.Limits)
	}
	peer, err := goPeer(ctx, lab, c.Task, judge, nil, judgeLimits)
	if err != nil {
		return oracle.Result{}, err
	}
	res, err := oracle.Run(ctx, peer, open, limits(c.Task))
	if cerr := peer.Close(); err == nil {
		err = cerr
	}
	return res, err
}

// goPeer runs a built program in a fresh box with tree as its workspace.
func goPeer(ctx context.Context, lab *grade.Lab, t *task.Task, built []byte, tree task.Tree, l task.Limits) (*oracle.Peer, error) {
	box, err := lab.Backend.Open(ctx, sandbox.Spec{Limits: l})
	if err != nil {
		return nil, err
	}
	err = box.Put(ctx, "/metr/bin", task.Tree{"program": {Mode: 0o755, Data: built}})
	if err == nil {
		err = box.Put(ctx, sandbox.Work, tree)
	}
	if err != nil {
		box.Close()
		return nil, err
	}
	c := sandbox.Cmd{Args: program.Line(box.Path("/metr/bin") + "/program"), Dir: sandbox.Work, Limits: l}
	return oracle.Start(ctx, box, c)
}

// goJudge returns the judge's program.
func goJudge(ctx context.Context, lab *grade.Lab, t *task.Task) ([]byte, error) {
	b, err := golang.Judge(t.Tests, "/metr/judge", "/tmp/program")
	if err != nil {
		return nil, fmt.Errorf("task %s: %w", t.ID, err)
	}
	tool, err := lab.Host.For(ctx, task.Go)
	if err != nil {
		return nil, err
	}
	files, err := json.Marshal(b.Files)
	if err != nil {
		return nil, err
	}
	return lab.Host.Artifact("go judge "+tool.Version+" "+string(files), func() ([]byte, error) {
		out, why, err := goBuild(ctx, lab, t, b)
		if err == nil && why != "" {
			err = fmt.Errorf("task %s: the hidden tests do not build: %s", t.ID, why)
		}
		return out, err
	})
}

// goSubject builds the program that answers for tree; complaint is set where
// the code does not build.
func goSubject(ctx context.Context, lab *grade.Lab, t *task.Task, tree task.Tree) (program []byte, complaint string, err error) {
	folder := "metr" + strings.ToLower(rand.Text()[:12])
	b, err := golang.Subject(tree, t.Tests, sandbox.Work, folder, "/tmp/program")
	if err != nil {
		return nil, "", fmt.Errorf("task %s: %w", t.ID, err)
	}
	return goBuild(ctx, lab, t, b)
}

// goBuild builds b in a fresh box and takes the program out of it.
func goBuild(ctx context.Context, lab *grade.Lab, t *task.Task, b golang.Build) (program []byte, complaint string, err error) {
	box, tool, err := lab.Open(ctx, t, nil)
	if err != nil {
		return nil, "", err
	}
	defer box.Close()
	if err := box.Put(ctx, b.Dir, b.Files); err != nil {
		return nil, "", err
	}
	cmd := b.Cmd
	cmd.Args[0] = tool.Program
	for i, a := range cmd.Args {
		if a == "/tmp/program" {
			cmd.Args[i] = box.Path(a)
		}
	}
	cmd.Env = tool.Env
	r, err := sandbox.Exec(ctx, box, cmd)
	if err != nil {
		return nil, "", err
	}
	if !r.OK() {
		for line := range strings.Lines(string(r.Stderr)) {
			if s := strings.TrimSpace(line); s != "" && !strings.HasPrefix(s, "#") {
				return nil, grade.First(s, 200), nil
			}
		}
		return nil, r.String(), nil
	}
	out, err := box.Get(ctx, "/tmp", 256<<20)
	if err != nil {
		return nil, "", err
	}
	return out["program"].Data, "", nil
}
