// Package entry reads time sheets.
package entry

// Entry is one line of a time sheet.
type Entry struct {
	Day     string // as 2026-03-02
	Minutes int
	Project string
	Note    string   // words joined by single spaces, without the tags; may be empty
	Tags    []string // lower case, each once, in the order of the note
}
