package runlog

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"metr/internal/task"
)

// FuzzSegment reads any bytes as a segment. What it accepts must be, byte for
// byte, what writing the same records gives.
func FuzzSegment(f *testing.F) {
	id := segment{writer: "20260101000000000-00000000", first: 3, last: 5}
	var b bytes.Buffer
	sw, _ := newSegmentWriter(&b, id)
	sw.record(encodeRecord([]byte(`{"task":"a","epoch":1,"agent":"gold","outcome":"solved"}`)))
	sw.record(encodeRecord([]byte(`{}`)))
	sw.seal()
	f.Add(b.Bytes())
	f.Add(b.Bytes()[:b.Len()-20])
	f.Add([]byte("{\"segment\":{\"schema\":9}}\n"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		sr := newSegmentReader(bytes.NewReader(data), id)
		var again bytes.Buffer
		sw, _ := newSegmentWriter(&again, id)
		for {
			body, err := sr.next()
			var bad *badLine
			if errors.As(err, &bad) {
				if bad.line < 1 {
					t.Errorf("line %d: %v", bad.line, err)
				}
				return
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			sw.record(encodeRecord(body))
			x := index{keys: make(map[task.Key]entry)}
			_ = x.add(position{}, body, map[string]string{})
			var a task.Attempt
			_ = strict(body, &a)
		}
		sw.seal()
		if !bytes.Equal(again.Bytes(), data) {
			t.Errorf("accepted %q, which writes as %q", data, again.Bytes())
		}
	})
}

// FuzzManifest decodes any bytes as a manifest; what it accepts can be written.
func FuzzManifest(f *testing.F) {
	m := manifest()
	m.Schema = Schema
	data, _ := encodeManifest(m)
	f.Add(data)
	f.Add([]byte(`{"manifest":{"schema":2}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := decodeManifest("fuzz", data)
		if err != nil {
			return
		}
		if _, err := encodeManifest(m); err != nil {
			t.Error(err)
		}
	})
}
