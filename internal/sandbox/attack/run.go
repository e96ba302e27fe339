//go:build linux

package attack

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"metr/internal/sandbox"
)

// Run tries the corpus on a backend, one attack after the other, and reports
// each finding as it comes. The error is the context's, or a name in opts.Only
// that no attack has. It is not safe for concurrent use: it counts what this
// process has.
func Run(ctx context.Context, b sandbox.Backend, opts Options, report func(Finding)) error {
	all := All()
	for _, name := range opts.Only {
		if !slices.ContainsFunc(all, func(a *Attack) bool { return a.Name == name }) {
			return fmt.Errorf("no attack is called %q", name)
		}
	}
	for _, a := range all {
		if len(opts.Only) > 0 && !slices.Contains(opts.Only, a.Name) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if opts.Start != nil {
			opts.Start(a)
		}
		f := one(ctx, b, opts.Traits, a)
		if ctx.Err() != nil {
			return ctx.Err() // the finding is that of an interruption
		}
		report(f)
	}
	return nil
}

// attackTime is the most that one attack may take, far over what its limits allow.
const attackTime = time.Minute

func one(ctx context.Context, b sandbox.Backend, traits Traits, a *Attack) (f Finding) {
	f = Finding{Attack: a.Name, Class: a.Class, Tries: a.Tries, Holds: a.Holds, Status: Held}
	switch {
	case !traits.promises(a.Needs):
		f.Status, f.Detail = NotPromised, fmt.Sprintf("the sandbox %s promises no %s", b.Name(), a.Needs)
		return f
	case traits.Not[a.Name] != "":
		f.Status, f.Detail = NotPromised, traits.Not[a.Name]
		return f
	case a.Fenced && !traits.promises(Isolation):
		f.Status, f.Detail = NotPromised, "not tried, since it would harm the host"
		return f
	}
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, attackTime)
	defer cancel()
	h := &Host{ctx: ctx, backend: b, attack: a, Token: "attack-" + random(), Secret: secretPrefix + random() + random()}
	before := count()
	defer func() {
		r := recover()
		h.clean()
		defer reap(h.Token)
		f.WallS = time.Since(began).Seconds()
		switch p := r.(type) {
		case nil:
			if len(h.broken) == 0 && h.nothing != "" {
				f.Status, f.Detail = NotHere, h.nothing
				return
			}
			if traits.promises(Isolation) {
				if left := before.left(h.Token); left != "" {
					h.Broken("left behind when its boxes were closed: %s", left)
				}
			}
		case stop:
		case absent:
			f.Status, f.Detail = NotHere, string(p)
		case ours:
			f.Status, f.Detail = Failed, p.Error()
		default:
			panic(r)
		}
		if len(h.broken)+len(h.told) > 0 {
			f.Status, f.Detail = Broken, h.detail()
		}
	}()
	if a.Check != nil {
		a.Check(h)
	} else {
		h.Run(h.Open(sandbox.Spec{}))
	}
	return f
}

// ours ends a check since the corpus failed; stop ends it since all is known.
type (
	ours struct{ error }
	stop struct{}
)

func random() string {
	var b [8]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// must ends the check for an error of ours.
func must(err error) {
	if err != nil {
		panic(ours{err})
	}
}

var errNoLastLine = errors.New("the payload ended before its last line")
