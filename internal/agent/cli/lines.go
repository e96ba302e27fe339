package cli

import (
	"bytes"
	"strings"

	"github.com/tidwall/gjson"

	"metr/internal/agent/trajectory"
	"metr/internal/sandbox"
)

// maxLine is the longest line that is read; a longer one is left out with a note.
const maxLine = 16 << 20

// lines takes an agent's output as it comes and hands its lines of JSON on.
// What is no JSON is kept as notes: agents print warnings between.
type lines struct {
	b    *trajectory.Builder
	read reader
	said said

	buf   bytes.Buffer
	long  int // bytes of a line that is being left out
	plain int // lines that were no JSON
}

// Write never fails.
func (l *lines) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		i := bytes.IndexByte(p, '\n')
		part := p
		if i >= 0 {
			part = p[:i]
		}
		switch {
		case l.long > 0 || l.buf.Len()+len(part) > maxLine:
			l.long += l.buf.Len() + len(part)
			l.buf.Reset()
		default:
			l.buf.Write(part)
		}
		if i < 0 {
			break
		}
		l.flush()
		p = p[i+1:]
	}
	return n, nil
}

// end reads a last line without a line break: an agent that was killed leaves
// one that is cut.
func (l *lines) end(sandbox.Result) said {
	if l.buf.Len() > 0 || l.long > 0 {
		l.flush()
	}
	if l.plain > maxPlain {
		l.b.Note("%d more lines of output are left out", l.plain-maxPlain)
	}
	return l.said
}

// text takes the output of a program of which nothing is known.
type text struct {
	b   *trajectory.Builder
	buf sandbox.Capture
}

// Write never fails.
func (t *text) Write(p []byte) (int, error) { return t.buf.Write(p) }

func (t *text) end(r sandbox.Result) said {
	t.b.Turn(trajectory.Turn{Text: string(t.buf.Bytes())})
	if left := t.buf.N - int64(len(t.buf.Bytes())); left > 0 {
		t.b.Note("%d more bytes of output are left out", left)
	}
	return said{done: r.OK()}
}

// maxPlain is how many lines that are no JSON are kept.
const maxPlain = 50

func (l *lines) flush() {
	if l.long > 0 {
		l.b.Note("a line of %d bytes of output is left out", l.long)
		l.long = 0
		return
	}
	line := bytes.TrimSpace(l.buf.Bytes())
	if len(line) > 0 {
		l.one(line)
	}
	l.buf.Reset()
}

func (l *lines) one(line []byte) {
	if line[0] == '{' && gjson.ValidBytes(line) {
		l.read.line(gjson.ParseBytes(line), l.b, &l.said)
		return
	}
	if l.plain++; l.plain <= maxPlain {
		l.b.Note("%s", line)
	}
}

// tail keeps the last bytes of what is written.
type tail struct {
	limit int
	buf   []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.buf = append(t.buf, p...)
	if over := len(t.buf) - 2*t.limit; over > 0 {
		t.buf = append(t.buf[:0], t.buf[len(t.buf)-t.limit:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	return strings.ToValidUTF8(string(t.buf[max(0, len(t.buf)-t.limit):]), "\uFFFD")
}
