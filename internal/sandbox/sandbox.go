// Package sandbox runs programs that nobody trusts. A Box is a fresh machine of
// its own for one attempt or one grading: its own processes, network, files and
// limits; nothing of the host's environment or descriptors reaches it and
// nothing outlives it. Backends (native, none, and later oci and docker) live in
// packages of their own and pass the conformance suite in sandboxtest.
//
// It is not for trusted tools: those run with os/exec.
package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"metr/internal/task"
)

// Backend opens boxes. It is safe for concurrent use.
type Backend interface {
	// Name is what --sandbox calls it and what the run log records.
	Name() string
	// Probe says what this machine can do, each with what to do where it cannot.
	Probe(ctx context.Context) []Check
	// Open makes a fresh box. The error means that the sandbox failed and
	// nothing may be scored. The caller closes the box.
	Open(ctx context.Context, spec Spec) (Box, error)
}

// Box is one fresh machine. One command runs at a time; when it ends, whatever
// it started is killed. Files stay until Close.
type Box interface {
	// Start begins a command. Whatever the program does, limits exceeded and a
	// missing executable included, is in the Result of Wait; an error means that
	// the sandbox failed.
	Start(ctx context.Context, c Cmd) (Process, error)
	// Put lays files over dir, an absolute path, owned by the user that commands
	// run as. Commands can change them below Work, Home and /tmp only.
	Put(ctx context.Context, dir string, t task.Tree) error
	// Get reads the regular files and symbolic links below dir, up to limit bytes
	// in all; ErrTooLarge beyond that. Nothing of the box runs meanwhile.
	Get(ctx context.Context, dir string, limit int64) (task.Tree, error)
	// Path is the box's path p as commands in it must spell it: p itself, except
	// in backends that cannot give commands a root of their own.
	Path(p string) string
	// Close kills what runs and removes the box. It is safe to call twice.
	Close() error
}

// Owner is implemented by backends whose boxes run as another user than metr: a
// folder of the host that boxes are to write to, on an overlay, must belong to
// that user.
type Owner interface{ Owner() (uid, gid int) }

// Listener is implemented by boxes that metr can serve a socket in.
type Listener interface {
	// Listen opens a TCP socket at 127.0.0.1:port of the box's own network, served
	// by the caller from outside; port 0 takes a free one. It is how commands reach
	// the gateway, and nothing else. The caller closes it.
	Listen(ctx context.Context, port int) (net.Listener, error)
}

// Warmer is implemented by backends that can fork a Python interpreter that has
// started already, each fork in a fresh box: a sample then costs a tenth of an
// interpreter of its own.
type Warmer interface {
	// Warm starts the interpreter, which runs program, Python source that defines
	// main(). The limits are those of each fork. The error means that the sandbox
	// failed. The caller closes the nursery.
	Warm(ctx context.Context, limits task.Limits, program string) (Nursery, error)
}

// Nursery is such an interpreter. One fork runs at a time.
type Nursery interface {
	// Start forks the interpreter in a fresh box and calls main there, with the
	// streams of c, whose other fields are not used. An error means that the
	// nursery is of no more use.
	Start(ctx context.Context, c Cmd) (Process, error)
	// Close ends the interpreter and what it forked.
	Close() error
}

// Process is a running command.
type Process interface {
	// Wait returns when the command and all it started are gone. Cancelling the
	// context of Start kills them. The error means that the sandbox failed.
	Wait() (Result, error)
	// CPU is the processor time that the command's live processes have used so
	// far, measured from outside of it.
	CPU() (time.Duration, error)
	// Kill ends the command at once; Wait then reports Killed.
	Kill()
}

// ErrTooLarge is returned by Get for more bytes than asked for.
var ErrTooLarge = errors.New("sandbox: the files are larger than the limit")

// Spec describes a box.
type Spec struct {
	Layers []Layer     // what of the host can be read in it, beside the system's own programs
	Self   bool        // this very program lies at Self in it; never where a candidate's code runs: it holds suites
	Limits task.Limits // of the whole box; zero fields take Defaults
}

// Layer makes a folder of the host visible in the box.
type Layer struct {
	Host    string // absolute path on the host
	Box     string // absolute path in the box
	Overlay bool   // writable for the box, on a layer of its own that is thrown away; read-only otherwise
}

// Defaults fill the zero fields of limits.
var Defaults = task.Limits{
	CPU: 30 * time.Second, Wall: 120 * time.Second,
	Memory: 1 << 30, Disk: 512 << 20, Procs: 128,
	Output: 1 << 20, FileSize: 256 << 20,
}

// CPUs is how many processors a box sees, or all of a machine that has fewer:
// tools that start as many threads as there are processors do the same
// everywhere.
const CPUs = 2

// WithDefaults fills the zero fields of l.
func WithDefaults(l task.Limits) task.Limits {
	d := Defaults
	set := func(dst *int64, v int64) {
		if v != 0 {
			*dst = v
		}
	}
	if l.CPU != 0 {
		d.CPU = l.CPU
	}
	if l.Wall != 0 {
		d.Wall = l.Wall
	}
	set(&d.Memory, l.Memory)
	set(&d.Disk, l.Disk)
	set(&d.Output, l.Output)
	set(&d.FileSize, l.FileSize)
	if l.Procs != 0 {
		d.Procs = l.Procs
	}
	return d
}

// Cmd is a command to run in a box.
type Cmd struct {
	Args   []string // Args[0] is looked up in the box's PATH
	Dir    string   // absolute, as the box has it; the box's home if empty
	Env    []string // beside the fixed ones (Env); KEY=VALUE
	Limits task.Limits

	Stdin  io.Reader // nil: empty
	Stdout io.Writer // nil: kept in Result.Stdout up to Limits.Output; else all of it is written there
	Stderr io.Writer // the same for Stderr
}

// The paths of every box.
const (
	Work = "/work"      // the workspace
	Home = "/home/metr" // HOME of the commands
	Self = "/metr/metr" // this very program, in boxes whose Spec asks for it
)

// Env is the environment of every command, beside what Cmd adds: clock, locale
// and hash seed are fixed so that the same work gives the same result.
func Env() []string {
	return []string{
		"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=" + Home, "TMPDIR=/tmp", "USER=metr",
		"LANG=C.UTF-8", "LC_ALL=C.UTF-8", "TZ=UTC", "PYTHONHASHSEED=0", "NO_COLOR=1",
	}
}

// Environ is Env with extra added; of entries with the same key the last counts.
func Environ(extra []string) []string {
	all := append(Env(), extra...)
	last := make(map[string]int, len(all))
	for i, kv := range all {
		key, _, _ := strings.Cut(kv, "=")
		last[key] = i
	}
	out := all[:0]
	for i, kv := range all {
		if key, _, _ := strings.Cut(kv, "="); last[key] == i {
			out = append(out, kv)
		}
	}
	return out
}

// End says how a command ended.
type End string

// The ways a command ends.
const (
	Exited       End = "exited"   // Result.Code says how
	Signaled     End = "signaled" // Result.Signal says by what
	TimedOut     End = "wall time"
	CPUExceeded  End = "cpu time"
	OutOfMemory  End = "memory"
	FileTooLarge End = "file size"
	Killed       End = "killed"    // by us: Kill or the context
	NotStarted   End = "not found" // no such program in the box, or not executable
)

// Result is what a command did.
type Result struct {
	End              End
	Code             int
	Signal           string
	Stdout, Stderr   []byte // the first Limits.Output bytes of each
	StdoutN, StderrN int64  // bytes written in all
	Wall, CPU        time.Duration
	MaxRSS           int64 // bytes, of the largest process
	// Hit names the limits that the command ran into, whether it lived on or not:
	// "memory", "processes", "disk", "number of files", "output". A backend that
	// cannot see one does not name it.
	Hit []string
}

// OK reports whether the command exited with status 0.
func (r Result) OK() bool { return r.End == Exited && r.Code == 0 }

// String says how the command ended in a few words.
func (r Result) String() string {
	switch r.End {
	case Exited:
		return fmt.Sprintf("exit status %d", r.Code)
	case Signaled:
		return "killed by " + r.Signal
	case Killed, NotStarted:
		return string(r.End)
	}
	return string(r.End) + " limit exceeded"
}

// Exec runs c in the box to completion.
func Exec(ctx context.Context, b Box, c Cmd) (Result, error) {
	p, err := b.Start(ctx, c)
	if err != nil {
		return Result{}, err
	}
	return p.Wait()
}

// Check is one thing that a backend needs.
type Check struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Needed bool   `json:"needed"` // without it the backend cannot be used
	Detail string `json:"detail"` // what was found
	Fix    string `json:"fix,omitempty"`
}

// Capture is a writer that keeps the first Limit bytes and counts the rest.
type Capture struct {
	Limit int64
	N     int64
	buf   bytes.Buffer
}

// Write never fails.
func (c *Capture) Write(p []byte) (int, error) {
	c.N += int64(len(p))
	if room := c.Limit - int64(c.buf.Len()); room > 0 {
		c.buf.Write(p[:min(int64(len(p)), room)])
	}
	return len(p), nil
}

// Bytes is what was kept.
func (c *Capture) Bytes() []byte { return c.buf.Bytes() }
