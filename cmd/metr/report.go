package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"metr/internal/report"
	"metr/internal/runlog"
)

func (a *app) reportCmd() *cobra.Command {
	var format, out string
	c := &cobra.Command{
		Use:   "report LOG",
		Short: "Tables and figures of a run, or another tool's format",
		Example: `  metr report runs/20260101-120000-starter-gold
  metr report LOG --format junit --out report.xml
  metr report LOG --format csv`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !known(format) {
				return usage("--format %q: expected one of %s", format, strings.Join(report.Formats, ", "))
			}
			if err := writable(out); err != nil {
				return err
			}
			ctx := cmd.Context()
			log, err := runlog.Open(ctx, args[0])
			if err != nil {
				return usageOr(err)
			}
			defer log.Close()
			o := report.Options{Color: a.color() && out == ""}
			var rep *report.Report
			write := func(w io.Writer) error {
				rep, err = report.Write(w, format, header(log), log.Attempts(ctx), o)
				if err == nil && format == "text" {
					if _, ok := rep.Find("wrong"); ok {
						fmt.Fprintln(w)
						err = report.Judges(w, rep, o)
					}
				}
				return err
			}
			if out == "" {
				err = write(a.stdout)
			} else {
				err = whole(out, write)
			}
			if err != nil {
				return err
			}
			for _, w := range log.Warnings() {
				fmt.Fprintln(a.stderr, "metr: warning:", w)
			}
			return nil
		},
	}
	c.Flags().StringVarP(&format, "format", "f", "text", strings.Join(report.Formats, ", "))
	c.Flags().StringVarP(&out, "out", "o", "", "write to this file instead of standard output")
	return c
}

func known(format string) bool {
	for _, f := range report.Formats {
		if f == format {
			return true
		}
	}
	return false
}

// writable refuses an --out that cannot be a file, before any work is done.
func writable(out string) error {
	if out == "" {
		return nil
	}
	if st, err := os.Stat(filepath.Dir(out)); err != nil || !st.IsDir() {
		return usage("--out %s: %s is no folder that exists", out, filepath.Dir(out))
	}
	if st, err := os.Stat(out); err == nil && st.IsDir() {
		return usage("--out %s: is a folder, expected a file", out)
	}
	return nil
}

// whole writes a file that is whole or not there.
func whole(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".metr-report-")
	if err != nil {
		return usageError{err}
	}
	defer os.Remove(f.Name())
	err = write(f)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Chmod(f.Name(), 0o644)
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// header is what the log's manifest says of the run.
func header(l *runlog.Log) report.Header {
	m := l.Manifest()
	h := report.Header{Log: l.Place(), Agents: m.Agents, Model: m.Model, Epochs: m.Epochs, Sandbox: m.Sandbox.Backend}
	var names, digests []string
	for _, s := range m.Suites {
		names, digests = append(names, s.Name), append(digests, s.Digest)
		h.Tasks += len(s.Tasks)
	}
	h.Suite, h.SuiteDigest = strings.Join(names, "+"), strings.Join(digests, "+")
	return h
}
