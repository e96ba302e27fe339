// Package slug makes address parts from titles: "Über Öl & Gas" becomes
// "ueber-oel-and-gas".
package slug

// Fallback is the slug of a title in which nothing can stand in an address.
const Fallback = "untitled"

// reserved are addresses that the server keeps for itself.
var reserved = map[string]bool{"index": true, "search": true, "admin": true, "feed": true}

// Make returns the slug of title.
//
// It consists of words of lower-case ASCII letters and digits, joined by single
// hyphens, none at either end. Each rune of the title is written as fold says.
// A rune that silent reports is left out, and the letters around it belong to
// the same word. Any other rune that cannot stand in an address ends the word.
// '&' is a word of its own, also where no space stands beside it.
//
// A slug longer than limit bytes loses whole words from its end until it fits.
// If the first word alone is longer than limit, it is cut to limit bytes. A
// limit of zero or less means no limit.
//
// If nothing is left, the slug is Fallback. If what is left is reserved, "-page"
// is added to it. Neither of the two is shortened by limit.
func Make(title string, limit int) string {
	panic("slug: Make is not written yet")
}
