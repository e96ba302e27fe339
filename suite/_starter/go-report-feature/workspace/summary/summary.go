// Package summary adds up entries.
package summary

import (
	"cmp"
	"slices"

	"example.com/hours/entry"
)

// Line is the sum of the entries under one name.
type Line struct {
	Name    string
	Minutes int
}

// ByProject sums up by project, the largest sum first, then by name.
func ByProject(entries []entry.Entry) []Line {
	sums := make(map[string]int)
	for _, e := range entries {
		sums[e.Project] += e.Minutes
	}
	out := make([]Line, 0, len(sums))
	for name, minutes := range sums {
		out = append(out, Line{name, minutes})
	}
	slices.SortFunc(out, func(a, b Line) int {
		return cmp.Or(cmp.Compare(b.Minutes, a.Minutes), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// Total is the time of all entries together.
func Total(entries []entry.Entry) int {
	total := 0
	for _, e := range entries {
		total += e.Minutes
	}
	return total
}
