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
	_, err = io.WriteString(out, render.Text(summary.ByProject(entries), summary.Total(entries)))
	return err
}
