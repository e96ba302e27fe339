//go:build !linux

package attack

import (
	"context"
	"errors"

	"metr/internal/sandbox"
)

// Inside and Host exist on Linux only, where the attacks do.
type (
	Inside struct{}
	Host   struct{}
)

// Payload does nothing on this system.
func Payload() {}

// All is empty on this system.
func All() []*Attack { return nil }

// Run fails on this system.
func Run(context.Context, sandbox.Backend, Options, func(Finding)) error {
	return errors.New("the attacks are written for Linux sandboxes and need to run on Linux")
}
