package source

import (
	"context"
	"fmt"
	"strings"

	"metr/internal/grade"
	"metr/internal/grade/mbxp"
	"metr/internal/grade/program"
	"metr/internal/sandbox"
	"metr/internal/task"
)

// Build asks whether the code parses and, in languages that are compiled, whether
// it compiles; Go's must pass vet too. It gates the other graders.
type Build struct{ Reader }

// Gate marks Build as a gate.
func (Build) Gate() {}

// Grade parses every source file of the task's language; for Go it runs go build
// and go vet, for Rust, Java, C and C++ their compilers. None of these runs code
// of the candidate, but for a build.rs, which runs in the box and gains nothing
// but this verdict.
func (g Build) Grade(ctx context.Context, lab *grade.Lab, c grade.Case) (task.Verdict, error) {
	if mbxp.Judges(c.Task) {
		v := c.Verdict(task.Syntax, task.Static)
		complaint, err := mbxp.Build(ctx, lab, c)
		if complaint != "" {
			v.Status, v.Reason = task.Fail, "does not build: "+complaint
		}
		return v, err
	}
	if c.Task.Language == task.Go {
		return goBuild(ctx, lab, c)
	}
	if program.Builds(c.Task.Language) {
		return compiles(ctx, lab, c)
	}
	files := sources(c.Task.Language, c.Tree)
	return g.judge(ctx, lab, c, task.Syntax, files, false, func(reports map[string]Report) (string, error) {
		if len(files) == 0 {
			return fmt.Sprintf("no %s file is left", c.Task.Language), nil
		}
		for _, f := range files {
			if e := reports[f].Error; e != "" {
				return "does not parse: " + f + ":" + grade.First(e, 200), nil
			}
		}
		return "", nil
	})
}

// compiles builds the workspace, its tests included.
func compiles(ctx context.Context, lab *grade.Lab, c grade.Case) (task.Verdict, error) {
	v := c.Verdict(task.Syntax, task.Static)
	tool, err := lab.Host.For(ctx, c.Task.Language)
	if err != nil {
		return v, err
	}
	_, complaint, err := program.Check(tool, c.Task.Language, c.Tree).Build(ctx, lab, c.Task, c.Tree)
	if complaint != "" {
		v.Status, v.Reason = task.Fail, "does not build: "+complaint
	}
	return v, err
}

func goBuild(ctx context.Context, lab *grade.Lab, c grade.Case) (task.Verdict, error) {
	v := c.Verdict(task.Syntax, task.Static)
	box, tool, err := lab.Open(ctx, c.Task, c.Tree)
	if err != nil {
		return v, err
	}
	defer box.Close()
	// Building is our work: it has a limit of its own, whatever the task's is.
	limits := sandbox.WithDefaults(task.Limits{})
	limits.CPU, limits.Wall = 2*limits.CPU, 2*limits.Wall
	for _, args := range [][]string{{"build", "./..."}, {"vet", "./..."}} {
		r, err := sandbox.Exec(ctx, box, sandbox.Cmd{Args: append([]string{tool.Program}, args...), Dir: sandbox.Work, Env: tool.Env, Limits: limits})
		if err != nil {
			return v, err
		}
		switch {
		case r.End == sandbox.NotStarted:
			return v, fmt.Errorf("go cannot be started in the box: %s", r.Stderr)
		case !r.OK():
			v.Status = task.Fail
			v.Reason = fmt.Sprintf("go %s: %s", args[0], complaint(r))
			return v, nil
		}
	}
	return v, nil
}

// complaint is the first line of a Go tool's output that is not a heading, with
// what follows it where it only announces something.
func complaint(r sandbox.Result) string {
	said := ""
	for line := range strings.Lines(string(r.Stderr)) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "go: downloading ") {
			if said += strings.TrimPrefix(line, "vet: "); !strings.HasSuffix(said, ":") {
				return grade.First(said, 300)
			}
			said += " "
		}
	}
	if said != "" {
		return grade.First(said, 300)
	}
	return r.String()
}
