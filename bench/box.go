//go:build linux

package main

import (
	"context"
	"fmt"

	"metr/internal/sandbox"
	"metr/internal/sandbox/native"
)

// nativeBox returns a function that opens a box of the native sandbox, runs true
// in it, and closes it.
func nativeBox() (one func(context.Context) error, closed func() error, err error) {
	b, err := native.New()
	if err != nil {
		return nil, nil, err
	}
	one = func(ctx context.Context) error {
		box, err := b.Open(ctx, sandbox.Spec{})
		if err != nil {
			return err
		}
		defer box.Close()
		r, err := sandbox.Exec(ctx, box, sandbox.Cmd{Args: []string{"true"}})
		if err == nil && !r.OK() {
			err = fmt.Errorf("true ended with %v", r)
		}
		return err
	}
	return one, b.Close, nil
}
