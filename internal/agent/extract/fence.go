package extract

import (
	"regexp"
	"strings"
)

// Block is what stands in one fence.
type Block struct {
	Lang string // the first word of the fence's head, in lower case
	Info string // the head, whole
	Text string // ends with a line feed unless empty
	Lead string // the last line with text before the fence
	Open bool   // the fence was not closed
}

// fenceRun is the run of three or more backticks or tildes that s begins with.
func fenceRun(s string) string {
	for _, c := range []string{"`", "~"} {
		rest := strings.TrimLeft(s, c)
		if n := len(s) - len(rest); n >= 3 {
			return s[:n]
		}
	}
	return ""
}

var bullet = regexp.MustCompile(`^\s*(?:[-*+]|\d{1,2}[.)])\s+`)

// Blocks finds the fences of a text. A fence of Markdown that holds fences gives
// those.
func Blocks(text string) []Block { return blocks(text, 0) }

func blocks(text string, depth int) []Block {
	lines := strings.Split(text, "\n")
	var out []Block
	lead := ""
	for i := 0; i < len(lines) && len(out) < maxBlocks; i++ {
		line := lines[i]
		head := strings.TrimLeft(line, " \t")
		indent := len(line) - len(head)
		if m := bullet.FindString(line); m != "" && fenceRun(line[len(m):]) != "" {
			head, indent = line[len(m):], len(m)
		}
		run := fenceRun(head)
		if run == "" {
			if !blank(line) {
				lead = line
			}
			continue
		}
		info := strings.TrimSpace(head[len(run):])
		if inner, ok := strings.CutSuffix(info, run); ok && run[0] == '`' { // all in one line
			if inner = strings.TrimSpace(inner); inner != "" && !strings.Contains(inner, "`") {
				lang, code := "", inner
				if first, rest, ok := strings.Cut(inner, " "); ok && known[strings.ToLower(first)] {
					lang, code = strings.ToLower(first), strings.TrimSpace(rest)
				}
				out = append(out, Block{Lang: lang, Info: lang, Text: code + "\n", Lead: lead})
			}
			continue
		}
		if run[0] == '`' && strings.Contains(info, "`") {
			lead = line
			continue // code within a line
		}
		end, resume, open := closeOf(lines, i+1, run, indent)
		b := Block{Info: info, Lang: langOf(info), Text: dedent(lines[i+1:end], indent), Lead: lead, Open: open}
		if depth < 4 && (b.Lang == "markdown" || b.Lang == "md") && nameInInfo(info) == "" {
			if inner := blocks(b.Text, depth+1); len(inner) > 0 {
				if inner[0].Lead == "" {
					inner[0].Lead = lead
				}
				out, i, lead = append(out, inner...), resume-1, ""
				continue
			}
		}
		out, i, lead = append(out, b), resume-1, ""
	}
	return out
}

// closeOf finds the end of a fence whose first line is at start: the line after
// its last, the line to go on with, and whether it was left open. Fences with a
// head within it are nested, and so is what is indented further than the fence;
// where that leaves no end, neither counts.
func closeOf(lines []string, start int, run string, indent int) (end, resume int, open bool) {
	depth := 0
	for j := start; j < len(lines); j++ {
		head := strings.TrimLeft(lines[j], " \t")
		r := fenceRun(head)
		if r == "" || r[0] != run[0] || len(r) < len(run) {
			continue
		}
		switch bare := strings.TrimSpace(head[len(r):]) == ""; {
		case !bare:
			depth++
		case len(lines[j])-len(head) > indent:
		case depth > 0:
			depth--
		default:
			return j, j + 1, false
		}
	}
	for j := start; j < len(lines); j++ {
		head := strings.TrimLeft(lines[j], " \t")
		r := fenceRun(head)
		if r == "" || r[0] != run[0] || len(r) < len(run) {
			continue
		}
		if strings.TrimSpace(head[len(r):]) == "" {
			return j, j + 1, false
		}
		return j, j, true // the next fence begins: this one's end was forgotten
	}
	return len(lines), len(lines), true
}

// dedent joins lines, each without as much of the fence's indent as it has.
func dedent(lines []string, indent int) string {
	var b strings.Builder
	for i, l := range lines {
		if i == len(lines)-1 && l == "" {
			break // the text's own end
		}
		b.WriteString(l[min(indentOf(l), indent):])
		b.WriteByte('\n')
	}
	return b.String()
}

// known are words that name languages in the heads of fences.
var known = map[string]bool{
	"python": true, "py": true, "python3": true, "javascript": true, "js": true, "jsx": true, "mjs": true, "typescript": true, "ts": true, "tsx": true,
	"go": true, "golang": true, "rust": true, "rs": true, "java": true, "c": true, "h": true, "cpp": true, "c++": true, "cc": true, "perl": true, "pl": true,
	"diff": true, "patch": true, "json": true, "toml": true, "yaml": true, "yml": true, "text": true, "txt": true, "plaintext": true, "console": true,
	"sh": true, "bash": true, "shell": true, "output": true, "markdown": true, "md": true, "html": true, "css": true, "sql": true, "mod": true, "xml": true,
}

// langOf reads the language in a fence's head.
func langOf(info string) string {
	f := strings.FieldsFunc(info, func(r rune) bool { return strings.ContainsRune(" \t{}:,", r) })
	if len(f) == 0 {
		return ""
	}
	l := strings.ToLower(strings.TrimPrefix(f[0], "."))
	if known[l] {
		return l
	}
	if looksPath(f[0]) {
		return strings.ToLower(f[0][strings.LastIndexByte(f[0], '.')+1:])
	}
	return l
}
