package source

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/editorconfig/editorconfig-core-go/v2"

	"metr/internal/grade"
	"metr/internal/grade/program"
	"metr/internal/task"
)

// Format asks whether the files touched keep the repository's format: gofmt for
// Go, rustfmt for Rust, clang-format for C and C++ where the workspace brings a
// .clang-format, and the rules of the workspace's .editorconfig, as it was before
// the patch, for every language. A formatter that is not on this machine is an
// error: nothing is known then, which is no pass.
type Format struct{ Reader }

// Grade reads the files; no code runs.
func (g Format) Grade(ctx context.Context, lab *grade.Lab, c grade.Case) (task.Verdict, error) {
	files, err := touched(c)
	if err != nil {
		return c.Verdict(task.Syntax, task.Static), err
	}
	return g.judge(ctx, lab, c, task.Syntax, files, true, func(reports map[string]Report) (string, error) {
		if program.Builds(c.Task.Language) {
			if problem, err := program.Format(ctx, lab, c.Task, c.Tree, files); problem != "" || err != nil {
				return problem, err
			}
		}
		rules, err := editorconfig.Parse(bytes.NewReader(c.Task.Workspace[".editorconfig"].Data))
		if err != nil {
			return "", fmt.Errorf(".editorconfig of the workspace: %w", err)
		}
		for _, f := range files {
			r := reports[f]
			problem := cmp.Or(r.Error, r.Format)
			if problem == "" {
				def, err := rules.GetDefinitionForFilename(f)
				if err != nil {
					return "", fmt.Errorf(".editorconfig of the workspace: %w", err)
				}
				problem = breaks(def, path.Ext(f), c.Tree[f].Data, r.Steps)
			}
			if problem != "" {
				return f + ":" + problem, nil
			}
		}
		return "", nil
	})
}

// breaks returns the first breach of the rules in text as LINE: what, or "".
func breaks(d *editorconfig.Definition, ext string, text []byte, steps [][2]int) string {
	if d.InsertFinalNewline != nil && *d.InsertFinalNewline && len(text) > 0 && text[len(text)-1] != '\n' {
		return fmt.Sprintf("%d: no newline at the end of the file", bytes.Count(text, []byte("\n"))+1)
	}
	longest := 0
	if n, err := strconv.Atoi(d.Raw["max_line_length"]); err == nil {
		longest = n
	}
	for i, line := range strings.Split(string(text), "\n") {
		n := i + 1
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		switch {
		case d.EndOfLine == editorconfig.EndOfLineLf && strings.HasSuffix(line, "\r"):
			return fmt.Sprintf("%d: CRLF at the end of the line", n)
		case d.TrimTrailingWhitespace != nil && *d.TrimTrailingWhitespace && strings.TrimRight(line, " \t") != line:
			return fmt.Sprintf("%d: white space at the end of the line", n)
		case d.IndentStyle == editorconfig.IndentStyleSpaces && strings.Contains(indent, "\t"):
			return fmt.Sprintf("%d: indented with a tab, not spaces", n)
		case d.IndentStyle == editorconfig.IndentStyleTab && strings.HasPrefix(line, "  "):
			return fmt.Sprintf("%d: indented with spaces, not tabs", n)
		case longest > 0 && utf8.RuneCountInString(line) > longest:
			return fmt.Sprintf("%d: %d characters, over %d", n, utf8.RuneCountInString(line), longest)
		}
	}
	if size, err := strconv.Atoi(d.IndentSize); err == nil && d.IndentStyle == editorconfig.IndentStyleSpaces {
		for _, s := range steps {
			if s[1] != size {
				return fmt.Sprintf("%d: indented by %d, not %d", s[0], s[1], size)
			}
		}
	}
	return ""
}
