package oracle

import (
	"encoding/binary"
	"fmt"
	"io"
)

// MaxFrame is the largest body of a frame in bytes.
const MaxFrame = 64 << 20

// headerLen is the length of a frame's header: the body's length, big endian.
const headerLen = 4

// A frameError says that the bytes of a stream are not frames.
type frameError struct{ why string }

func (e *frameError) Error() string { return e.why }

// frames reads frames from a stream. A read that fails by deadline may be
// repeated: what came so far is kept.
type frames struct {
	r    io.Reader
	buf  []byte
	have int // bytes of buf that are filled
	used int // length of the frame that next returned last
}

// next returns the next frame, header and body, valid until the next call.
// io.EOF means that the stream ended between two frames.
func (f *frames) next() ([]byte, error) {
	if f.used > 0 {
		f.have = copy(f.buf, f.buf[f.used:f.have])
		f.used = 0
	}
	if f.buf == nil {
		f.buf = make([]byte, 8<<10)
	}
	for {
		need := headerLen
		if f.have >= headerLen {
			n := binary.BigEndian.Uint32(f.buf)
			if n > MaxFrame {
				return nil, &frameError{fmt.Sprintf("a frame of %d bytes; at most %d are allowed", n, MaxFrame)}
			}
			need += int(n)
		}
		if f.have >= need && need > headerLen {
			f.used = need
			return f.buf[:need], nil
		}
		if f.have >= headerLen && need == headerLen {
			return nil, &frameError{"an empty frame"}
		}
		// Grow by doubling with what really comes, so that a header alone
		// cannot make us allocate.
		if f.have == len(f.buf) {
			f.buf = append(f.buf, make([]byte, len(f.buf))...)
		}
		n, err := f.r.Read(f.buf[f.have:])
		f.have += n
		if n > 0 {
			continue
		}
		if err == io.EOF && f.have > 0 {
			return nil, &frameError{"the stream ended within a frame"}
		}
		if err != nil {
			return nil, err
		}
	}
}

// writeFrame sends body as one frame.
func writeFrame(w io.Writer, body []byte) error {
	b := make([]byte, headerLen, headerLen+len(body))
	return sendFrame(w, append(b, body...))
}

// sendFrame fills in the header of b, whose body follows four free bytes, and
// sends it.
func sendFrame(w io.Writer, b []byte) error {
	n := len(b) - headerLen
	if n > MaxFrame {
		return &frameError{fmt.Sprintf("a frame of %d bytes; at most %d are allowed", n, MaxFrame)}
	}
	binary.BigEndian.PutUint32(b, uint32(n))
	_, err := w.Write(b)
	return err
}
