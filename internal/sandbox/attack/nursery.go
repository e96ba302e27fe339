//go:build linux

package attack

import (
	"context"
	"fmt"
	"strings"

	"metr/internal/sandbox"
)

// absent ends a check since there is nothing to attack.
type absent string

// nursery is a warm interpreter under attack: forks of it run Python sources,
// each in a box of its own, and must not reach the interpreter, nor each other.
type nursery struct {
	h *Host
	n sandbox.Nursery
}

// Nursery starts one, where the backend has such and the machine has Python.
func (h *Host) Nursery() *nursery {
	w, ok := h.backend.(sandbox.Warmer)
	if !ok {
		panic(absent("the sandbox has no warm interpreter"))
	}
	box := h.Open(sandbox.Spec{})
	r, err := sandbox.Exec(h.ctx, box, sandbox.Cmd{Args: []string{"python3", "-I", "-S", "-c", "pass"}})
	must(err)
	if r.End == sandbox.NotStarted {
		panic(absent("there is no python3"))
	}
	n, err := w.Warm(h.ctx, h.Limits(), "import sys\n\ndef main():\n    exec(compile(sys.stdin.read(), 'attack', 'exec'), {'__name__': 'attack'})\n")
	must(err)
	h.after = append(h.after, func() { _ = n.Close() })
	return &nursery{h, n}
}

// fork runs a source in a fork. An error is the fault of whoever ran before.
func (n *nursery) fork(source string) sandbox.Result {
	p, err := n.n.Start(n.h.ctx, sandbox.Cmd{Stdin: strings.NewReader(source)})
	var r sandbox.Result
	if err == nil {
		r, err = p.Wait()
	}
	if err != nil {
		if n.h.ctx.Err() != nil && context.Cause(n.h.ctx) != context.DeadlineExceeded {
			panic(stop{})
		}
		n.h.Broken("the warm interpreter failed: %v", err)
		panic(stop{})
	}
	if strings.Contains(string(r.Stderr), "SyntaxError") {
		panic(ours{fmt.Errorf("%s", r.Stderr)})
	}
	n.h.tries++
	return r
}

// noPayload is a payload for attacks that are written in Python alone.
func noPayload(*Inside) {}
