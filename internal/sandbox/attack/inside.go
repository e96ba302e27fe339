//go:build linux

package attack

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"metr/internal/sandbox"
)

// payloadArg tells this program, started in a box, that it is a payload.
const payloadArg = "attack-payload"

// Payload turns this process into the payload of an attack if it was started as
// one, and then never returns; otherwise it does nothing. A program that calls
// Run calls it first thing in main.
func Payload() {
	// ARGV0 payload NAME TOKEN NAMESPACE ARG...
	if len(os.Args) < 5 || os.Args[0] != sandbox.Self || os.Args[1] != payloadArg {
		return
	}
	in := &Inside{Token: os.Args[3], Args: os.Args[5:]}
	for _, a := range All() {
		if a.Name != os.Args[2] {
			continue
		}
		if a.Fenced && pidNamespace() == os.Args[4] {
			in.line("fenced", "")
			os.Exit(0)
		}
		a.Payload(in)
		in.line("done", fmt.Sprint(in.tries))
		os.Exit(0)
	}
	os.Exit(125)
}

// pidNamespace names the process namespace that we are in.
func pidNamespace() string {
	s, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return "unknown"
	}
	return s
}

// Inside is what a payload has in its box: its arguments, and lines to the host.
type Inside struct {
	Token string   // marks the processes and names of this run; no secret
	Args  []string // what the check gave it
	tries int
	seen  map[string]bool // secrets told already
}

// Arg is argument i, or "".
func (in *Inside) Arg(i int) string {
	if i < len(in.Args) {
		return in.Args[i]
	}
	return ""
}

// line is written at once, since the process may be killed at any moment.
func (in *Inside) line(kind, text string) {
	b := []byte(kind + " " + strings.ReplaceAll(text, "\n", "; ") + "\n")
	for len(b) > 0 {
		n, err := unix.Write(1, b)
		if err == unix.EINTR || err == unix.EAGAIN {
			continue
		}
		if err != nil {
			return
		}
		b = b[n:]
	}
}

// Say tells the host something.
func (in *Inside) Say(format string, args ...any) { in.line("say", fmt.Sprintf(format, args...)) }

// Ready tells the host that what it waits for is in place.
func (in *Inside) Ready() { in.line("ready", "") }

// Breach says that something succeeded that must not.
func (in *Inside) Breach(format string, args ...any) {
	in.tries++
	in.line("breach", fmt.Sprintf(format, args...))
}

// Try does what must fail, for whatever reason.
func (in *Inside) Try(what string, f func() error) {
	if err := f(); err != nil {
		in.tries++
		in.line("held", what+": "+err.Error())
		return
	}
	in.Breach("%s succeeded", what)
}

// Denied does what must be refused as such: an error that only says that the
// arguments were wrong means that the kernel looked at them.
func (in *Inside) Denied(what string, f func() error) {
	err := f()
	switch err {
	case unix.EPERM, unix.EACCES, unix.ENOSYS:
		in.tries++
		in.line("held", what+": "+err.Error())
	case nil:
		in.Breach("%s succeeded", what)
	default:
		in.Breach("%s is within reach: %v", what, err)
	}
}

// call makes a system call whose success is all that matters.
func call(number uintptr, args ...uintptr) error {
	var a [6]uintptr
	copy(a[:], args)
	if _, _, e := unix.Syscall6(number, a[0], a[1], a[2], a[3], a[4], a[5]); e != 0 {
		return e
	}
	return nil
}

// opens tries to open path without changing anything.
func opens(path string, flags int) func() error {
	return func() error {
		fd, err := unix.Open(path, flags|unix.O_CLOEXEC|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
		if err != nil {
			return err
		}
		return unix.Close(fd)
	}
}
