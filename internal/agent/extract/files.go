package extract

import (
	"fmt"
	"strings"

	"metr/internal/task"
	"metr/internal/workspace"
)

// workspaceAnswer takes whole files and diffs out of an answer to a task that
// has a workspace, in the order in which they stand there.
func workspaceAnswer(t *task.Task, text string) Taken {
	out := Taken{}
	to := t.Workspace.Clone()
	files, diffs := 0, 0
	var unnamed []Block
	all := Blocks(text)
	for _, b := range all {
		if isDiff(b) {
			next, err := applyDiff(to, b.Text, &out)
			if err != nil {
				return Taken{Rule: Nothing, Why: err.Error(), Notes: out.Notes}
			}
			to, diffs, out.Open = next, diffs+1, out.Open || b.Open
			continue
		}
		name, body := nameOf(b, t.Workspace)
		switch {
		case name == "" || b.Lang == "console" || b.Lang == "output":
			unnamed = append(unnamed, b)
			continue
		}
		p, note := resolve(name, to)
		if note != "" {
			out.Notes = append(out.Notes, note)
		}
		if err := task.CheckPath(p); err != nil {
			out.Notes = append(out.Notes, fmt.Sprintf("passed over: %v", err))
			continue
		}
		setFile(to, p, body)
		files, out.Open = files+1, out.Open || b.Open
	}
	switch {
	case files > 0 && diffs > 0:
		out.Rule = Mixed
	case files > 0:
		out.Rule = Files
	case diffs > 0:
		out.Rule = Diff
	case len(all) == 0 && hasDiff(text):
		out.Rule = Diff
		next, err := applyDiff(to, text, &out)
		if err != nil {
			return Taken{Rule: Nothing, Why: err.Error(), Notes: out.Notes}
		}
		to = next
	default:
		p, b, ok := single(t, unnamed)
		if !ok {
			why := "the answer holds no code"
			if len(unnamed) > 0 {
				why = "the answer's code does not say which file it is"
			}
			return Taken{Rule: Nothing, Why: why, Notes: out.Notes}
		}
		out.Rule, out.Open = Single, b.Open
		setFile(to, p, b.Text)
	}
	out.Patch = task.Diff(t.Workspace, to)
	if _, err := t.Workspace.Apply(out.Patch); err != nil {
		return Taken{Rule: Nothing, Why: err.Error(), Notes: out.Notes}
	}
	if out.Patch.Empty() {
		out.Notes = append(out.Notes, "the files are as they were")
	}
	return out
}

// nameOf finds which file a block is: by its head, the line before it, or its
// first line.
func nameOf(b Block, tree task.Tree) (name, text string) {
	if name = nameInInfo(b.Info); name != "" {
		return name, b.Text
	}
	if name = nameInLine(b.Lead, tree); name != "" {
		return name, withoutName(b.Text, name, tree)
	}
	if name, rest := nameInFirst(b.Text); name != "" {
		return name, withoutName(b.Text, name, tree, rest)
	}
	return "", b.Text
}

// withoutName takes a first line that only names the file away, unless the file
// began so before.
func withoutName(text, name string, tree task.Tree, rest ...string) string {
	said, after := nameInFirst(text)
	if said == "" || said != name && !strings.HasSuffix(name, "/"+said) {
		return text
	}
	p, _ := resolve(name, tree)
	first, _, _ := strings.Cut(text, "\n")
	if strings.HasPrefix(string(tree[p].Data), first+"\n") {
		return text
	}
	if len(rest) > 0 {
		return rest[0]
	}
	return after
}

func setFile(tree task.Tree, p, text string) {
	f := tree[p]
	if f.Mode == 0 || f.Link != "" {
		f = task.File{Mode: 0o644}
	}
	f.Data = []byte(text)
	tree[p] = f
}

// single is the one file that a block without a name can be: the only one that
// the task lets change, or the only one of its language in the workspace.
func single(t *task.Task, bs []Block) (string, Block, bool) {
	var code []Block
	for _, b := range bs {
		if b.Lang == "" || speaks(b.Lang, t.Language) {
			code = append(code, b)
		}
	}
	if len(code) != 1 {
		return "", Block{}, false
	}
	if g, ok := t.Grader("scope"); ok && len(g.Allow) == 1 && !strings.ContainsAny(g.Allow[0], "*?[{") {
		return g.Allow[0], code[0], true
	}
	var same []string
	for p := range t.Workspace {
		if speaks(p[strings.LastIndexByte(p, '.')+1:], t.Language) {
			same = append(same, p)
		}
	}
	if len(same) != 1 {
		return "", Block{}, false
	}
	return same[0], code[0], true
}

// speaks says whether a word at a fence, or the end of a file's name, means the
// language.
func speaks(word string, l task.Language) bool {
	for _, w := range map[task.Language][]string{
		task.Python: {"python", "py", "python3"}, task.JavaScript: {"javascript", "js", "mjs", "cjs", "node"}, task.TypeScript: {"typescript", "ts"},
		task.Go: {"go", "golang"}, task.Rust: {"rust", "rs"}, task.Java: {"java"}, task.C: {"c", "h"}, task.Cpp: {"cpp", "c++", "cc", "cxx", "hpp", "h"}, task.Perl: {"perl", "pl"},
	}[l] {
		if word == w {
			return true
		}
	}
	return false
}

func applyDiff(tree task.Tree, text string, out *Taken) (task.Tree, error) {
	fixed, notes := mend(tree, text)
	out.Notes = append(out.Notes, notes...)
	p, err := workspace.Parse(tree, fixed)
	if err != nil {
		return nil, err
	}
	return tree.Apply(p)
}
