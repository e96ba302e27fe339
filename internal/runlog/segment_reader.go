package runlog

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
)

// badLine is damage found by a segmentReader. Torn says that the segment merely
// breaks off there, as a crash may leave it.
type badLine struct {
	line int
	torn bool
	why  string
}

func (e *badLine) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.why) }

// segmentReader verifies a segment line by line as it reads.
type segmentReader struct {
	id      segment
	r       *bufio.Reader
	sum     hash.Hash
	buf     []byte
	line    int // of the last line read, from 1
	records int
}

func newSegmentReader(r io.Reader, id segment) *segmentReader {
	return &segmentReader{id: id, r: bufio.NewReaderSize(r, 64<<10), sum: sha256.New()}
}

// next returns the JSON of the next attempt, valid until the call after it;
// io.EOF after the closing line; a *badLine where the segment is damaged; or
// the error of the underlying reader.
func (sr *segmentReader) next() ([]byte, error) {
	for {
		line, err := sr.readLine()
		if err != nil {
			return nil, err
		}
		if sr.line == 1 {
			if err := sr.checkHead(line); err != nil {
				return nil, err
			}
			sr.sum.Write(line)
			continue
		}
		if bytes.HasPrefix(line, []byte(tailPrefix)) {
			if !bytes.Equal(line[:len(line)-1], tail(sr.records, sr.sum)) {
				return nil, &badLine{sr.line, false, "the closing line does not match the lines before it"}
			}
			if _, err := sr.r.Peek(1); err == nil {
				return nil, &badLine{sr.line + 1, false, "there is more after the closing line"}
			} else if err != io.EOF {
				return nil, err
			}
			return nil, io.EOF
		}
		body, ok := enclosed(line, recordPrefix, recordMiddle)
		if !ok {
			return nil, &badLine{sr.line, false, "the record does not match its checksum"}
		}
		sr.sum.Write(line)
		sr.records++
		return body, nil
	}
}

func (sr *segmentReader) checkHead(line []byte) error {
	if bytes.Equal(line[:len(line)-1], sr.id.head()) {
		return nil
	}
	return &badLine{1, false, fmt.Sprintf("the head does not belong to this file, expected %s", sr.id.head())}
}

// readLine returns the next line with its newline.
func (sr *segmentReader) readLine() ([]byte, error) {
	sr.buf = sr.buf[:0]
	sr.line++
	for {
		part, err := sr.r.ReadSlice('\n')
		if err == nil && len(sr.buf) == 0 {
			return part, nil
		}
		if len(sr.buf)+len(part) > maxLine {
			return nil, &badLine{sr.line, false, fmt.Sprintf("the line is longer than %d bytes", maxLine)}
		}
		sr.buf = append(sr.buf, part...)
		switch {
		case err == nil:
			return sr.buf, nil
		case errors.Is(err, bufio.ErrBufferFull):
		case err != io.EOF:
			return nil, err
		case len(sr.buf) == 0:
			return nil, &badLine{sr.line, true, "the segment breaks off before its closing line"}
		default:
			return nil, &badLine{sr.line, true, "the segment breaks off within a line"}
		}
	}
}
