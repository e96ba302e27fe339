package dataset

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// InputError is a complaint about a file that a user handed to us: one line
// that names the file, the line where there is one, and what was expected.
type InputError struct {
	File string
	Line int // from 1; 0: the file as a whole
	Msg  string
}

func (e *InputError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Msg)
	}
	return fmt.Sprintf("%s: %s", e.File, e.Msg)
}

func inputErr(file string, line int, format string, args ...any) error {
	return &InputError{file, line, fmt.Sprintf(format, args...)}
}

// cause strips the operation and path from an error of the file system, which
// the message names already.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// open opens a regular file (or a pipe) for reading.
func open(path string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, inputErr(path, 0, "cannot be read: %v", cause(err))
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, inputErr(path, 0, "is a folder; expected a file")
	}
	return f, nil
}

// plain returns the text of r, which is unpacked if it begins like gzip.
func plain(name string, r io.Reader) (io.Reader, error) {
	br := bufio.NewReaderSize(r, 1<<16)
	head, err := br.Peek(3)
	if err != nil && err != io.EOF {
		return nil, readErr(name, err)
	}
	if len(head) >= 2 && head[0] == 0x1f && head[1] == 0x8b {
		z, err := gzip.NewReader(br)
		if err != nil {
			return nil, readErr(name, err)
		}
		return plainOnce{name, z}, nil
	}
	if string(head) == "\ufeff" {
		br.Discard(3) // a byte order mark says nothing in UTF-8
	}
	return plainOnce{name, br}, nil
}

// plainOnce turns the errors of unpacking into complaints about the file.
type plainOnce struct {
	name string
	r    io.Reader
}

func (p plainOnce) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	if err != nil && err != io.EOF {
		err = readErr(p.name, err)
	}
	return n, err
}

// readErr is the complaint for an error of reading or unpacking; a failure of
// the disk is ours, not the file's, and stays what it is.
func readErr(name string, err error) error {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return inputErr(name, 0, "is a truncated gzip file: it ends in the middle; copy or fetch it again")
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		return inputErr(name, 0, "is a damaged gzip file (%v); copy or fetch it again", err)
	case errors.Is(err, syscall.EISDIR):
		return inputErr(name, 0, "is a folder; expected a file")
	}
	var ie *InputError
	if errors.As(err, &ie) {
		return err
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return err
	}
	return inputErr(name, 0, "cannot be unpacked: %v", err)
}
