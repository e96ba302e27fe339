//go:build !linux

package oci

import (
	"context"
	"errors"
	"runtime"

	"metr/internal/sandbox"
)

// Init does nothing where there are no Linux containers.
func Init() {}

// Backend cannot be made on this system.
type Backend struct{ sandbox.Backend }

// Close does nothing.
func (*Backend) Close() error { return nil }

// Describe says nothing here.
func (*Backend) Describe() string { return "" }

// New always fails here.
func New(context.Context, Config) (*Backend, error) {
	return nil, errors.New("sandbox oci: needs Linux; this is " + runtime.GOOS + "; use --sandbox docker")
}
