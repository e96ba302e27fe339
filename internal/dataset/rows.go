package dataset

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"unicode/utf8"
)

// maxRow is the largest row, in bytes, that is read: far above any published
// one, and low enough that a hostile file cannot take the machine's memory.
const maxRow = 64 << 20

// row is one JSON object of a file.
type row struct {
	file string
	line int    // where it starts, from 1
	key  string // in a map by id: the id
	raw  json.RawMessage
}

func (r row) errorf(format string, args ...any) error {
	return inputErr(r.file, r.line, format, args...)
}

// rows yields the objects of a text in any of the three customary shapes, told
// apart by how it begins: one object a line (JSONL), an array of objects, or an
// object whose values are objects (a map by id). A line is not known to be JSON
// until its fields are read. It ends after the first error. A row's bytes belong
// to the receiver.
func rows(name string, text io.Reader) iter.Seq2[row, error] { return rowsUpTo(name, text, maxRow) }

// rowsUpTo is rows with a limit on the bytes of one row.
func rowsUpTo(name string, text io.Reader, limit int) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		br := bufio.NewReaderSize(text, 1<<16)
		blank, err := skipSpace(br)
		if err == io.EOF {
			return
		}
		if err != nil {
			yield(row{}, err)
			return
		}
		head, _ := br.Peek(1 << 16)
		if head[0] == '[' || isMap(head) {
			document(name, br, blank, limit, yield)
			return
		}
		lines(name, br, blank, limit, yield)
	}
}

// skipSpace reads white space and returns how many lines it held.
func skipSpace(br *bufio.Reader) (lines int, err error) {
	for {
		c, err := br.ReadByte()
		if err != nil {
			return lines, err
		}
		switch c {
		case '\n':
			lines++
		case ' ', '\t', '\r':
		default:
			return lines, br.UnreadByte()
		}
	}
}

// isMap reports whether text begins like a map of rows by id rather than like a
// row: its first value is an object that has the keys of an answer.
func isMap(head []byte) bool {
	dec := json.NewDecoder(bytes.NewReader(head))
	for _, want := range []json.Token{json.Delim('{'), nil, json.Delim('{')} {
		if t, err := dec.Token(); err != nil || want != nil && t != want {
			return false
		}
	}
	for depth := 1; depth > 0; {
		t, err := dec.Token()
		if err != nil {
			return false
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		case "model_patch", "instance_id", "task_id", "completion", "solution":
			if depth == 1 {
				return true
			}
		}
	}
	return false
}

// lines yields one row for each line that is not blank.
func lines(name string, br *bufio.Reader, n, limit int, yield func(row, error) bool) {
	for {
		n++
		line, err := readLine(br, limit)
		if err != nil && err != io.EOF {
			if err == errLong {
				err = inputErr(name, n, "the line is longer than %d MiB", limit>>20)
			}
			yield(row{}, err)
			return
		}
		last := err == io.EOF
		if line = bytes.TrimSpace(line); len(line) > 0 {
			r := row{file: name, line: n, raw: line}
			if err := r.check(); err != nil {
				yield(row{}, err)
				return
			}
			if !yield(r, nil) {
				return
			}
		}
		if last {
			return
		}
	}
}

var errLong = errors.New("line too long")

// readLine reads a line of at most limit bytes into a slice of its own.
func readLine(br *bufio.Reader, limit int) ([]byte, error) {
	var out []byte
	for {
		part, err := br.ReadSlice('\n')
		if len(out)+len(part) > limit {
			return nil, errLong
		}
		out = append(out, part...)
		if err != bufio.ErrBufferFull {
			return out, err
		}
	}
}

// check says whether the row is valid UTF-8 and begins like an object; fields
// finds out the rest.
func (r row) check() error {
	if !utf8.Valid(r.raw) {
		return r.errorf("is not valid UTF-8 at byte %d of the line", firstInvalid(r.raw)+1)
	}
	if r.raw[0] != '{' {
		return r.errorf("expected a JSON object, found %s", kindOf(r.raw))
	}
	return nil
}

// firstInvalid returns where b stops being UTF-8, len(b) if nowhere.
func firstInvalid(b []byte) int {
	if utf8.Valid(b) {
		return len(b)
	}
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n < 2 {
			return i
		}
		i += n
	}
	return len(b)
}

// document yields the elements of one array, or the values of one map.
func document(name string, br *bufio.Reader, blank, limit int, yield func(row, error) bool) {
	c := &counter{r: br, line: blank + 1, limit: int64(limit)}
	dec := json.NewDecoder(c)
	fail := func(err error) {
		var ie *InputError
		var se *json.SyntaxError
		switch {
		case errors.As(err, &ie):
		case errors.Is(err, errLong):
			err = inputErr(name, c.lineAt(c.mark), "the entry that follows is longer than %d MiB", limit>>20)
		case errors.Is(err, errUTF8):
			err = inputErr(name, c.badLine, "is not valid UTF-8")
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			err = inputErr(name, c.line+c.seen, "ends in the middle of the JSON text")
		case errors.As(err, &se):
			err = inputErr(name, c.lineAt(se.Offset-1), "is not valid JSON: %v", err)
		default:
			err = inputErr(name, c.lineAt(dec.InputOffset()), "is not valid JSON: %v", err)
		}
		yield(row{}, err)
	}
	open, err := dec.Token()
	if err != nil {
		fail(err)
		return
	}
	for dec.More() {
		r := row{file: name}
		if open == json.Delim('{') {
			k, err := dec.Token()
			if err != nil {
				fail(err)
				return
			}
			r.key, _ = k.(string)
		}
		start := dec.InputOffset()
		c.mark = start
		if err := dec.Decode(&r.raw); err != nil {
			fail(err)
			return
		}
		r.line = c.lineAt(dec.InputOffset() - int64(len(r.raw)))
		if err := r.check(); err != nil {
			yield(row{}, err)
			return
		}
		if !yield(r, nil) {
			return
		}
	}
	if _, err := dec.Token(); err != nil {
		fail(err)
		return
	}
	line := c.lineAt(dec.InputOffset())
	switch n, err := skipSpace(bufio.NewReader(io.MultiReader(dec.Buffered(), c))); {
	case err == nil:
		yield(row{}, inputErr(name, line+n, "there is more text after the end of the JSON text"))
	case err != io.EOF:
		fail(err)
	}
}

var errUTF8 = errors.New("not UTF-8")

// counter is a reader that remembers where the lines of what it read begin,
// refuses what is not UTF-8, and bounds how far it reads past mark.
type counter struct {
	r       io.Reader
	n       int64   // bytes read
	limit   int64   // most bytes of an entry
	mark    int64   // offset of the entry that is being decoded
	line    int     // number of the line that starts first
	first   int     // lines already passed are dropped from breaks
	breaks  []int64 // offsets of line breaks from there on
	tail    []byte  // an incomplete rune at the end of the last read
	seen    int     // line breaks read so far
	badLine int
}

func (c *counter) Read(p []byte) (int, error) {
	if c.n-c.mark > c.limit {
		return 0, errLong
	}
	n, err := c.r.Read(p)
	text := append(c.tail, p[:n]...)
	if good, rest := splitRunes(text); good < len(text)-rest || err == io.EOF && rest > 0 {
		c.badLine = c.line + c.seen + bytes.Count(text[:good], []byte{'\n'})
		return 0, errUTF8
	} else {
		c.tail = append([]byte(nil), text[len(text)-rest:]...)
	}
	for i, b := range p[:n] {
		if b == '\n' {
			c.breaks = append(c.breaks, c.n+int64(i))
			c.seen++
		}
	}
	c.n += int64(n)
	return n, err
}

// splitRunes returns how much of b is valid and how many bytes at its end are
// the beginning of a rune that is still to come.
func splitRunes(b []byte) (good, rest int) {
	for i := max(0, len(b)-utf8.UTFMax+1); i < len(b); i++ {
		if utf8.RuneStart(b[i]) && !utf8.FullRune(b[i:]) {
			rest = len(b) - i
			break
		}
	}
	return firstInvalid(b[:len(b)-rest]), rest
}

// lineAt returns the number of the line at an offset and forgets those before.
func (c *counter) lineAt(off int64) int {
	i := 0
	for i < len(c.breaks) && c.breaks[i] < off {
		i++
	}
	c.breaks = c.breaks[i:]
	c.first += i
	return c.line + c.first
}
