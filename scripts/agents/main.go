// Agents installs the coding agents that METR drives, each once, from their own
// packages:
//
//	go run ./scripts/agents [NAME...]
//
// The folder is METR_AGENTS, or METR's cache where that is not set: the place in
// which metr run and the tests look. It needs npm and the network. Each line
// says what was installed, how large it is and how long it took.
package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"metr/internal/agent/cli"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(names []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if len(names) == 0 {
		names = cli.Names()
	}
	dir, err := cli.Dir()
	if err != nil {
		fmt.Fprintln(stderr, "agents:", err)
		return 2
	}
	status := 0
	for _, name := range names {
		began := time.Now()
		place, err := cli.Install(ctx, dir, name, nil)
		if err != nil {
			fmt.Fprintln(stderr, "agents:", err)
			status = 1
			continue
		}
		fmt.Fprintf(stdout, "%s: %s, %d MB, %.0f s\n", name, place, size(place)/1e6, time.Since(began).Seconds())
	}
	return status
}

func size(dir string) (n int64) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if st, err := d.Info(); err == nil {
				n += st.Size()
			}
		}
		return nil
	})
	return n
}
