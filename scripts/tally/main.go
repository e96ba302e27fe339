// Command tally counts what test runs did, from the JSON events of go test, and
// closes with one line:
//
//	N passed, N failed, N skipped
//
// Each file is one pass over some packages. A test that never ended and a
// package that failed without a failed test (it did not build, or died) count as
// failed. A test skipped in one pass that ran in another (as root, as an ordinary
// user) is not counted as skipped. The exit status is 1 if anything failed, or,
// with CI=true, if anything was skipped.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
)

func main() { os.Exit(run(os.Args[1:], os.Getenv("CI") == "true", os.Stdout)) }

// test is one test of one package; Name is empty for the package itself.
type test struct{ Package, Name string }

func (t test) String() string { return strings.TrimSuffix(t.Package+" "+t.Name, " ") }

func run(files []string, ci bool, out io.Writer) int {
	var passed int
	var failed []string
	ran, skipped := map[test]bool{}, map[test]bool{}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			fmt.Fprintln(out, "tally:", err)
			return 1
		}
		last, err := read(f)
		f.Close()
		if err != nil {
			fmt.Fprintf(out, "tally: %s: %v\n", name, err)
			return 1
		}
		for _, t := range slices.SortedFunc(maps.Keys(last), func(a, b test) int { return strings.Compare(a.String(), b.String()) }) {
			switch {
			case t.Name == "":
				if last[t] == "fail" && !hasFailed(last, t.Package) {
					failed = append(failed, t.String())
				}
			case last[t] == "skip":
				skipped[t] = true
			case last[t] == "pass":
				passed++
				ran[t] = true
			default:
				failed = append(failed, t.String())
				ran[t] = true
			}
		}
	}
	maps.DeleteFunc(skipped, func(t test, _ bool) bool { return ran[t] })
	for _, t := range failed {
		fmt.Fprintln(out, "failed:", t)
	}
	for t := range skipped {
		fmt.Fprintln(out, "skipped:", t)
	}
	fmt.Fprintf(out, "%d passed, %d failed, %d skipped\n", passed, len(failed), len(skipped))
	if len(failed) > 0 || passed == 0 || ci && len(skipped) > 0 {
		return 1
	}
	return 0
}

// hasFailed reports whether a test of the package failed or never ended.
func hasFailed(last map[test]string, pkg string) bool {
	for t, action := range last {
		if t.Package == pkg && t.Name != "" && action != "pass" && action != "skip" {
			return true
		}
	}
	return false
}

// read returns the last action of every test, and of every package, in a stream
// of events. A line that is no event is passed over: a program's own output may
// be mixed in.
func read(r io.Reader) (map[test]string, error) {
	last := map[test]string{}
	in := bufio.NewReader(r)
	for {
		line, err := in.ReadBytes('\n')
		var e struct{ Action, Package, Test string }
		if json.Unmarshal(line, &e) == nil && e.Package != "" {
			switch e.Action {
			case "run", "pass", "fail", "skip":
				last[test{e.Package, e.Test}] = e.Action
			}
		}
		if errors.Is(err, io.EOF) {
			return last, nil
		}
		if err != nil {
			return nil, err
		}
	}
}
