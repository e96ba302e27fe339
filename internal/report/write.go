package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"metr/internal/task"
)

// Formats lists the formats that Write knows.
var Formats = []string{"text", "json", "csv", "junit"}

// Options are for the text format.
type Options struct {
	Color bool
}

// Write summarises the attempts and writes them to w in the format: text and
// csv are for people and spreadsheets, json is one event a line with a summary
// event an agent at the end, junit is JUnit XML. Attempts are streamed; junit
// ranges over them twice, because its counts stand before its cases. The report
// that was written is returned. After an error what stands in w is not whole.
func Write(w io.Writer, format string, h Header, attempts Attempts, o Options) (*Report, error) {
	switch format {
	case "text":
		r, err := Summarize(h, attempts)
		if err != nil {
			return nil, err
		}
		return r, Text(w, r, o)
	case "json":
		return writeJSON(w, h, attempts)
	case "csv":
		return writeCSV(w, h, attempts)
	case "junit":
		return writeJUnit(w, h, attempts)
	}
	return nil, fmt.Errorf("report format %q: expected one of %s", format, strings.Join(slices.Sorted(slices.Values(Formats)), ", "))
}

// each adds every attempt to a report and hands it to f.
func each(h Header, attempts Attempts, f func(a *task.Attempt) error) (*Report, error) {
	acc := NewAccumulator(h)
	for a, err := range attempts {
		if err != nil {
			return nil, fmt.Errorf("report: reading attempts: %w", err)
		}
		acc.Add(a)
		if err := f(&a); err != nil {
			return nil, fmt.Errorf("report: writing: %w", err)
		}
	}
	return acc.Report(), nil
}
