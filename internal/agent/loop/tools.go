package loop

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"time"

	"metr/internal/agent/session"
	"metr/internal/model"
	"metr/internal/sandbox"
	"metr/internal/task"
)

const prompt = `You are a programmer at work in a repository. The current folder holds it, and you have four tools:
shell runs a command there, read shows a file, edit replaces a text in a file or makes a new one, submit
ends the work. There is no network. Look around first; make the change that is asked for and nothing
beyond it; run what tests there are; then submit.`

func object(required []string, properties map[string]any) map[string]any {
	return map[string]any{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}

func text(what string) map[string]any { return map[string]any{"type": "string", "description": what} }

var tools = []model.ToolSpec{
	{Name: "shell", Description: "Run a command with sh in the repository. Each call starts anew in the same folder.",
		Schema: object([]string{"command"}, map[string]any{"command": text("the command line")})},
	{Name: "read", Description: "Show a file.",
		Schema: object([]string{"path"}, map[string]any{
			"path": text("relative to the repository"), "from": map[string]any{"type": "integer", "description": "first line, from 1"},
			"lines": map[string]any{"type": "integer", "description": "how many; 400 where it is left out"}})},
	{Name: "edit", Description: "Replace a text that occurs once in a file. An empty old makes a new file.",
		Schema: object([]string{"path", "old", "new"}, map[string]any{
			"path": text("relative to the repository"), "old": text("exactly as it stands there"), "new": text("what takes its place")})},
	{Name: "submit", Description: "End the work: the repository as it is now is the answer.", Schema: object([]string{}, map[string]any{})},
}

// definitions are the tools as a trajectory lists them.
func definitions() []map[string]any {
	var out []map[string]any
	for _, t := range tools {
		out = append(out, map[string]any{"type": "function", "function": map[string]any{"name": t.Name, "description": t.Description, "parameters": t.Schema}})
	}
	return out
}

// room is where the tools work.
type room struct {
	session *session.Session
	shell   time.Duration
}

// maxResult is how many bytes of a result the model is shown, maxFile how large
// a file may be that edit takes.
const (
	maxResult = 24 << 10
	maxFile   = 4 << 20
)

// do runs one call. What the model did wrong is in the text; an error is ours.
func (r room) do(ctx context.Context, c model.ToolCall) (result string, failed bool, err error) {
	var a struct {
		Command, Path, Old, New string
		From, Lines             int
	}
	if strings.TrimSpace(c.Args) != "" {
		if err := json.Unmarshal([]byte(c.Args), &a); err != nil {
			return "the arguments are not as the tool wants them: " + err.Error(), true, nil
		}
	}
	switch c.Name {
	case "shell":
		return r.command(ctx, a.Command)
	case "read":
		return r.read(ctx, a.Path, a.From, a.Lines)
	case "edit":
		return r.edit(ctx, a.Path, a.Old, a.New)
	case "submit":
		return "submitted", false, nil
	}
	return fmt.Sprintf("there is no tool %q; there are shell, read, edit and submit", c.Name), true, nil
}

func (r room) command(ctx context.Context, line string) (string, bool, error) {
	if strings.TrimSpace(line) == "" {
		return "the command is empty", true, nil
	}
	var out sandbox.Capture
	out.Limit = maxFile
	res, err := r.session.Run(ctx, sandbox.Cmd{Args: []string{"sh", "-c", "exec 2>&1\n" + line}, Stdout: &out, Limits: task.Limits{Wall: r.shell}})
	if err != nil {
		return "", true, err
	}
	return short(string(out.Bytes())) + "[" + res.String() + "]", !res.OK(), nil
}

// load reads a file of the box; ok is false where it cannot be read.
func (r room) load(ctx context.Context, p string) (data []byte, ok bool, why string, err error) {
	if p == "" {
		return nil, false, "the path is empty", nil
	}
	var out sandbox.Capture
	out.Limit = maxFile
	res, err := r.session.Run(ctx, sandbox.Cmd{Args: []string{"cat", "--", p}, Stdout: &out})
	switch {
	case err != nil:
		return nil, false, "", err
	case !res.OK():
		return nil, false, strings.TrimSpace(string(res.Stderr)), nil
	case out.N > maxFile:
		return nil, false, fmt.Sprintf("%s is larger than %d MiB: use shell", p, maxFile>>20), nil
	}
	return out.Bytes(), true, "", nil
}

func (r room) read(ctx context.Context, p string, from, lines int) (string, bool, error) {
	data, ok, why, err := r.load(ctx, p)
	if err != nil || !ok {
		return why, true, err
	}
	all := strings.SplitAfter(string(data), "\n")
	if lines <= 0 {
		lines = 400
	}
	from = min(max(from, 1), len(all))
	to := min(from-1+lines, len(all))
	s := strings.Join(all[from-1:to], "")
	if to < len(all) {
		s += fmt.Sprintf("\n[lines %d to %d of %d]", from, to, len(all))
	}
	return short(s), false, nil
}

func (r room) edit(ctx context.Context, p, old, now string) (string, bool, error) {
	data, ok, why, err := r.load(ctx, p)
	if err != nil {
		return "", true, err
	}
	switch {
	case old == "" && ok && len(data) > 0:
		return p + " exists already: say in old what is to be replaced", true, nil
	case old != "" && !ok:
		return why, true, nil
	case old != "":
		if n := bytes.Count(data, []byte(old)); n != 1 {
			return fmt.Sprintf("old occurs %d times in %s, it must be once; nothing was changed", n, p), true, nil
		}
		now = strings.Replace(string(data), old, now, 1)
	}
	// Written by a command in the box, so that links and rights are the box's
	// matter and a file keeps its mode.
	res, err := r.session.Run(ctx, sandbox.Cmd{
		Args: []string{"sh", "-c", `mkdir -p -- "$1" && cat > "$2"`, "sh", path.Dir(p), p}, Stdin: strings.NewReader(now),
	})
	switch {
	case err != nil:
		return "", true, err
	case !res.OK():
		return strings.TrimSpace(string(res.Stderr)) + " [" + res.String() + "]", true, nil
	}
	return p + " is written", false, nil
}

// short keeps the beginning and the end of what is too long for a model.
func short(s string) string {
	s = strings.ToValidUTF8(s, "?")
	if len(s) > maxResult {
		left := len(s) - maxResult
		s = s[:maxResult/2] + fmt.Sprintf("\n[%d bytes left out]\n", left) + s[len(s)-maxResult/2:]
		s = strings.ToValidUTF8(s, "?")
	}
	if s != "" && !strings.HasSuffix(s, "\n") {
		s += "\n"
	}
	return s
}
