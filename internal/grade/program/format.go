package program

import (
	"context"
	"fmt"
	"os/exec"
	"path"
	"strings"

	"metr/internal/grade"
	"metr/internal/sandbox"
	"metr/internal/task"
)

// Format asks the language's formatter whether it would change files; problem
// names the first such file, as FILE:LINE: what. Settings count as the task
// brings them, whatever the patch made of them. There is no formatter for Java
// here, and C and C++ have none unless the workspace has a .clang-format. The
// error is of a formatter that is needed and missing: nothing is known then.
func Format(ctx context.Context, lab *grade.Lab, t *task.Task, tree task.Tree, files []string) (problem string, err error) {
	style := task.Tree{}
	for _, name := range []string{"rustfmt.toml", ".rustfmt.toml", ".clang-format", "Cargo.toml"} {
		if f, ok := t.Workspace[name]; ok {
			style[name] = f
		}
	}
	tool, err := lab.Host.For(ctx, t.Language)
	if err != nil || len(files) == 0 {
		return "", err
	}
	var args []string
	switch {
	case t.Language == task.Rust:
		rustfmt := path.Dir(tool.Program) + "/rustfmt"
		args = []string{"sh", "-c", eachRust, rustfmt, edition(t.Workspace)}
		if _, err := exec.LookPath(rustfmt); err != nil {
			return "", fmt.Errorf("rustfmt is needed and was not found: apt-get install rustfmt, or rustup component add rustfmt")
		}
	case t.Language != task.Java && style[".clang-format"].Data != nil:
		where, err := whole("clang-format")
		if err != nil {
			return "", fmt.Errorf("clang-format is needed for the workspace's .clang-format and was not found: apt-get install clang-format")
		}
		args = []string{where, "--dry-run", "-Werror", "--style=file"}
	default:
		return "", nil
	}
	for _, p := range files {
		style[p] = tree[p]
		args = append(args, "./"+p)
	}
	box, tool, err := lab.Open(ctx, t, style)
	if err != nil {
		return "", err
	}
	defer box.Close()
	res, err := sandbox.Exec(ctx, box, sandbox.Cmd{Args: args, Dir: sandbox.Work, Env: tool.Env})
	if err != nil {
		return "", err
	}
	if res.End == sandbox.NotStarted {
		return "", fmt.Errorf("%s cannot be started: %s", args[0], res.Stderr)
	}
	if res.OK() {
		return "", nil
	}
	out := string(res.Stdout) + string(res.Stderr)
	first, _, _ := strings.Cut(strings.TrimSpace(out), "\n")
	if file, rest, ok := strings.Cut(first, " Diff in <stdin>:"); ok {
		first = file + ":" + strings.TrimSuffix(rest, ":") + ": rustfmt would change this"
	}
	return grade.First(strings.TrimPrefix(strings.ReplaceAll(first, box.Path(sandbox.Work)+"/", ""), "./"), 300), nil
}

// eachRust gives each file to rustfmt by itself, which would follow its modules
// to files that the patch did not touch otherwise, and is silent of differences
// in its exit status then.
const eachRust = `edition=$1
shift
for f do
	out=$("$0" --check --color never --edition "$edition" <"$f" 2>&1) && [ -z "$out" ] || { printf '%s %s\n' "$f" "$out"; exit 1; }
done`

// whole is where a program of this machine lies, symbolic links followed.
func whole(name string) (string, error) {
	p, err := exec.LookPath(name)
	if err != nil || strings.HasPrefix(p, "/usr/") {
		return p, err
	}
	return "", fmt.Errorf("%s is not below /usr, where boxes have it", p)
}
