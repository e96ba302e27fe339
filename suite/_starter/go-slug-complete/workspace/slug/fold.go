package slug

import "unicode"

// folded holds the letters that are written otherwise in an address.
var folded = map[rune]string{
	'à': "a", 'á': "a", 'â': "a", 'ã': "a", 'å': "a", 'ä': "ae", 'æ': "ae",
	'ç': "c", 'č': "c", 'è': "e", 'é': "e", 'ê': "e", 'ë': "e", 'ě': "e",
	'ì': "i", 'í': "i", 'î': "i", 'ï': "i", 'ł': "l", 'ñ': "n",
	'ò': "o", 'ó': "o", 'ô': "o", 'õ': "o", 'ø': "o", 'ö': "oe", 'œ': "oe",
	'ř': "r", 'š': "s", 'ß': "ss", 'ù': "u", 'ú': "u", 'û': "u", 'ü': "ue",
	'ý': "y", 'ž': "z", '&': "and",
}

// fold returns how r is written in an address: one or more lower-case ASCII
// letters or digits. It is empty if r cannot stand in an address.
// '&' is the word "and": words beside it stay apart from it.
func fold(r rune) string {
	r = unicode.ToLower(r)
	if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
		return string(r)
	}
	return folded[r]
}

// silent reports whether r vanishes without separating what stands beside it:
// apostrophes, soft hyphens and combining accents.
func silent(r rune) bool {
	return r == '\'' || r == '’' || r == '\u00ad' || unicode.Is(unicode.Mn, r)
}
