package model

import (
	"fmt"
	"path"
	"strings"
	"unicode/utf8"

	llm "metr/internal/model"
	"metr/internal/task"
)

const system = "You write code for people who build and test it as it stands. Do what is asked, completely, and nothing beyond it."

// hints say what is easily missed in a task of a kind when one answer is all
// there is.
var hints = map[task.Kind]string{
	task.Complete:  "Keep the names and signatures that are there.",
	task.Debug:     "Find the cause and mend it there; other behaviour stays as it is.",
	task.Testgen:   "Answer with files of tests. They must pass on the code as it is meant to be.",
	task.Feature:   "What works must go on working.",
	task.Algorithm: "Mind the invariants and the edge cases.",
	task.Integrate: "Manifest and lock file belong to the change.",
	task.Secure:    "Close the hole and keep what is allowed working.",
	task.Optimize:  "Results stay exactly as they are.",
	task.Style:     "Behaviour stays exactly as it is.",
}

// ask is the prompt for a task; in completion mode it is the beginning of the
// program and nothing else.
func ask(t *task.Task, completion bool) ([]llm.Message, error) {
	if completion {
		if t.Function == nil || t.Function.Prompt == "" {
			return nil, fmt.Errorf("task %s: completion mode is for tasks that begin a program; a base model cannot be asked for this one: use a model that chats", t.ID)
		}
		return []llm.Message{{Role: llm.User, Text: strings.TrimRight(t.Function.Prompt, " \t\n") + "\n"}}, nil
	}
	var b strings.Builder
	b.WriteString(strings.TrimSpace(t.Instruction))
	b.WriteString("\n\n")
	if t.Function != nil {
		fmt.Fprintf(&b, "Answer with the whole file in one fenced block that begins with ```%s. The file is made of that block alone.\n", t.Language)
	} else {
		show(&b, t)
		b.WriteString(format)
		if h := hints[t.Kind]; h != "" {
			b.WriteString("\n" + h + "\n")
		}
	}
	return []llm.Message{{Role: llm.System, Text: system}, {Role: llm.User, Text: b.String()}}, nil
}

const format = `
Answer with every file that you change or add, whole, each in a fenced block whose first line names its
path:

` + "```LANGUAGE path/of/the/file" + `
the whole file
` + "```" + `

Of a long file, a unified diff in a block that begins with ` + "```diff" + ` will do. Files that you leave out stay as
they are. There is one answer and no way to run anything.
`

// maxShown is how many bytes of a workspace go into a prompt; what is beyond it
// is named only.
const maxShown = 400 << 10

// show lists the workspace's files.
func show(b *strings.Builder, t *task.Task) {
	b.WriteString("The workspace:\n")
	left := maxShown
	for _, p := range t.Workspace.Paths() {
		f := t.Workspace[p]
		switch {
		case f.Link != "":
			fmt.Fprintf(b, "\n`%s` is a link to `%s`\n", p, f.Link)
		case !utf8.Valid(f.Data) || strings.ContainsRune(string(f.Data), 0):
			fmt.Fprintf(b, "\n`%s`: %d bytes, not text\n", p, len(f.Data))
		case len(f.Data) > left:
			fmt.Fprintf(b, "\n`%s`: %d bytes, not shown\n", p, len(f.Data))
		default:
			left -= len(f.Data)
			text := string(f.Data)
			fence := "```"
			for strings.Contains(text, fence) {
				fence += "`"
			}
			if text != "" && !strings.HasSuffix(text, "\n") {
				text += "\n"
			}
			fmt.Fprintf(b, "\n`%s`\n%s%s\n%s%s\n", p, fence, strings.TrimPrefix(path.Ext(p), "."), text, fence)
		}
	}
}
