package cli

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"metr/internal/sandbox"
)

// Exec returns the agent exec:COMMAND: any program, which gets the instruction
// on standard input and the workspace as its folder. Its words are split as a
// shell does; there is no shell unless it is named. A word that names a file or
// folder of this machine by a path (./x, ../x, /x, except in the system's own
// folders) is shown in the box, read-only, and replaced by its place there.
//
// A model is optional: where cfg has a Line, the usual variables of the
// providers' clients lead to it.
func Exec(command string, cfg Config) (*Agent, error) {
	argv, err := words(command)
	if err != nil {
		return nil, fmt.Errorf("exec:%s: %w", command, err)
	}
	if len(argv) == 0 {
		return nil, errors.New("exec: names no command; expected exec:CMD, as in exec:\"python3 ./solve.py\"")
	}
	p := program{name: "exec:" + command}
	for i, w := range argv {
		layer, ok, err := share(w)
		if err != nil {
			return nil, fmt.Errorf("exec:%s: %w", command, err)
		}
		if ok {
			argv[i] = layer.Box
			p.layers = append(p.layers, layer)
		}
	}
	p.command = func(at place) sandbox.Cmd { return sandbox.Cmd{Args: argv, Env: at.env(), Stdin: at.ask()} }
	return &Agent{cfg: cfg, prog: p}, nil
}

// system are folders that a box has itself.
var system = []string{"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/dev", "/proc", "/sys", "/run", sandbox.Work, sandbox.Home}

// share is the layer that shows what the word names; ok is false for other
// words.
func share(word string) (l sandbox.Layer, ok bool, err error) {
	if !strings.HasPrefix(word, "/") && !strings.HasPrefix(word, "./") && !strings.HasPrefix(word, "../") {
		return l, false, nil
	}
	abs, err := filepath.Abs(word)
	if err != nil {
		return l, false, err
	}
	if abs == "/" || abs == "/tmp" {
		return l, false, nil
	}
	for _, s := range system {
		if abs == s || strings.HasPrefix(abs, s+"/") {
			return l, false, nil
		}
	}
	if _, err := os.Stat(abs); err != nil {
		if strings.HasPrefix(word, "/") {
			return l, false, nil // a path in the box, maybe
		}
		return l, false, fmt.Errorf("%s: no such file here; a program of the box's own is named without a path", word)
	}
	if abs, err = filepath.EvalSymlinks(abs); err != nil {
		return l, false, err
	}
	return sandbox.Layer{Host: abs, Box: path.Join(Folder, filepath.ToSlash(abs))}, true, nil
}

// env are the variables by which the providers' own clients find their servers.
func (p place) env() []string {
	if p.URL == "" {
		return nil
	}
	return []string{
		"METR_MODEL=" + p.Model,
		"OPENAI_BASE_URL=" + p.URL + "/v1", "OPENAI_API_BASE=" + p.URL + "/v1", "OPENAI_API_KEY=" + p.Token, "OPENAI_MODEL=" + p.Model,
		"ANTHROPIC_BASE_URL=" + p.URL, "ANTHROPIC_API_KEY=" + p.Token, "ANTHROPIC_MODEL=" + p.Model,
		"GEMINI_API_KEY=" + p.Token, "GOOGLE_GEMINI_BASE_URL=" + p.URL, "GEMINI_MODEL=" + p.Model,
	}
}
