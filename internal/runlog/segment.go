package runlog

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"regexp"
	"strconv"
)

// segment names one segment: who wrote it and which of the writer's sequence
// numbers it holds. A merged segment holds several.
type segment struct {
	writer      string
	first, last int
	size        int64
}

const segmentDir = "segments/"

func (s segment) key() string {
	if s.first == s.last {
		return fmt.Sprintf("%s%s-%08d.jsonl", segmentDir, s.writer, s.first)
	}
	return fmt.Sprintf("%s%s-%08d-%08d.jsonl", segmentDir, s.writer, s.first, s.last)
}

var segmentName = regexp.MustCompile(`^segments/([0-9]{17}-[0-9a-f]{8})-([0-9]{8,15})(?:-([0-9]{8,15}))?\.jsonl$`)

func parseSegment(o object) (segment, bool) {
	m := segmentName.FindStringSubmatch(o.key)
	if m == nil {
		return segment{}, false
	}
	s := segment{writer: m[1], size: o.size}
	s.first, _ = strconv.Atoi(m[2])
	s.last = s.first
	if m[3] != "" {
		s.last, _ = strconv.Atoi(m[3])
	}
	return s, s.first <= s.last && s.key() == o.key
}

// head is the first line of a segment. It repeats the name, so that a segment
// under another's name is found out.
func (s segment) head() []byte {
	return fmt.Appendf(nil, `{"segment":{"schema":%d,"writer":"%s","first":%d,"last":%d}}`, Schema, s.writer, s.first, s.last)
}

// tail is the last line: it seals the segment.
func tail(records int, h hash.Hash) []byte {
	return fmt.Appendf(nil, `{"end":{"records":%d,"sha256":"%x"}}`, records, h.Sum(nil))
}

const (
	recordPrefix = `{"sum":"`
	recordMiddle = `","attempt":`
	tailPrefix   = `{"end":`

	// maxLine bounds a record, in bytes: what is longer belongs in a blob.
	maxLine = 64 << 20
)

// sum is the checksum of one record or manifest: 64 bits of its SHA-256.
func sum(body []byte) string {
	s := sha256.Sum256(body)
	return hex.EncodeToString(s[:8])
}

// encodeRecord makes a record's line, its newline included.
func encodeRecord(attempt []byte) []byte {
	b := make([]byte, 0, len(attempt)+48)
	b = append(b, recordPrefix...)
	b = append(b, sum(attempt)...)
	b = append(b, recordMiddle...)
	b = append(b, attempt...)
	return append(b, '}', '\n')
}

// enclosed returns the body of prefix SUM middle BODY }, a newline at the end
// allowed, if SUM is the body's.
func enclosed(b []byte, prefix, middle string) ([]byte, bool) {
	rest, ok := bytes.CutPrefix(b, []byte(prefix))
	if !ok || len(rest) < 16 {
		return nil, false
	}
	want := rest[:16]
	body, ok := bytes.CutPrefix(rest[16:], []byte(middle))
	if !ok {
		return nil, false
	}
	body, ok = bytes.CutSuffix(bytes.TrimSuffix(body, []byte("\n")), []byte("}"))
	return body, ok && sum(body) == string(want)
}

// segmentWriter writes a segment's lines to w.
type segmentWriter struct {
	w       io.Writer
	sum     hash.Hash
	records int
}

func newSegmentWriter(w io.Writer, s segment) (*segmentWriter, error) {
	sw := &segmentWriter{w: w, sum: sha256.New()}
	return sw, sw.write(append(s.head(), '\n'))
}

func (sw *segmentWriter) write(line []byte) error {
	sw.sum.Write(line)
	_, err := sw.w.Write(line)
	return err
}

// record writes one line of encodeRecord.
func (sw *segmentWriter) record(line []byte) error {
	sw.records++
	return sw.write(line)
}

func (sw *segmentWriter) seal() error {
	_, err := sw.w.Write(append(tail(sw.records, sw.sum), '\n'))
	return err
}

// strict decodes the one JSON value in b into v and refuses unknown keys.
func strict(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("there is more after the JSON value")
	}
	return nil
}
