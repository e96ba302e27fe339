package dataset

import (
	"bytes"
	"encoding/json"
)

// Python writes NaN, Infinity and -Infinity into JSON, which has no such words,
// and published rows hold them (MBPP+ has some among its inputs). A row that is
// not valid JSON is masked: each such word becomes a string that begins with a
// character of the private use area, and unmask gives the row's own bytes back.

const maskMark = "\ue000"

var pythonWords = []string{"-Infinity", "Infinity", "NaN"}

// mask returns raw itself where it is JSON, or where masking does not help.
func mask(raw []byte) []byte {
	if json.Valid(raw) || bytes.Contains(raw, []byte(maskMark)) {
		return raw
	}
	var out []byte
	done, quoted := 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted:
			for _, w := range pythonWords {
				if bytes.HasPrefix(raw[i:], []byte(w)) {
					out = append(append(append(out, raw[done:i]...), '"'), maskMark+w+`"`...)
					i += len(w) - 1
					done = i + 1
					break
				}
			}
		}
	}
	if out = append(out, raw[done:]...); !json.Valid(out) {
		return raw
	}
	return out
}

// unmask undoes mask on a row or a part of one.
func unmask(raw []byte) []byte {
	if !bytes.Contains(raw, []byte(maskMark)) {
		return raw
	}
	for _, w := range pythonWords {
		raw = bytes.ReplaceAll(raw, []byte(`"`+maskMark+w+`"`), []byte(w))
	}
	return raw
}
