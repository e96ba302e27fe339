package entry

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// ErrLine is wrapped by the errors of Parse.
var ErrLine = errors.New("bad line")

// Parse reads a time sheet: DAY MINUTES PROJECT [NOTE] on each line. Words of the
// note such as #urgent are tags. Empty lines are left out.
func Parse(text string) ([]Entry, error) {
	var out []Entry
	for i, line := range strings.Split(text, "\n") {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		e, err := parse(words)
		if err != nil {
			return nil, fmt.Errorf("%w %d: %w", ErrLine, i+1, err)
		}
		out = append(out, e)
	}
	return out, nil
}

func parse(words []string) (Entry, error) {
	if len(words) < 3 {
		return Entry{}, errors.New("expected a day, minutes and a project")
	}
	if _, err := time.Parse("2006-01-02", words[0]); err != nil {
		return Entry{}, fmt.Errorf("%q is not a day", words[0])
	}
	minutes, err := strconv.Atoi(words[1])
	if err != nil || minutes < 0 {
		return Entry{}, fmt.Errorf("%q is not a number of minutes", words[1])
	}
	e := Entry{Day: words[0], Minutes: minutes, Project: words[2]}
	var note []string
	for _, w := range words[3:] {
		t, ok := tag(w)
		if !ok {
			note = append(note, w)
		} else if !slices.Contains(e.Tags, t) {
			e.Tags = append(e.Tags, t)
		}
	}
	e.Note = strings.Join(note, " ")
	return e, nil
}

// tag returns the tag that the word is, if it is one.
func tag(word string) (string, bool) {
	name, ok := strings.CutPrefix(word, "#")
	if !ok || name == "" {
		return "", false
	}
	for _, r := range name {
		if r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return "", false
		}
	}
	return strings.ToLower(name), true
}
