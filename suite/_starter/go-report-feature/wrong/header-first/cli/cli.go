// Package cli is the command line of hours.
package cli

import (
	"io"
	"slices"
	"strings"

	"example.com/hours/entry"
	"example.com/hours/render"
	"example.com/hours/summary"
)

// Run reads a time sheet from in and writes its summary to out as args ask. If
// there is an error, nothing is written.
func Run(args []string, in io.Reader, out io.Writer) error {
	o, err := parseOptions(args)
	if err != nil {
		return err
	}
	if o.format == "csv" {
		if _, err := io.WriteString(out, "name,minutes\n"); err != nil {
			return err
		}
	}
	text, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	entries, err := entry.Parse(string(text))
	if err != nil {
		return err
	}
	if o.project != "" {
		entries = slices.DeleteFunc(entries, func(e entry.Entry) bool { return e.Project != o.project })
	}
	lines := sum(o.by, entries)
	body := render.Text(lines, summary.Total(entries))
	if o.format == "csv" {
		body = strings.TrimPrefix(render.CSV(lines, summary.Total(entries)), "name,minutes\n")
	}
	_, err = io.WriteString(out, body)
	return err
}

func sum(by string, entries []entry.Entry) []summary.Line {
	switch by {
	case "tag":
		return summary.ByTag(entries)
	case "day":
		return summary.ByDay(entries)
	}
	return summary.ByProject(entries)
}
