package render

import (
	"encoding/csv"
	"fmt"
	"strings"

	"example.com/hours/summary"
)

// CSV returns the lines and the total as comma-separated values with a header.
func CSV(lines []summary.Line, total int) string {
	rows := [][]string{{"name", "minutes"}}
	for _, l := range append(lines[:len(lines):len(lines)], summary.Line{Name: "total", Minutes: total}) {
		rows = append(rows, []string{l.Name, fmt.Sprint(l.Minutes)})
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	if err := w.WriteAll(rows); err != nil {
		panic(err) // a strings.Builder does not fail
	}
	return b.String()
}
