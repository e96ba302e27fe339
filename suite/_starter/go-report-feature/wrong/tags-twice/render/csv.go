package render

import (
	"strconv"
	"strings"

	"example.com/hours/summary"
)

// CSV returns the lines and the total as comma-separated values with a header.
func CSV(lines []summary.Line, total int) string {
	var b strings.Builder
	row := func(name, minutes string) { b.WriteString(quote(name) + "," + minutes + "\n") }
	row("name", "minutes")
	for _, l := range lines {
		row(l.Name, strconv.Itoa(l.Minutes))
	}
	row("total", strconv.Itoa(total))
	return b.String()
}

// quote puts a field into double quotes where it needs them.
func quote(field string) string {
	if !strings.ContainsAny(field, ",\"\r\n") {
		return field
	}
	return `"` + strings.ReplaceAll(field, `"`, `""`) + `"`
}
