//go:build !linux

package native

import (
	"context"
	"errors"
	"runtime"

	"metr/internal/sandbox"
)

// Backend cannot be made on this system.
type Backend struct{ sandbox.Backend }

// Close does nothing.
func (*Backend) Close() error { return nil }

var errSystem = errors.New("sandbox native: needs Linux; this is " + runtime.GOOS)

// New always fails here.
func New() (*Backend, error) { return nil, errSystem }

// Probe says so.
func Probe(context.Context) []sandbox.Check {
	return []sandbox.Check{{Name: "a program runs in a fresh box", Needed: true, Detail: errSystem.Error(), Fix: "use a Linux machine or virtual machine"}}
}
