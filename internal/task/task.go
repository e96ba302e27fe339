// Package task is the vocabulary of METR: what is asked (Task), what came back
// (Patch), what was looked at (Verdict) and what it comes to (Outcome). It does
// no I/O beyond decoding bytes that it is handed, and imports nothing of METR,
// so that every other package can speak in its terms.
package task

import (
	"fmt"
	"slices"
	"time"
)

// Kind says what an agent is asked to do.
type Kind string

// The nine kinds of task.
const (
	Complete  Kind = "complete"  // write the body of one function or type
	Debug     Kind = "debug"     // find and mend a fault from a report
	Testgen   Kind = "testgen"   // write tests that catch hidden faulty versions
	Feature   Kind = "feature"   // a change in several steps over several files
	Algorithm Kind = "algorithm" // an algorithm whose invariants are checked
	Integrate Kind = "integrate" // use a third-party library at the pinned version
	Secure    Kind = "secure"    // close or avoid a hole that an exploit test proves
	Optimize  Kind = "optimize"  // make it faster by a stated factor
	Style     Kind = "style"     // restructure without changing what it does
)

// Kinds lists every kind in the order of reports.
var Kinds = []Kind{Complete, Debug, Testgen, Feature, Algorithm, Integrate, Secure, Optimize, Style}

// Language is the language that a task's workspace is written in.
type Language string

// The languages that graders know.
const (
	Go         Language = "go"
	Python     Language = "python"
	JavaScript Language = "javascript"
	TypeScript Language = "typescript"
	Rust       Language = "rust"
	Java       Language = "java"
	C          Language = "c"
	Cpp        Language = "cpp"
)

// Languages lists every language that graders know.
var Languages = []Language{Go, Python, JavaScript, TypeScript, Rust, Java, C, Cpp}

// Perl is a language of data sets alone: their programs are run, and no grader
// knows more of it.
const Perl Language = "perl"

// DataLanguages lists the languages that only data sets use.
var DataLanguages = []Language{Perl}

// Axis is one of the four sides from which an attempt is looked at. Axes are
// reported side by side and never averaged into one another.
type Axis string

// The four axes.
const (
	Syntax     Axis = "syntax"     // parses, builds, formatted and named by convention
	Semantics  Axis = "semantics"  // hidden tests and properties
	Context    Axis = "context"    // fits the repository: old tests, scope, API, manifest
	Constraint Axis = "constraint" // stated constraints: performance, exploit refused
)

// Axes lists the axes in the order of reports.
var Axes = []Axis{Syntax, Semantics, Context, Constraint}

// Label names what a hidden test looks at.
type Label string

// The labels of hidden tests. A test carries its label as the first word of its
// name: TestEdgeEmpty, test_edge_empty, "edge: empty".
const (
	Typical Label = "typical"
	Edge    Label = "edge"
	State   Label = "state"   // behaviour across calls and functions
	Error   Label = "error"   // errors raised, returned and handled
	Exploit Label = "exploit" // an attack that must be refused; counts for Constraint
)

// Labels lists the labels in the order of reports.
var Labels = []Label{Typical, Edge, State, Error, Exploit}

// Axis is the axis that tests of this label count for.
func (l Label) Axis() Axis {
	if l == Exploit {
		return Constraint
	}
	return Semantics
}

// Limits bound one program under test. Zero means the sandbox's default.
type Limits struct {
	CPU      time.Duration // user and system time of the whole process tree
	Wall     time.Duration // elapsed time, a backstop well above CPU
	Memory   int64         // bytes, all processes together
	Disk     int64         // bytes written
	Procs    int           // processes and threads at once
	Output   int64         // bytes kept of standard output and of standard error, each
	FileSize int64         // bytes of one file
}

// Grader is one entry of a task's [[graders]]: which grader looks, whether the
// task is solved without it, and the grader's own settings.
type Grader struct {
	Name     string `toml:"name" json:"name"`
	Required bool   `toml:"required" json:"required"`

	Subject []string `toml:"subject" json:"subject,omitempty"` // tests, speed: what the judge may load, as the oracle of the language names it
	Allow   []string `toml:"allow" json:"allow,omitempty"`     // scope: globs a patch may touch
	Keep    []string `toml:"keep" json:"keep,omitempty"`       // existing: globs of test files restored before they run
	Use     []string `toml:"use" json:"use,omitempty"`         // api: names that must be used
	Forbid  []string `toml:"forbid" json:"forbid,omitempty"`   // api: names that must not be used
	Require []string `toml:"require" json:"require,omitempty"` // manifest: dependencies as name@version that manifest and lock must hold
	Files   []string `toml:"files" json:"files,omitempty"`     // globs of the files looked at; all of the language if empty
	Names   []Rename `toml:"names" json:"names,omitempty"`     // names: symbols that must be gone and the ones that take their place
	Factor  float64  `toml:"factor" json:"factor,omitempty"`   // speed: least ratio of CPU time, start over patched
}

// Rename asks that no identifier From is left and that To exists.
type Rename struct {
	From string `toml:"from" json:"from"`
	To   string `toml:"to" json:"to"`
}

// Variant is a known answer to a task: a wrong one, with the grader and the test
// label that must catch it, or a right one that differs from the reference.
type Variant struct {
	Name   string
	Why    string
	Grader string // wrong answers: the grader that must fail
	Label  Label  // wrong answers: the label of a test that must fail; "" where the grader has none
	Patch  Patch
}

// Task is one thing to be done, with all that is needed to set it and to judge it.
type Task struct {
	ID       string
	Version  int
	Title    string
	Kind     Kind
	Language Language

	HumanMinutes       float64
	HumanMinutesSource string
	Licence            string
	Created            string // YYYY-MM-DD
	Canary             string

	Instruction string
	Limits      Limits
	Graders     []Grader
	Workspace   Tree // what the agent starts from
	Tests       Tree // hidden
	Deps        Tree // third-party packages that agent and graders find in Deps' own layout, read-only
	Solution    Patch
	Wrong       []Variant
	Alternative []Variant

	// Function is set for tasks of function-level data sets (HumanEval and its
	// kin), whose workspace is one file and whose judge is the data set's.
	Function *Function
}

// Function is a function-level problem as its data set publishes it.
type Function struct {
	Dataset    string   // humaneval, mbpp, evalplus, mbxp
	File       string   // the workspace's one file
	Prompt     string   // what stands before a completion; "" where answers are whole programs
	EntryPoint string   // the function under test; "" where the tests name it themselves
	Test       string   // the published test program
	Setup      string   // code that the tests need first
	Asserts    []string // MBPP: the asserts one by one
	Imports    []string // MBPP sanitized: imports of the tests
	Reference  string   // the complete reference program, for oracles that compute with it
	BaseInput  []byte   // EvalPlus: JSON array of argument lists
	PlusInput  []byte   // EvalPlus: the same, added inputs
	Atol       float64  // EvalPlus: absolute tolerance, 0 where exact
}

// Grader returns the task's grader of that name.
func (t *Task) Grader(name string) (Grader, bool) {
	i := slices.IndexFunc(t.Graders, func(g Grader) bool { return g.Name == name })
	if i < 0 {
		return Grader{}, false
	}
	return t.Graders[i], true
}

// Answer returns the patch that turns the workspace of a function-level task
// into prompt+completion. It panics where Function is nil.
func (t *Task) Answer(completion string) Patch {
	return t.Program(t.Function.Prompt + completion)
}

// Program returns the patch that makes src the whole program of a
// function-level task. It panics where Function is nil.
func (t *Task) Program(src string) Patch {
	return Patch{Changes: []Change{{Path: t.Function.File, Mode: 0o644, Data: []byte(src)}}}
}

// Suite is a named list of tasks.
type Suite struct {
	Name   string
	Digest string // sha256:hex over everything that a score depends on
	Tasks  []*Task
}

// Find returns the task with that id.
func (s *Suite) Find(id string) (*Task, bool) {
	for _, t := range s.Tasks {
		if t.ID == id {
			return t, true
		}
	}
	return nil, false
}

// CheckIDs reports the first id that two tasks share.
func (s *Suite) CheckIDs() error {
	seen := make(map[string]bool, len(s.Tasks))
	for _, t := range s.Tasks {
		if seen[t.ID] {
			return fmt.Errorf("suite %s: task id %q occurs twice; ids must be unique", s.Name, t.ID)
		}
		seen[t.ID] = true
	}
	return nil
}
