//go:build linux

package main

import (
	"context"
	"fmt"
	"os"

	"metr/internal/sandbox/native"
)

// child is the metr that is killed.
func child() {
	ctx := context.Background()
	b, err := native.New()
	if err != nil {
		fmt.Fprintln(os.Stderr, "leak:", err)
		os.Exit(3)
	}
	defer b.Close()
	if os.Getenv(childEnv) == "once" {
		err = one(ctx, b, 0)
	} else {
		c := config{workers: 2, log: func(string, ...any) {}}
		err = c.many(ctx, 1<<30, func(i int) error {
			if i%2 == 0 {
				return killed(ctx, b, i)
			}
			return one(ctx, b, i)
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "leak:", err)
		os.Exit(3)
	}
}
