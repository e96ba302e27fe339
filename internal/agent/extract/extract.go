// Package extract takes the code out of what a model says: from fences of either
// kind, nested or left open, with or without file names, from unified diffs
// whose hunks are miscounted, from bare code with prose around it, and from the
// continuation of a text by a model that does not chat.
//
//	answer ── reasoning left out ──> blocks ──> files, a diff, or one program ──> task.Patch
//
// Each rule has a name, which is kept with the attempt beside the raw answer, so
// that a score can be checked for what was made of an answer. The rules guess
// where code is, never what it should have been: nothing in the code is mended.
// What an answer holds is a program's work: there is no error, only an answer
// without usable code.
package extract

import (
	"strings"

	"metr/internal/task"
)

// Rule names how code was found in an answer.
type Rule string

// The rules.
const (
	Program  Rule = "program"      // a fence that holds the whole program
	Body     Rule = "body"         // a fence that holds the rest of the function alone
	Bare     Rule = "bare code"    // code without a fence
	Continue Rule = "continuation" // the prompt's text goes on
	Files    Rule = "files"        // fences with the names of files
	Diff     Rule = "diff"         // a unified diff, or one in the form of apply_patch
	Mixed    Rule = "files and diffs"
	Single   Rule = "single file" // one fence without a name, and one file that it can be
	Nothing  Rule = "nothing"
)

// Taken is what was taken from an answer.
type Taken struct {
	Rule  Rule       `json:"rule"`
	Paths []string   `json:"paths,omitempty"` // of the files that the patch changes
	Open  bool       `json:"open,omitempty"`  // the fence was not closed: the answer may have been cut
	Notes []string   `json:"notes,omitempty"` // what was passed over, renamed or counted anew
	Why   string     `json:"why,omitempty"`   // why there is no usable code; "" where there is
	Patch task.Patch `json:"-"`
}

func nothing(why string) Taken { return Taken{Rule: Nothing, Why: why} }

// maxAnswer is how many bytes an answer may have, and maxBlocks how many fences
// of it are looked at: what a model says must not cost hours.
const (
	maxAnswer = 2 << 20
	maxBlocks = 200
)

// Answer takes the patch out of an answer to the task.
func Answer(t *task.Task, text string) Taken {
	if len(text) > maxAnswer {
		return nothing("the answer is longer than 2 MiB")
	}
	text, thought := WithoutReasoning(clean(text))
	var out Taken
	switch {
	case strings.TrimSpace(text) == "" && thought:
		out = nothing("the answer is reasoning alone")
	case strings.TrimSpace(text) == "":
		out = nothing("the answer is empty")
	case t.Function != nil:
		out = function(t, text)
	default:
		out = workspaceAnswer(t, text)
	}
	if thought {
		out.Notes = append([]string{"reasoning was left out"}, out.Notes...)
	}
	for _, c := range out.Patch.Changes {
		out.Paths = append(out.Paths, c.Path)
	}
	return out
}

// clean has line feeds alone for line ends and no byte order mark.
func clean(s string) string {
	s = strings.TrimPrefix(s, "\ufeff")
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

func blank(line string) bool { return strings.TrimSpace(line) == "" }
