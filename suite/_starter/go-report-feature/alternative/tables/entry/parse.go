package entry

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
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
	note, tags := split(words[3:])
	return Entry{Day: words[0], Minutes: minutes, Project: words[2], Note: note, Tags: tags}, nil
}

var tagWord = regexp.MustCompile(`^#[-\p{L}\p{Nd}]+$`)

// split parts the words of a note from its tags.
func split(words []string) (note string, tags []string) {
	seen := make(map[string]bool)
	rest := make([]string, 0, len(words))
	for _, w := range words {
		if !tagWord.MatchString(w) {
			rest = append(rest, w)
			continue
		}
		name := strings.ToLower(w[1:])
		if !seen[name] {
			seen[name] = true
			tags = append(tags, name)
		}
	}
	return strings.Join(rest, " "), tags
}
