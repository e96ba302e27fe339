package gateway

import (
	"slices"
	"strings"
)

// doubled says whether an object holds a key twice, or one with escapes in it,
// which might be the same as another. raw is valid JSON. Values are passed over
// without looking into them, since they may be long.
func doubled(raw string) bool {
	var buf [16]string
	seen := buf[:0]
	depth, key := 0, false
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '{', '[':
			depth++
			key = depth == 1 && raw[i] == '{'
		case '}', ']':
			depth--
		case ',':
			key = depth == 1
		case '"':
			end := i + 1 + stringEnd(raw[i+1:])
			if key {
				k := raw[i+1 : end]
				if strings.ContainsRune(k, '\\') || slices.Contains(seen, k) {
					return true
				}
				seen, key = append(seen, k), false
			}
			i = end
		}
	}
	return false
}

// stringEnd is where the quote stands that ends a string.
func stringEnd(s string) int {
	for at := 0; ; {
		n := strings.IndexByte(s[at:], '"')
		if n < 0 {
			return len(s)
		}
		at += n
		slashes := 0
		for at-slashes > 0 && s[at-slashes-1] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return at
		}
		at++
	}
}
