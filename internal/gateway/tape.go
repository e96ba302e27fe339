package gateway

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Taped is one recorded call.
type Taped struct {
	V        int             `json:"v"` // 1
	Scope    string          `json:"scope"`
	Key      string          `json:"key"` // of the normalised request
	N        int             `json:"n"`   // the how manieth such request of its scope, from 1
	Model    string          `json:"model"`
	Protocol string          `json:"protocol"`
	Stream   bool            `json:"stream,omitempty"`
	Request  json.RawMessage `json:"request"` // normalised
	Status   int             `json:"status"`
	Type     string          `json:"type"` // Content-Type
	Body     string          `json:"body,omitempty"`
	Bytes    []byte          `json:"bytes,omitempty"` // in place of Body where it is not UTF-8
}

// body is the answer as it was.
func (t Taped) body() []byte {
	if t.Bytes != nil {
		return t.Bytes
	}
	return []byte(t.Body)
}

func (t Taped) id() string { return fmt.Sprintf("%s\x00%s\x00%d", t.Scope, t.Key, t.N) }

// Tape holds recorded calls: JSON Lines, one call a line. It is safe for
// concurrent use. Calls that were recorded twice count as they were recorded
// last.
type Tape struct {
	mu    sync.Mutex
	calls map[string]Taped
	file  io.WriteCloser // nil: read-only
	err   error
}

// CreateTape opens the file to add to it, made if need be. The caller closes
// the tape.
func CreateTape(path string) (*Tape, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	t := &Tape{calls: map[string]Taped{}, file: f}
	if err := t.load(f, path); err != nil {
		f.Close()
		return nil, err
	}
	return t, nil
}

// ReadTape reads all *.jsonl files of a folder, in the order of their names.
func ReadTape(dir fs.FS) (*Tape, error) {
	names, err := fs.Glob(dir, "*.jsonl")
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, errors.New("recording: the folder holds no file *.jsonl")
	}
	slices.Sort(names)
	t := &Tape{calls: map[string]Taped{}}
	for _, name := range names {
		f, err := dir.Open(name)
		if err != nil {
			return nil, fmt.Errorf("recording: %w", err)
		}
		err = t.load(f, name)
		f.Close()
		if err != nil {
			return nil, err
		}
	}
	return t, nil
}

// load reads a file. A last line that is not whole, as a killed run leaves it,
// is left out.
func (t *Tape) load(r io.Reader, name string) error {
	in := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			if len(line) > 0 && t.file != nil {
				_, err := t.file.Write([]byte("\n")) // what comes next begins a line
				return err
			}
			return nil
		}
		if err != nil {
			return fmt.Errorf("recording %s: %w", name, err)
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var c Taped
		if err := json.Unmarshal(line, &c); err != nil {
			if t.file != nil {
				continue // a line that was cut off before
			}
			return fmt.Errorf("recording %s:%d: %w", name, n, err)
		}
		if c.V != 1 {
			return fmt.Errorf("recording %s:%d: version %d is not known; expected 1", name, n, c.V)
		}
		t.calls[c.id()] = c
	}
}

// Len is the number of calls.
func (t *Tape) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.calls)
}

// Scopes lists what was recorded of, in order.
func (t *Tape) Scopes() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	seen := map[string]bool{}
	for _, c := range t.calls {
		seen[c.Scope] = true
	}
	out := make([]string, 0, len(seen))
	for s := range seen {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

// Close closes the file and returns the first error that kept a call from being
// recorded: a recording with a hole must not pass for a whole one.
func (t *Tape) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.file == nil {
		return t.err
	}
	err := t.file.Close()
	t.file = nil
	if t.err != nil {
		return t.err
	}
	return err
}

func (t *Tape) get(scope, key string, n int) (Taped, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c, ok := t.calls[Taped{Scope: scope, Key: key, N: n}.id()]
	return c, ok
}

func (t *Tape) spoil(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err == nil {
		t.err = err
	}
}

// put writes c, after a search for secrets in the very bytes that are written.
func (t *Tape) put(c Taped, body []byte, s *scrubber) error {
	c.V = 1
	if utf8.Valid(body) {
		c.Body = string(body)
	} else {
		c.Bytes = body
	}
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	err := enc.Encode(c)
	if err == nil {
		for _, b := range [][]byte{line.Bytes(), body} {
			if err = s.search(b); err != nil {
				break
			}
		}
	}
	if err != nil {
		err = fmt.Errorf("recording: a call of %s was not written: %w", strings.ToValidUTF8(c.Scope, "?"), err)
		t.spoil(err)
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.file == nil {
		return errors.New("recording: it is closed")
	}
	if _, err := t.file.Write(line.Bytes()); err != nil {
		t.err = fmt.Errorf("recording: %w", err)
		return t.err
	}
	t.calls[c.id()] = c
	return nil
}
