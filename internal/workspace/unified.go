package workspace

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/aymanbagabas/go-udiff"

	"metr/internal/task"
)

// Unified shows what a patch does to a tree as git would: a diff with modes and
// symbolic links that Parse and git apply read back. Files that are not text
// are named as differing, without their bytes. A change that changes nothing is
// left out.
func Unified(from task.Tree, p task.Patch) string {
	var b strings.Builder
	for _, c := range p.Changes {
		old, had := from[c.Path]
		if c.Delete {
			if had {
				one(&b, c.Path, &old, nil)
			}
			continue
		}
		f := task.File{Mode: c.Mode, Link: c.Link, Data: c.Data}
		switch {
		case !had:
			one(&b, c.Path, nil, &f)
		case (old.Link == "") != (f.Link == ""): // git shows a change of type as two entries
			one(&b, c.Path, &old, nil)
			one(&b, c.Path, nil, &f)
		default:
			one(&b, c.Path, &old, &f)
		}
	}
	return b.String()
}

// one writes the entry of one file; old or file is nil where there is none.
func one(b *strings.Builder, path string, old, file *task.File) {
	oldMode, oldText := show(old)
	mode, text := show(file)
	if old != nil && file != nil && oldMode == mode && bytes.Equal(oldText, text) {
		return
	}
	oldName, name := quote("a/"+path), quote("b/"+path)
	fmt.Fprintf(b, "diff --git %s %s\n", oldName, name)
	switch {
	case old == nil:
		fmt.Fprintf(b, "new file mode %o\n", mode)
		oldName = "/dev/null"
	case file == nil:
		fmt.Fprintf(b, "deleted file mode %o\n", oldMode)
		name = "/dev/null"
	case oldMode != mode:
		fmt.Fprintf(b, "old mode %o\nnew mode %o\n", oldMode, mode)
	}
	if bytes.Equal(oldText, text) {
		return
	}
	if !isText(oldText) || !isText(text) {
		fmt.Fprintf(b, "Binary files %s and %s differ\n", oldName, name)
		return
	}
	diff := udiff.Unified(oldName, name, string(oldText), string(text))
	// A name with a space needs the tab after it by which git ends names.
	head := fmt.Sprintf("--- %s\n+++ %s\n", oldName, name)
	if rest, ok := strings.CutPrefix(diff, head); ok && strings.Contains(path, " ") {
		diff = "--- " + tabbed(oldName) + "\n+++ " + tabbed(name) + "\n" + rest
	}
	b.WriteString(diff)
}

func tabbed(name string) string {
	if strings.HasPrefix(name, `"`) || name == "/dev/null" {
		return name
	}
	return name + "\t"
}

// show returns a file's mode as git writes it and its text.
func show(f *task.File) (uint32, []byte) {
	switch {
	case f == nil:
		return 0, nil
	case f.Link != "":
		return gitLink, []byte(f.Link)
	case f.Mode&0o111 != 0:
		return gitFile | 0o755, f.Data
	}
	return gitFile | 0o644, f.Data
}

func isText(b []byte) bool { return utf8.Valid(b) && bytes.IndexByte(b, 0) < 0 }

// quote writes a name as git does where it holds more than plain characters.
func quote(name string) string {
	plain := func(c byte) bool { return c >= ' ' && c < 0x7f && c != '"' && c != '\\' }
	for i := range len(name) {
		if !plain(name[i]) {
			var b strings.Builder
			b.WriteByte('"')
			for j := range len(name) {
				switch c := name[j]; {
				case c == '"' || c == '\\':
					b.WriteByte('\\')
					b.WriteByte(c)
				case plain(c):
					b.WriteByte(c)
				default:
					fmt.Fprintf(&b, "\\%03o", c)
				}
			}
			b.WriteByte('"')
			return b.String()
		}
	}
	return name
}
