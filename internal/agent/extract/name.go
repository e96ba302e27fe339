package extract

import (
	"path"
	"regexp"
	"strings"

	"metr/internal/task"
)

var pathShape = regexp.MustCompile(`^(?:\.{0,2}/)?(?:[\w@.+\-\[\]]+/)*[\w@.+\-\[\]]*\.[A-Za-z][A-Za-z0-9]{0,7}$|^(?:[\w@.+\-]+/)*(?:Makefile|Dockerfile|LICENSE)$`)

func looksPath(s string) bool { return len(s) < 300 && pathShape.MatchString(s) }

// trimPath takes the marks off a word that may name a file.
func trimPath(s string) string { return strings.Trim(s, "`*_\"'()[]{}<>,:;#") }

// nameInInfo finds a file's name in the head of a fence: python a.py,
// python:a.py, python title="a.py", a.py.
func nameInInfo(info string) string {
	for _, w := range strings.FieldsFunc(info, func(r rune) bool { return strings.ContainsRune(" \t{},", r) }) {
		for _, sep := range []string{"=", ":"} {
			if _, v, ok := strings.Cut(w, sep); ok && looksPath(trimPath(v)) {
				return trimPath(v)
			}
		}
		if w = trimPath(w); looksPath(w) && !known[strings.TrimPrefix(w, ".")] {
			return w
		}
	}
	return ""
}

// nameInLine finds a file's name in the line before a fence, if it names one and
// says little else.
func nameInLine(line string, tree task.Tree) string {
	words := strings.Fields(line)
	var found, sure []string
	for _, w := range words {
		marked := strings.Contains(w, "`") || strings.Contains(w, "*")
		w = strings.TrimSuffix(trimPath(w), ".")
		if !looksPath(w) {
			if _, ok := tree[w]; !ok {
				continue
			}
		}
		if _, ok := tree[strings.TrimPrefix(w, "./")]; ok || marked {
			sure = append(sure, w)
		}
		found = append(found, w)
	}
	switch {
	case len(found) == 1 && len(words) <= 6:
		return found[0]
	case len(sure) == 1 && len(words) <= 20:
		return sure[0]
	}
	return ""
}

var nameComment = regexp.MustCompile(`(?i)^(?:#+|//+|--|;+|/\*+|<!--|%)\s*(?:(?:file|filename|path)\s*:?\s*)?([^\s]+)\s*(?:\*/|-->)?\s*$`)

// nameInFirst finds a file's name in a comment that is the first line of a
// block, and gives the text after it.
func nameInFirst(text string) (name, rest string) {
	first, rest, _ := strings.Cut(text, "\n")
	m := nameComment.FindStringSubmatch(strings.TrimSpace(first))
	if m == nil || !looksPath(trimPath(m[1])) {
		return "", text
	}
	return trimPath(m[1]), rest
}

// resolve makes a name of an answer's a path of the workspace. A bare name that
// one file alone has means that file.
func resolve(name string, tree task.Tree) (p, note string) {
	p = strings.TrimPrefix(name, "/work/")
	for strings.HasPrefix(p, "./") {
		p = p[2:]
	}
	if _, ok := tree[p]; ok {
		return p, ""
	}
	for _, prefix := range []string{"a/", "b/", "workspace/"} {
		if q, ok := strings.CutPrefix(p, prefix); ok {
			if _, ok := tree[q]; ok {
				return q, name + " was read as " + q
			}
		}
	}
	if !strings.Contains(p, "/") {
		var same []string
		for q := range tree {
			if path.Base(q) == p {
				same = append(same, q)
			}
		}
		if len(same) == 1 {
			return same[0], name + " was read as " + same[0]
		}
	}
	return p, ""
}
