package runlog

import (
	"errors"
	"fmt"
)

// ErrExists is returned by Create for a place that already holds something.
var ErrExists = errors.New("the place is not empty; resume the run that is there or choose another place")

// ErrNoLog is returned by Open for a place that holds no run log.
var ErrNoLog = errors.New("no run log there; expected a folder with a manifest.json")

// ErrClosed is returned by what is called after Close.
var ErrClosed = errors.New("the run log is closed")

// NewerError says that a log was written by a newer metr than this one.
type NewerError struct {
	Place  string
	Schema int // of the log
}

func (e *NewerError) Error() string {
	return fmt.Sprintf("run log %s: schema %d was written by a newer metr, this one reads up to schema %d; update metr to read it", e.Place, e.Schema, Schema)
}

// CorruptError says that a log is not as it was written.
type CorruptError struct {
	Place  string
	Object string // manifest.json, segments/..., blobs/...
	Line   int    // from 1; 0 where the whole object is meant
	Why    string
}

func (e *CorruptError) Error() string {
	where := e.Object
	if e.Line > 0 {
		where = fmt.Sprintf("%s line %d", e.Object, e.Line)
	}
	return fmt.Sprintf("run log %s: %s: %s; the log was damaged after it was written, restore it from a copy", e.Place, where, e.Why)
}

// Warning is something that reading tolerated and a reader should know.
type Warning struct {
	Object  string
	Line    int // from 1; 0 where the whole object is meant
	Message string
}

func (w Warning) String() string {
	if w.Line > 0 {
		return fmt.Sprintf("%s line %d: %s", w.Object, w.Line, w.Message)
	}
	return w.Object + ": " + w.Message
}
