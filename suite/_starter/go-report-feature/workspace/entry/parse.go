package entry

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ErrLine is wrapped by the errors of Parse.
var ErrLine = errors.New("bad line")

// Parse reads a time sheet: DAY MINUTES PROJECT [NOTE] on each line. Empty lines
// are left out.
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
	return Entry{
		Day:     words[0],
		Minutes: minutes,
		Project: words[2],
		Note:    strings.Join(words[3:], " "),
	}, nil
}
