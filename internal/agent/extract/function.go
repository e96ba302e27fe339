package extract

import (
	"regexp"
	"slices"
	"strings"

	"metr/internal/task"
)

// function takes one program out of an answer to a function-level task.
func function(t *task.Task, text string) Taken {
	all := Blocks(text)
	want := wanted(t.Function)
	var code []Block
	for _, b := range all {
		if !isDiff(b) && (b.Lang == "" || speaks(b.Lang, t.Language) || slices.ContainsFunc(want, func(n string) bool { return defines(t.Language, b.Text, n) })) {
			code = append(code, b)
		}
	}
	if len(code) == 0 {
		for _, b := range all { // named by another word, or a diff
			if isDiff(b) {
				return workspaceAnswer(t, text)
			}
			if !slices.Contains([]string{"console", "output", "text", "txt", "plaintext", "json", "sh", "bash", "shell"}, b.Lang) {
				code = append(code, b)
			}
		}
	}
	if len(code) == 0 && len(all) == 0 {
		if hasDiff(text) {
			return workspaceAnswer(t, text)
		}
		return bare(t, text, want)
	}
	if len(code) == 0 {
		return nothing("the answer's fences hold no code in " + string(t.Language))
	}
	// The last block that defines what is asked for: drafts come before it, calls
	// and examples do not define.
	chosen, defined := code[0], false
	for _, b := range code {
		if slices.ContainsFunc(want, func(n string) bool { return defines(t.Language, b.Text, n) }) {
			chosen, defined = b, true
		}
	}
	if !defined {
		for _, b := range code {
			if len(b.Text) > len(chosen.Text) {
				chosen = b
			}
		}
	}
	if blank(chosen.Text) {
		return nothing("the answer's fence is empty")
	}
	out := whole(t, chosen.Text, want)
	out.Open = chosen.Open
	if len(code) > 1 {
		out.Notes = append(out.Notes, "other fences were passed over")
	}
	return out
}

// whole makes the program of code that holds the function, or its body alone.
func whole(t *task.Task, code string, want []string) Taken {
	f := t.Function
	defined := slices.ContainsFunc(want, func(n string) bool { return defines(t.Language, code, n) })
	if defined || f.Prompt == "" || len(want) == 0 {
		if t.Language == task.Python {
			code = flush(code)
		}
		return Taken{Rule: Program, Patch: t.Program(withHead(t, code))}
	}
	if t.Language == task.Python {
		if topLevel.MatchString(code) { // defines something else
			return Taken{Rule: Program, Patch: t.Program(withHead(t, code)), Notes: []string{"it does not define " + want[0]}}
		}
		if indentOf(firstLine(code)) == 0 {
			code = "    " + strings.ReplaceAll(strings.TrimRight(code, "\n"), "\n", "\n    ") + "\n"
		}
		return Taken{Rule: Body, Patch: t.Program(strings.TrimRight(f.Prompt, " \t\n") + "\n" + code)}
	}
	return Taken{Rule: Body, Patch: t.Answer(closed(f.Prompt, code))}
}

var topLevel = regexp.MustCompile(`(?m)^(?:async\s+def|def|class|import|from)\s`)

func firstLine(s string) string {
	for line := range strings.Lines(s) {
		if !blank(line) {
			return line
		}
	}
	return ""
}

// flush takes a common indent away, in which no program of Python begins.
func flush(code string) string {
	n := indentOf(firstLine(code))
	lines := strings.Split(code, "\n")
	for _, l := range lines {
		if !blank(l) {
			n = min(n, indentOf(l))
		}
	}
	for i, l := range lines {
		lines[i] = l[min(n, indentOf(l)):]
	}
	return strings.Join(lines, "\n")
}

// wanted are the names that the tests call: the entry point, or what the
// asserts name first.
func wanted(f *task.Function) []string {
	if f.EntryPoint != "" {
		return []string{f.EntryPoint}
	}
	var out []string
	for _, a := range f.Asserts {
		for _, m := range called.FindAllStringSubmatch(a, -1) {
			if !slices.Contains(builtins, m[1]) && !slices.Contains(out, m[1]) {
				out = append(out, m[1])
				break
			}
		}
	}
	return out
}

var (
	called   = regexp.MustCompile(`\b([A-Za-z_]\w*)\s*\(`)
	builtins = []string{"assert", "set", "list", "tuple", "dict", "sorted", "len", "round", "str", "int", "float", "abs", "not", "isclose", "sum", "all", "any", "frozenset", "Counter", "type", "isinstance"}
)

// defines says whether code defines the name.
func defines(l task.Language, code, name string) bool {
	n := regexp.QuoteMeta(name)
	var p string
	switch l {
	case task.Python:
		p = `(?m)^[ \t]*(?:(?:async\s+)?def|class)\s+` + n + `\b|^` + n + `\s*(?::[^=\n]+)?=[^=]`
	case task.JavaScript, task.TypeScript:
		p = `(?:function\s*\*?|const|let|var|class)\s+` + n + `\b|(?m:^[ \t]*` + n + `\s*[:=]\s*(?:async\b|function\b|\())`
	case task.Go:
		p = `(?m)^func\s+` + n + `\b`
	case task.Perl:
		p = `\bsub\s+` + n + `\b`
	case task.Rust:
		p = `\bfn\s+` + n + `\b`
	default: // a type before it, a body or a parameter list that ends the line after it
		p = `(?m)^[^=\n(.]*[\w>\]&*]\s+[&*]*` + n + `\s*\([^;]*$`
	}
	re, err := regexp.Compile(p)
	return err == nil && re.MatchString(code)
}

// withHead puts what the prompt brings before its function (imports, helpers)
// before code that leaves it out.
func withHead(t *task.Task, code string) string {
	f := t.Function
	if f.Prompt == "" || f.EntryPoint == "" {
		return code
	}
	at := -1
	for i, line := range lineStarts(f.Prompt) {
		if defines(t.Language, line, f.EntryPoint) || strings.Contains(line, " "+f.EntryPoint+"(") && t.Language != task.Python {
			at = i
			break
		}
	}
	if at <= 0 {
		return code
	}
	head := strings.TrimSpace(f.Prompt[:at])
	if head == "" || strings.Contains(code, head) {
		return code
	}
	if t.Language == task.Python {
		return head + "\n\n\n" + code
	}
	var missing []string
	for _, line := range strings.Split(head, "\n") {
		s := strings.TrimSpace(line)
		if headLine.MatchString(s) && !strings.Contains(code, s) {
			missing = append(missing, s)
		}
	}
	if len(missing) == 0 {
		return code
	}
	return strings.Join(missing, "\n") + "\n" + code
}

var headLine = regexp.MustCompile(`^(?:import\b|package\b|#include\b|using\b|use\s|(?:const|let|var)\s.*\brequire\()`)

// lineStarts yields each line and where it begins.
func lineStarts(s string) func(func(int, string) bool) {
	return func(yield func(int, string) bool) {
		at := 0
		for line := range strings.Lines(s) {
			if !yield(at, line) {
				return
			}
			at += len(line)
		}
	}
}
