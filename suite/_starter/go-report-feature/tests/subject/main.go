// Command subject shows the candidate's reports to the judge.
package main

import (
	"strings"

	"example.com/hours/cli"
	"example.com/hours/entry"
	"example.com/hours/render"
	"example.com/hours/summary"
)

func main() {
	serve(table{
		"Run":      run,
		"Output":   output,
		"Entries":  entry.Parse,
		"Lines":    lines,
		"CSV":      render.CSV,
		"Text":     render.Text,
		"ErrUsage": cli.ErrUsage,
		"ErrLine":  entry.ErrLine,
	})
}

// run is the command line: what it writes and its error.
func run(args []string, in string) (string, error) {
	var out strings.Builder
	err := cli.Run(args, strings.NewReader(in), &out)
	return out.String(), err
}

// output is what the command line writes, whether it fails or not.
func output(args []string, in string) string {
	out, _ := run(args, in)
	return out
}

// lines sums up one time sheet in the ways named, one after the other over the
// same entries.
func lines(in string, ways []string) ([][]summary.Line, error) {
	entries, err := entry.Parse(in)
	if err != nil {
		return nil, err
	}
	var out [][]summary.Line
	for _, w := range ways {
		switch w {
		case "tag":
			out = append(out, summary.ByTag(entries))
		case "day":
			out = append(out, summary.ByDay(entries))
		case "project":
			out = append(out, summary.ByProject(entries))
		}
	}
	return out, nil
}
