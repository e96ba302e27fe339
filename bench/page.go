//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// The tables of a page stand between these lines; the rest is written by hand.
const (
	beginMark = "<!-- tables: written by bench/run -->"
	endMark   = "<!-- end of tables -->"
)

// page collects tables in Markdown.
type page struct{ text bytes.Buffer }

func newPage() *page {
	p := &page{}
	fmt.Fprintf(&p.text, "Measured on %s: %s.\n", time.Now().UTC().Format(time.DateOnly), machine())
	return p
}

// table adds a table whose first row is its head.
func (p *page) table(title string, rows [][]string) {
	fmt.Fprintf(&p.text, "\n**%s**\n\n", title)
	for i, row := range rows {
		fmt.Fprintf(&p.text, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			fmt.Fprintln(&p.text, "|"+strings.Repeat(" --- |", len(row)))
		}
	}
}

// write prints the tables and, if file is named, puts them between its marks.
func (p *page) write(file string) error {
	if _, err := os.Stdout.Write(p.text.Bytes()); err != nil || file == "" {
		return err
	}
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, ok := bytes.Cut(old, []byte(beginMark))
	_, after, ok2 := bytes.Cut(rest, []byte(endMark))
	if !ok || !ok2 {
		return fmt.Errorf("%s: expected the lines %q and %q", file, beginMark, endMark)
	}
	return os.WriteFile(file, fmt.Appendf(nil, "%s%s\n\n%s\n%s%s", before, beginMark, p.text.Bytes(), endMark, after), 0o644)
}

// machine describes what the figures were measured on, without naming it.
func machine() string {
	model := "unknown processor"
	if data, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(data)) {
			if name, ok := strings.CutPrefix(line, "model name"); ok {
				model = strings.TrimLeft(strings.TrimSpace(name), ": \t")
				break
			}
		}
	}
	var u unix.Utsname
	kernel := "unknown"
	if unix.Uname(&u) == nil {
		kernel = unix.ByteSliceToString(u.Release[:])
		kernel, _, _ = strings.Cut(kernel, "-")
	}
	var si unix.Sysinfo_t
	memory := ""
	if unix.Sysinfo(&si) == nil {
		memory = fmt.Sprintf(", %d GiB of memory", (uint64(si.Totalram)*uint64(si.Unit)+1<<29)>>30)
	}
	python, _ := exec.Command("/usr/bin/python3", "--version").Output()
	return fmt.Sprintf("%d cores (%s)%s, Linux %s, %s, %s, %s", runtime.NumCPU(), model, memory, kernel, distribution(), runtime.Version(), strings.TrimSpace(string(python)))
}

func distribution() string {
	data, err := os.ReadFile("/etc/os-release")
	if err != nil {
		return "unknown distribution"
	}
	for line := range strings.Lines(string(data)) {
		if name, ok := strings.CutPrefix(line, "PRETTY_NAME="); ok {
			return strings.Trim(strings.TrimSpace(name), `"`)
		}
	}
	return "unknown distribution"
}

// seconds is a median with its ends, which are left out for a single run.
func seconds(mid, low, high time.Duration, runs int) string {
	if runs == 1 {
		return fmt.Sprintf("%.2f", mid.Seconds())
	}
	return fmt.Sprintf("%.2f (%.2f–%.2f)", mid.Seconds(), low.Seconds(), high.Seconds())
}

func millis(mid, low, high time.Duration) string {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return fmt.Sprintf("%.1f (%.1f–%.1f)", ms(mid), ms(low), ms(high))
}
