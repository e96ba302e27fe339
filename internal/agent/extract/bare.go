package extract

import (
	"regexp"
	"strings"

	"metr/internal/task"
)

var (
	pythonStart = regexp.MustCompile(`^(?:from\s+[\w.]+\s+import\b|import\s+\w|(?:async\s+)?def\s+\w|class\s+\w|@\w)`)
	pythonLine  = regexp.MustCompile(`^(?:from\s+[\w.]+\s+import\b|import\s+\w|(?:async\s+)?def\s+\w|class\s+\w|@\w|(?:if|for|while|with|elif)\s.*:|(?:try|else|finally)\s*:|except\b.*:|[A-Za-z_][\w.\[\]'", ]*\s*(?::[^=]+)?[-+*/|&]?=[^=]|[A-Za-z_][\w.]*\(|[)\]}#"'])`)
	otherStart  = regexp.MustCompile(`^\s*(?:import\b|package\s|#include\b|using\s|export\s|const\s|let\s|var\s|(?:async\s+)?function\b|class\s|public\s|private\s|static\s|func\s|fn\s|pub\s|use\s|sub\s|type\s|template\s*<|(?:int|long|double|float|bool|char|void|string|vector<|std::)[\w<>:,&* ]*\s+\w+\s*\()`)
)

// bare takes code out of an answer without fences: from its first line of code
// to where prose begins again.
func bare(t *task.Task, text string, want []string) Taken {
	lines := strings.Split(text, "\n")
	if t.Language != task.Python {
		from, to := -1, -1
		for i, l := range lines {
			if from < 0 && otherStart.MatchString(l) {
				from = i
			}
			if s := strings.TrimSpace(l); from >= 0 && (strings.HasSuffix(s, "}") || strings.HasSuffix(s, ";")) {
				to = i + 1
			}
		}
		if from < 0 || to <= from {
			return nothing("the answer holds no code")
		}
		out := whole(t, strings.Join(lines[from:to], "\n")+"\n", want)
		out.Rule = Bare
		return out
	}
	from := 0
	for from < len(lines) && !pythonStart.MatchString(lines[from]) {
		from++
	}
	if from == len(lines) {
		if first := firstLine(text); t.Function.Prompt != "" && indentOf(first) > 0 {
			return Continuation(t, text)
		}
		return nothing("the answer holds no code")
	}
	to := from
	var quotes quoted
	for i := from; i < len(lines); i++ {
		if l := lines[i]; !blank(l) {
			if indentOf(l) == 0 && !pythonLine.MatchString(l) && !quotes.open() {
				break
			}
			to = i + 1
		}
		quotes.read(lines[i])
	}
	out := whole(t, strings.Join(lines[from:to], "\n")+"\n", want)
	out.Rule = Bare
	return out
}

// quoted counts the marks of strings of three quotes.
type quoted struct{ double, single int }

func (q *quoted) read(line string) {
	q.double += strings.Count(line, `"""`)
	q.single += strings.Count(line, "'''")
}

func (q *quoted) open() bool { return q.double%2 == 1 || q.single%2 == 1 }

// Continuation takes the program out of a text that goes on where the prompt of
// a function-level task ends: up to where the function ends.
func Continuation(t *task.Task, text string) Taken {
	f := t.Function
	if f == nil || f.Prompt == "" {
		return nothing("the task has no beginning to go on with")
	}
	text = clean(text)
	if i := strings.Index(text, "\n```"); i >= 0 {
		text = text[:i+1]
	}
	if t.Language != task.Python {
		text = closed(f.Prompt, text)
	} else {
		text = pythonBody(text)
	}
	if blank(text) {
		return nothing("the continuation is empty")
	}
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	p := t.Answer(text)
	return Taken{Rule: Continue, Patch: p, Paths: []string{f.File}}
}

// pythonBody is text up to the first line that is not indented and closes no
// bracket: there the function has ended. What comes before the first indented
// line is the rest of the prompt's last line.
func pythonBody(text string) string {
	at := 0
	var quotes quoted
	for l := range strings.Lines(text) {
		if at > 0 && !blank(l) && indentOf(l) == 0 && !strings.ContainsAny(l[:1], ")]}") && !quotes.open() {
			return text[:at]
		}
		quotes.read(l)
		at += len(l)
	}
	return text
}

// closed is text up to where the braces that the prompt left open are closed.
func closed(prompt, text string) string {
	depth := strings.Count(prompt, "{") - strings.Count(prompt, "}")
	if depth <= 0 {
		return text
	}
	for i, c := range text {
		switch c {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return text[:i+1] + "\n"
			}
		}
	}
	return text
}
