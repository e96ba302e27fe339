// Package cli is the command line of hours.
package cli

import (
	"io"
	"slices"

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
	write := render.Text
	if o.format == "csv" {
		write = render.CSV
	}
	_, err = io.WriteString(out, write(lines, summary.Total(entries)))
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
