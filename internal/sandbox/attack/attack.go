// Package attack is a corpus of attacks on a sandbox: what hostile code under
// test would try to get out of its box, to bring the machine down, to see what
// it should not, or to leave something for the next box. It shows a user what
// holds on their own machine (metr doctor --attack), holds every backend to its
// promises in the tests, and is the list in docs/security.md.
//
// An attack is one value in a file of its own and one line in corpus.go. Its
// payload is Go code that runs inside the box, in a copy of this very program
// (sandbox.Self) that Payload recognises by its arguments:
//
//	Run ──opens a box──> program ──Payload──> Attack.Payload, inside
//	 └── Attack.Check, outside: plants, starts, looks at the host, decides
//
// The check goes by what the host sees wherever it can see it: a planted file, a
// planted process, who connected to a planted listener, the memory of this
// process, what is left when the box is gone. Where only the inside can tell
// (did this system call succeed?) the payload is believed, since it is ours; one
// that ends before its last line is a failure of the corpus, never a success of
// the sandbox.
//
// It is no proof. An attack that is held says that this one is held.
package attack

import (
	"slices"

	"metr/internal/sandbox"
	"metr/internal/task"
)

// Class is what an attack is after.
type Class string

// The classes.
const (
	Escape    Class = "escape"    // do something to the host
	Denial    Class = "denial"    // use it up, or hang the grading
	Spying    Class = "spying"    // see what is not the candidate's
	Poisoning Class = "poisoning" // leave something that others run or read
)

// Classes in the order that tables have them.
var Classes = []Class{Escape, Denial, Spying, Poisoning}

// Promise is what a sandbox gives, and what an attack puts to the test.
type Promise string

// The promises. A backend that lacks one says so in its Traits.
const (
	Contract  Promise = "contract"  // what every backend owes: time limits, output limits, reading files back
	Isolation Promise = "isolation" // files, processes, network and shared memory of its own
	Filter    Promise = "filter"    // system calls that no program under test needs are refused
	Resources Promise = "resources" // memory, disk and processes are limited
)

// Traits are what a backend does not promise.
type Traits struct {
	Lacks []Promise
	Not   map[string]string // attacks that it does not claim to hold, by name, each with the reason
}

func (t Traits) promises(p Promise) bool { return !slices.Contains(t.Lacks, p) }

// None are the traits of the backend that isolates nothing.
var None = Traits{Lacks: []Promise{Isolation, Filter, Resources}}

// Excepter is implemented by backends that isolate and yet do not hold some of
// the corpus.
type Excepter interface {
	// Excepts are the attacks that it does not claim to hold, by name, each with
	// the reason.
	Excepts() map[string]string
}

// Of are the traits of a backend.
func Of(b sandbox.Backend) Traits {
	if b.Name() == "none" {
		return None
	}
	if e, ok := b.(Excepter); ok {
		return Traits{Not: e.Excepts()}
	}
	return Traits{}
}

// Attack is one of the corpus.
type Attack struct {
	Name  string
	Class Class
	Tries string // a sentence: what it does
	Holds string // a sentence: what must hold
	Needs Promise
	// Fenced attacks would harm a host that they reach. They are tried only in
	// boxes with processes of their own.
	Fenced bool
	Limits task.Limits // of its boxes; zero fields take small ones

	Payload func(*Inside) // what runs in the box
	Check   func(*Host)   // what decides; nil: the payload runs once, and no try of it may succeed
}

// Status is how an attack came out.
type Status string

// The statuses.
const (
	Held        Status = "held"
	Broken      Status = "broken"
	NotPromised Status = "not promised"   // the backend does not claim to hold it, and it was not tried
	NotHere     Status = "not applicable" // there is nothing on this machine that it could use
	Failed      Status = "error"          // the corpus itself failed: nothing is known
)

// Finding is what came of one attack.
type Finding struct {
	Attack string  `json:"attack"`
	Class  Class   `json:"class"`
	Tries  string  `json:"tries"`
	Holds  string  `json:"holds"`
	Status Status  `json:"status"`
	Detail string  `json:"detail,omitempty"` // what broke, or why it was not tried
	WallS  float64 `json:"wall_s"`
}

// Options select what Run does.
type Options struct {
	Traits Traits
	Only   []string             // names; all if empty
	Start  func(attack *Attack) // called before each, if not nil
}
