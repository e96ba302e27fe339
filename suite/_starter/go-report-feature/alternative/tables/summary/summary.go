// Package summary adds up entries.
package summary

import (
	"cmp"
	"slices"

	"example.com/hours/entry"
)

// Untagged is the name under which ByTag sums up entries without a tag.
const Untagged = "(none)"

// Line is the sum of the entries under one name.
type Line struct {
	Name    string
	Minutes int
}

// ByProject sums up by project, the largest sum first, then by name.
func ByProject(entries []entry.Entry) []Line {
	lines := by(entries, func(e entry.Entry) []string { return []string{e.Project} })
	slices.SortFunc(lines, largestFirst)
	return lines
}

// ByTag sums up by tag, in the order of ByProject. An entry counts in full for
// each of its tags, so that the sums may come to more than Total.
func ByTag(entries []entry.Entry) []Line {
	lines := by(entries, func(e entry.Entry) []string {
		if len(e.Tags) == 0 {
			return []string{Untagged}
		}
		return e.Tags
	})
	slices.SortFunc(lines, largestFirst)
	return lines
}

// ByDay sums up by day, in the order of days.
func ByDay(entries []entry.Entry) []Line {
	lines := by(entries, func(e entry.Entry) []string { return []string{e.Day} })
	slices.SortFunc(lines, func(a, b Line) int { return cmp.Compare(a.Name, b.Name) })
	return lines
}

func largestFirst(a, b Line) int {
	return cmp.Or(cmp.Compare(b.Minutes, a.Minutes), cmp.Compare(a.Name, b.Name))
}

// by sums up under the names of each entry, in no order.
func by(entries []entry.Entry, names func(entry.Entry) []string) []Line {
	sums := make(map[string]int)
	for _, e := range entries {
		for _, n := range names(e) {
			sums[n] += e.Minutes
		}
	}
	out := make([]Line, 0, len(sums))
	for name, minutes := range sums {
		out = append(out, Line{name, minutes})
	}
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
