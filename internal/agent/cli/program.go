package cli

import (
	"embed"
	"io"
	"path"
	"strings"

	"github.com/tidwall/gjson"

	"metr/internal/agent/trajectory"
	"metr/internal/model"
	"metr/internal/sandbox"
	"metr/internal/task"
)

// Folder is where a box has the agent's program.
const Folder = "/agent"

// program is one agent: where it comes from, how it is told what to do, and how
// its output is read.
type program struct {
	name     string
	protocol model.Protocol // in which it asks for its model
	lock     *lock          // its package; nil: nothing is installed
	node     bool           // it is JavaScript
	only     string         // the one kind of machine that it is there for, GOOS/GOARCH; "" for all Linux
	layers   []sandbox.Layer
	scratch  []string                // what it keeps in the workspace for itself
	files    func(p place) task.Tree // its configuration, at sandbox.Home; may be nil
	command  func(p place) sandbox.Cmd
	reader   func() reader // nil: its output is plain text, and its exit status says whether it is done
}

// programs are the agents. Each is in a file of its own.
func programs() []program {
	return []program{claude(), codex(), copilot(), gemini(), opencode(), qwen()}
}

func (p program) version() string {
	if p.lock == nil {
		return ""
	}
	return p.lock.version
}

// place is what an agent must know.
type place struct {
	URL    string // of the gateway, without version; "" where there is no model
	Token  string // in place of a key
	Model  string
	Effort model.Effort
	Ask    string // the instruction
	Node   string
}

// ask is the instruction on standard input: it may be longer than an argument
// can be.
func (p place) ask() io.Reader { return strings.NewReader(p.Ask) }

// bin is the path in the box of a program below node_modules.
func bin(elem ...string) string {
	return path.Join(append([]string{Folder, "node_modules"}, elem...)...)
}

// taskFile holds an instruction that no argument can hold, in sandbox.Home.
const taskFile = "task.md"

// argument is the instruction as an argument of a command.
func (p place) argument() string {
	if len(p.Ask) > maxArgument {
		return "Your task is described in the file " + sandbox.Home + "/" + taskFile + ". Read all of it first, then do it."
	}
	return strings.ReplaceAll(p.Ask, "\x00", "")
}

// maxArgument is the longest argument in bytes; Linux allows 128 KiB.
const maxArgument = 100_000

func file(text string) task.File { return task.File{Mode: 0o600, Data: []byte(text)} }

// reader reads an agent's output. It is given whatever the agent prints and
// never fails.
type reader interface {
	// line is one line of JSON: what it means goes into b, what it says of the
	// agent's end into s.
	line(l gjson.Result, b *trajectory.Builder, s *said)
}

// said is what an agent says of its own end.
type said struct {
	done   bool        // that it is done
	ending task.Ending // another end, where it names one
	failed string      // what went wrong
}

// fail notes what went wrong; the last word counts.
func (s *said) fail(b *trajectory.Builder, text string) {
	if text = strings.TrimSpace(text); text != "" {
		s.failed = firstLine(text)
		b.Note("%s", text)
	}
}

// firstLine is the first line of a text, cut to what a report can show.
func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:300], "") + "..."
	}
	return s
}

// str is a value as text: a string as it is, anything else as its JSON.
func str(v gjson.Result) string {
	if v.Type == gjson.String {
		return v.String()
	}
	return v.Raw
}

// npmFolders hold the packages' names and locks.
//
//go:embed npm
var npmFolders embed.FS
