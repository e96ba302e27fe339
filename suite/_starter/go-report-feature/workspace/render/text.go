// Package render makes text of sums.
package render

import (
	"fmt"
	"strings"

	"example.com/hours/summary"
)

// Text returns a table of the lines with the total below.
func Text(lines []summary.Line, total int) string {
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "%-12s %5s\n", l.Name, clock(l.Minutes))
	}
	fmt.Fprintf(&b, "%-12s %5s\n", "total", clock(total))
	return b.String()
}

// clock writes minutes as hours and minutes.
func clock(minutes int) string {
	return fmt.Sprintf("%d:%02d", minutes/60, minutes%60)
}
