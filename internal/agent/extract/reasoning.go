package extract

import "strings"

// thoughts are the tags between which models reason.
var thoughts = []string{"think", "thinking", "thought", "reasoning", "reflection", "scratchpad"}

// WithoutReasoning leaves out what stands between tags of reasoning, and says
// whether there was any. Tags count at the beginning of a line and outside of
// fences, since code may speak of them. Reasoning whose tag is not closed goes
// on to the end; where only the closing tag is there (some templates open it in
// the prompt), everything before it was reasoning.
func WithoutReasoning(text string) (rest string, found bool) {
	var out []string
	lines := strings.Split(text, "\n")
	fence := ""  // what closes the fence that is open
	inside := "" // the closing tag that is waited for
	for _, line := range lines {
		for {
			if inside != "" {
				_, after, ok := strings.Cut(line, inside)
				if !ok {
					line = ""
					break
				}
				inside, line = "", after
			}
			if fence != "" {
				break
			}
			open, after, ok := opening(line)
			if !ok {
				break
			}
			found, inside, line = true, "</"+open+">", after
		}
		if inside != "" {
			continue
		}
		trimmed := strings.TrimSpace(line)
		if run := fenceRun(trimmed); fence != "" {
			if strings.HasPrefix(run, fence) && run == trimmed {
				fence = ""
			}
		} else if run != "" {
			fence = run
		} else if after, ok := closing(line); ok {
			out, found, line = out[:0], true, after
		}
		out = append(out, line)
	}
	rest = strings.Join(out, "\n")
	if !found {
		// A closing tag after a fence that never closed.
		for _, name := range thoughts {
			tag := "</" + name + ">"
			if i := strings.LastIndex(text, "\n"+tag); i >= 0 && fence != "" && !strings.Contains(text, "<"+name+">") {
				return text[i+1+len(tag):], true
			}
		}
	}
	return rest, found
}

// opening finds a tag at the beginning of a line.
func opening(line string) (name, after string, ok bool) {
	s := strings.TrimLeft(line, " \t")
	for _, n := range thoughts {
		if rest, ok := strings.CutPrefix(s, "<"+n+">"); ok {
			return n, rest, true
		}
	}
	return "", "", false
}

// closing finds a closing tag that stands alone at the beginning or the end of
// a line.
func closing(line string) (after string, ok bool) {
	for _, n := range thoughts {
		if b, a, ok := strings.Cut(line, "</"+n+">"); ok && (blank(b) || blank(a)) {
			return a, true
		}
	}
	return "", false
}
