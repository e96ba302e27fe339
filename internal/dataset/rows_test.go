package dataset

import (
	"strings"
	"testing"
)

// endless is a text without an end.
type endless struct{ head *strings.Reader }

func (e endless) Read(p []byte) (int, error) {
	if n, err := e.head.Read(p); err == nil {
		return n, nil
	}
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestEndlessLine(t *testing.T) {
	for _, c := range []struct{ head, want string }{
		{heRow + "\n{\"a\": \"", "f:2: the line is longer than 2 MiB"},
		{"[" + heRow + ",\n{\"a\": \"", "f:1: the entry that follows is longer than 2 MiB"},
	} {
		var err error
		for _, err = range rowsUpTo("f", endless{strings.NewReader(c.head)}, 2<<20) {
		}
		if err == nil || err.Error() != c.want {
			t.Errorf("error %v; expected %s", err, c.want)
		}
	}
}

// TestDocumentLines holds that entries of a long document are told by the line
// where they start, over the borders of buffers.
func TestDocumentLines(t *testing.T) {
	entry := "{\"é\":\n\"" + strings.Repeat("ß", 20001) + "\"}"
	text := "\n[\n" + entry + strings.Repeat("\n,\n\n"+entry, 9) + "\n]\n"
	want := 3
	n := 0
	for r, err := range rows("f", strings.NewReader(text)) {
		if err != nil {
			t.Fatal(err)
		}
		if r.line != want {
			t.Errorf("entry %d is said to start in line %d, not %d", n, r.line, want)
		}
		want += 4
		n++
	}
	if n != 10 {
		t.Errorf("%d entries", n)
	}
}

func TestMask(t *testing.T) {
	for in, valid := range map[string]bool{
		`{"a": [NaN, -Infinity, Infinity, "NaN \" Infinity"]}`: true,
		`{"a": 1}`:       true,
		`{"a": NaNN}`:    false,
		`{"a": "NaN}`:    false,
		`{"a": Infinity`: false,
	} {
		r := row{file: "f", line: 1, raw: []byte(in)}
		if _, err := r.fields(); (err == nil) != valid {
			t.Errorf("%s: %v", in, err)
		}
		if got := string(unmask(mask(r.raw))); got != in {
			t.Errorf("%s came back as %s", in, got)
		}
	}
}
