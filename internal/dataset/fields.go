package dataset

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// fields reads the fields of a row with the types that are expected, and keeps
// the first complaint, so that a row is read in one piece and checked once.
type fields struct {
	row // masked, where it holds Python's NaN or Infinity
	m   map[string]json.RawMessage
	err error
}

func (r row) fields() (*fields, error) {
	f := &fields{row: r}
	err := json.Unmarshal(r.raw, &f.m)
	if err != nil {
		f.raw = mask(r.raw)
		if json.Unmarshal(f.raw, &f.m) != nil {
			return nil, r.errorf("is not valid JSON: %v", err)
		}
	}
	return f, nil
}

func (f *fields) has(names ...string) bool {
	for _, n := range names {
		if _, ok := f.m[n]; !ok {
			return false
		}
	}
	return true
}

func (f *fields) fail(format string, args ...any) {
	if f.err == nil {
		f.err = f.errorf(format, args...)
	}
}

// rawField returns a field that must be there.
func (f *fields) rawField(name, expected string) json.RawMessage {
	v, ok := f.m[name]
	if !ok {
		f.fail("field %q is missing; expected %s", name, expected)
	}
	return v
}

func read[T any](f *fields, name, expected string) (v T) {
	raw := f.rawField(name, expected)
	if f.err != nil {
		return v
	}
	if string(raw) == "null" || json.Unmarshal(raw, &v) != nil {
		f.fail("field %q: expected %s, found %s", name, expected, kindOf(raw))
	}
	return v
}

func (f *fields) str(name string) string    { return read[string](f, name, "a string") }
func (f *fields) num(name string) float64   { return read[float64](f, name, "a number") }
func (f *fields) strs(name string) []string { return read[[]string](f, name, "a list of strings") }

// nonEmpty is a string that must not be empty.
func (f *fields) nonEmpty(name string) string {
	s := f.str(name)
	if f.err == nil && strings.TrimSpace(s) == "" {
		f.fail("field %q is empty", name)
	}
	return s
}

// optStr is a string that may be missing or null.
func (f *fields) optStr(name string) (s string, ok bool) {
	if raw, has := f.m[name]; !has || string(raw) == "null" {
		return "", false
	}
	return f.str(name), true
}

// lists returns the bytes of a field that holds a list of lists, as published:
// JSON as Python reads it, in which Infinity and NaN are numbers.
// An empty object counts as an empty list: one published row has that.
func (f *fields) lists(name string) []byte {
	raw := f.rawField(name, "a list of argument lists")
	if f.err != nil {
		return nil
	}
	if string(raw) == "{}" {
		return []byte("[]")
	}
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil || items == nil {
		f.fail("field %q: expected a list of argument lists, found %s", name, kindOf(raw))
	}
	for i, it := range items {
		if it[0] != '[' {
			f.fail("field %q: entry %d: expected a list of arguments, found %s", name, i+1, kindOf(it))
		}
	}
	return unmask(raw)
}

// id reads a task id, which some projects write as a number.
func (f *fields) id(name string) string {
	raw := f.rawField(name, "a task id")
	if f.err != nil {
		return ""
	}
	var s string
	if json.Unmarshal(raw, &s) == nil && strings.TrimSpace(s) != "" {
		if len(s) > 200 || strings.ContainsFunc(s, unicode.IsControl) {
			f.fail("field %q: %.60q is not a task id: it is longer than 200 bytes or has control characters", name, s)
		}
		return s
	}
	if n, err := strconv.ParseUint(string(raw), 10, 63); err == nil {
		return strconv.FormatUint(n, 10)
	}
	f.fail("field %q: expected a task id (a string or a whole number), found %s", name, kindOf(raw))
	return ""
}

// keys lists the row's keys for a message.
func (f *fields) keys() string {
	ks := slices.Sorted(maps.Keys(f.m))
	if len(ks) > 12 {
		ks = append(ks[:12], "...")
	}
	for i, k := range ks {
		if len(k) > 40 {
			ks[i] = k[:40] + "..."
		}
	}
	return fmt.Sprintf("%q", ks)
}

// kindOf names the kind of a JSON text for a message.
func kindOf(raw []byte) string {
	if len(raw) == 0 {
		return "nothing"
	}
	switch c := raw[0]; {
	case c == '"' && len(raw) == 2:
		return "an empty string"
	case c == '"':
		return "a string"
	case c == '{':
		return "an object"
	case c == '[':
		return "a list"
	case c == 't', c == 'f':
		return "true or false"
	case c == 'n':
		return "null"
	case c == '-', c >= '0' && c <= '9':
		return "a number"
	}
	return "text that is not JSON"
}
