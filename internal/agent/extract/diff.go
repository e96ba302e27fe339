package extract

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"metr/internal/task"
)

var (
	hunkHead = regexp.MustCompile(`^@@+ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@`)
	fileHead = regexp.MustCompile(`(?m)^(?:diff --git |--- \S.*\n\+\+\+ \S|\*\*\* (?:Begin Patch|(?:Update|Add|Delete) File: ))`)
	gitLine  = regexp.MustCompile(`^(?:index |old mode |new mode |new file mode |deleted file mode |similarity index |dissimilarity index |rename (?:from|to) |copy (?:from|to) |GIT binary patch|Binary files )`)
)

func hasDiff(text string) bool { return fileHead.MatchString(text) }

func isDiff(b Block) bool { return b.Lang == "diff" || b.Lang == "patch" || hasDiff(b.Text) }

// mend brings a diff of a model's into the form that tools read: the counts in
// the heads of hunks are made anew, empty lines of context get their space,
// names are those of the workspace, and prose around it goes. apply_patch's form
// becomes a unified diff. What lines say is left as it is.
func mend(tree task.Tree, text string) (string, []string) {
	m := mender{tree: tree, lines: strings.Split(strings.TrimRight(text, "\n"), "\n")}
	m.git = strings.Contains(text, "\nrename from ") || strings.Contains(text, "\ncopy from ") || strings.Contains(text, "\nold mode ") ||
		strings.Contains(text, "GIT binary patch") || strings.Contains(text, "mode 120000")
	for m.i < len(m.lines) {
		m.step()
	}
	return m.out.String(), m.notes
}

type mender struct {
	tree   task.Tree
	lines  []string
	i      int
	git    bool // heads of git's are needed and stay
	binary bool // in a binary hunk, whose lines say nothing by their looks
	file   string
	out    strings.Builder
	notes  []string
}

func (m *mender) step() {
	line := m.lines[m.i]
	next := ""
	if m.i+1 < len(m.lines) {
		next = m.lines[m.i+1]
	}
	switch {
	case strings.HasPrefix(line, "--- ") && strings.HasPrefix(next, "+++ "):
		m.i += 2
		m.heads(headName(line), headName(next))
	case strings.HasPrefix(line, "@@"):
		m.i++
		m.hunk(line)
	case strings.HasPrefix(line, "*** Update File: "):
		m.i++
		name := m.name(strings.TrimSpace(line[len("*** Update File: "):]))
		m.heads("a/"+name, "b/"+name)
		if m.i < len(m.lines) && !strings.HasPrefix(m.lines[m.i], "@@") && !strings.HasPrefix(m.lines[m.i], "*** ") {
			m.hunk("@@")
		}
	case strings.HasPrefix(line, "*** Add File: "):
		m.i++
		m.heads("/dev/null", "b/"+m.name(strings.TrimSpace(line[len("*** Add File: "):])))
		m.hunk("@@ -0,0 +1 @@")
	case strings.HasPrefix(line, "*** Delete File: "):
		m.i++
		name := m.name(strings.TrimSpace(line[len("*** Delete File: "):]))
		m.heads("a/"+name, "/dev/null")
		m.removed(name)
	case m.git && (strings.HasPrefix(line, "diff --git ") || gitLine.MatchString(line) || m.binary && !strings.HasPrefix(line, "```")):
		m.binary = line == "GIT binary patch" || m.binary && !strings.HasPrefix(line, "diff --git ")
		m.out.WriteString(line + "\n")
		m.i++
	default:
		m.i++ // prose, or a head of git's that says nothing new
	}
}

// headName is the name in a line --- NAME or +++ NAME.
func headName(line string) string {
	name, _, _ := strings.Cut(line[4:], "\t")
	name = strings.TrimSpace(name)
	if s, err := strconv.Unquote(name); err == nil && strings.HasPrefix(name, `"`) {
		name = s
	}
	return name
}

func (m *mender) name(said string) string {
	p, note := resolve(said, m.tree)
	if note != "" && !strings.HasPrefix(said, "a/") && !strings.HasPrefix(said, "b/") {
		m.notes = append(m.notes, note)
	}
	return p
}

func (m *mender) heads(old, now string) {
	if m.git {
		m.file = strings.TrimPrefix(now, "b/")
		fmt.Fprintf(&m.out, "--- %s\n+++ %s\n", old, now)
		return
	}
	strip := func(s string) string {
		for _, prefix := range []string{"a/", "b/"} {
			if t, ok := strings.CutPrefix(s, prefix); ok {
				return t
			}
		}
		return s
	}
	from, to := "/dev/null", "/dev/null"
	if old != "/dev/null" {
		from = "a/" + m.name(strip(old))
	}
	if now != "/dev/null" {
		m.file = m.name(strip(now))
		to = "b/" + m.file
	} else {
		m.file = m.name(strip(old))
	}
	if _, ok := m.tree[m.file]; !ok && from == "a/"+m.file {
		from = "/dev/null" // a new file that was not said to be one
	}
	fmt.Fprintf(&m.out, "--- %s\n+++ %s\n", from, to)
}

// hunk reads the lines of a hunk and writes it with the right counts.
func (m *mender) hunk(head string) {
	var body []string
	own := map[string]bool{}
	for _, l := range strings.Split(string(m.tree[m.file].Data), "\n") {
		own[l] = true
	}
	for ; m.i < len(m.lines); m.i++ {
		l := m.lines[m.i]
		if strings.HasPrefix(l, "@@") || strings.HasPrefix(l, "diff --git ") || strings.HasPrefix(l, "*** ") ||
			strings.HasPrefix(l, "--- ") && m.i+1 < len(m.lines) && strings.HasPrefix(m.lines[m.i+1], "+++ ") {
			break
		}
		if l == "" {
			body = append(body, "")
			continue
		}
		if !strings.ContainsRune(" +-\\", rune(l[0])) {
			if !own[l] {
				break // prose after the diff
			}
			l = " " + l
		}
		body = append(body, l)
	}
	for len(body) > 0 && body[len(body)-1] == "" {
		body = body[:len(body)-1] // an empty line between hunks is no context
	}
	old, now := 0, 0
	for i, l := range body {
		if l == "" {
			body[i], l = " ", " "
		}
		switch l[0] {
		case ' ':
			old, now = old+1, now+1
		case '-':
			old++
		case '+':
			now++
		}
	}
	if old+now == 0 {
		return
	}
	at, to := "1", "1"
	if got := hunkHead.FindStringSubmatch(head); got != nil {
		at, to = got[1], got[2]
	} else if old == 0 {
		at = "0"
	}
	if at == "0" && old > 0 {
		at = "1"
	}
	if to == "0" && now > 0 {
		to = "1"
	}
	made := fmt.Sprintf("@@ -%s,%d +%s,%d @@", at, old, to, now)
	if said, _, _ := strings.Cut(strings.TrimPrefix(head, "@@"), "@@"); "@@"+said+"@@" != made && !sameCounts(said, old, now) {
		m.notes = append(m.notes, fmt.Sprintf("%s: a hunk's head was counted anew", m.file))
	}
	m.out.WriteString(made + "\n" + strings.Join(body, "\n") + "\n")
}

// sameCounts says whether a head that leaves out counts of 1 says the same.
func sameCounts(said string, old, now int) bool {
	f := strings.Fields(said)
	if len(f) != 2 {
		return false
	}
	count := func(s string) string {
		if _, n, ok := strings.Cut(s, ","); ok {
			return n
		}
		return "1"
	}
	return count(f[0]) == strconv.Itoa(old) && count(f[1]) == strconv.Itoa(now)
}

// removed writes the hunk that takes a whole file away.
func (m *mender) removed(name string) {
	text := string(m.tree[name].Data)
	if text == "" {
		return
	}
	cut, whole := strings.CutSuffix(text, "\n")
	lines := strings.Split(cut, "\n")
	fmt.Fprintf(&m.out, "@@ -1,%d +0,0 @@\n-%s\n", len(lines), strings.Join(lines, "\n-"))
	if !whole {
		m.out.WriteString("\\ No newline at end of file\n")
	}
}
