//go:build !unix

package none

import (
	"context"
	"errors"
	"runtime"

	"metr/internal/sandbox"
)

// Backend cannot be used on this system.
type Backend struct{}

var errSystem = errors.New("sandbox none: needs a Unix system; this is " + runtime.GOOS + "; use --sandbox docker")

// Name is "none".
func (Backend) Name() string { return "none" }

// Probe says so.
func (Backend) Probe(context.Context) []sandbox.Check {
	return []sandbox.Check{{Name: "isolation", Needed: true, Detail: errSystem.Error(), Fix: "use --sandbox docker"}}
}

// Open always fails here.
func (Backend) Open(context.Context, sandbox.Spec) (sandbox.Box, error) { return nil, errSystem }
