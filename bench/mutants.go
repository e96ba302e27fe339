//go:build linux

package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// swaps make another program of a right one, by one word or sign.
var swaps = [][2]string{
	{" < ", " <= "}, {" > ", " >= "}, {" <= ", " < "}, {" >= ", " > "}, {" == ", " != "}, {" != ", " == "},
	{" + ", " - "}, {" - ", " + "}, {" * ", " + "}, {" // ", " * "}, {" % ", " // "}, {" and ", " or "}, {" or ", " and "},
	{"True", "False"}, {"False", "True"}, {" 0", " 1"}, {" 1", " 2"}, {"[0]", "[-1]"}, {"(0", "(1"}, {"(1", "(0"},
	{"return ", "return not "}, {"sorted(", "list("}, {"max(", "min("}, {"min(", "max("}, {"len(", "1 + len("},
}

// mutated is the solution and what one swap makes of it. A loop that a swap can
// make endless is left alone: its time would be the time limit's.
func mutated(solution string) []string {
	out := []string{solution}
	if strings.Contains(solution, "while") {
		return out
	}
	for _, s := range swaps {
		for at := 0; ; {
			i := strings.Index(solution[at:], s[0])
			if i < 0 {
				break
			}
			i += at
			out = append(out, solution[:i]+s[1]+solution[i+len(s[0]):])
			at = i + len(s[0])
		}
	}
	return out
}

// many has METR alone grade a great number of right and mutated answers.
func (b *bench) many(ctx context.Context) error {
	if b.config.many == 0 {
		return nil
	}
	j := job{config: b.config, samples: filepath.Join(b.scratch, "samples-many.jsonl"), dir: b.scratch}
	var err error
	if j.n, err = writeMutants(j.problems(), j.samples, b.config.many); err != nil {
		return err
	}
	r, score, err := b.once(ctx, graders[0], j)
	if err != nil {
		return err
	}
	b.page.table(fmt.Sprintf("METR alone: %d HumanEval answers, right and mutated, two workers", j.n), [][]string{
		{"solved", "wall, s", "CPU, s", "CPU a sample, ms", "largest process, MB"},
		{score, fmt.Sprintf("%.1f", r.wall.Seconds()), fmt.Sprintf("%.1f", r.cpu.Seconds()),
			fmt.Sprintf("%.1f", float64(r.cpu.Milliseconds())/float64(j.n)), fmt.Sprint(r.memory / 1e6)},
	})
	return nil
}

// writeMutants writes n answers to each problem, going round what mutated gives.
func writeMutants(problems, file string, n int) (int, error) {
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
			return written, errors.Join(w.Flush(), out.Close())
		} else if err != nil {
			return 0, fmt.Errorf("%s: %w", problems, err)
		}
		answers := mutated(row.Solution)
		for i := range n {
			if err := enc.Encode(map[string]string{"task_id": row.ID, "completion": answers[i%len(answers)]}); err != nil {
				return 0, err
			}
			written++
		}
	}
}
