package oracle

import (
	"context"
	"errors"
	"fmt"

	"metr/internal/sandbox"
	"metr/internal/task"
)

// warm is an interpreter with the subject's program, which forks for each
// subject, and the limits of a fork.
type warm struct {
	sandbox.Nursery
	limits task.Limits
}

// preloaded are the modules that samples import most; a fork finds them there.
const preloaded = `import bisect, collections, copy, datetime, decimal, fractions, functools, hashlib, heapq
import itertools, json, math, operator, os, random, re, statistics, string, time, typing
`

// maxWarm is how many nurseries of other limits are kept waiting.
const maxWarm = 4

// function starts a subject for functions in a fresh box. The caller closes it. A
// judge must have been started before.
func (p *Python) function(ctx context.Context, limits task.Limits) (*Peer, error) {
	backend, ok := p.backend.(sandbox.Warmer)
	if !ok {
		return p.open(ctx, nil, limits, nil)
	}
	w, err := p.nursery(ctx, backend, limits)
	if err != nil {
		return nil, fmt.Errorf("oracle: %w", err)
	}
	var peer *Peer
	peer, err = startIn(ctx, w, sandbox.Cmd{}, func() error {
		if peer == nil || peer.err != nil {
			return w.Close()
		}
		return p.keep(w)
	})
	return peer, err
}

// nursery returns one that waits, or a new one.
func (p *Python) nursery(ctx context.Context, b sandbox.Warmer, limits task.Limits) (warm, error) {
	p.mu.Lock()
	for i := len(p.warm) - 1; i >= 0; i-- {
		if w := p.warm[i]; w.limits == limits {
			p.warm = append(p.warm[:i], p.warm[i+1:]...)
			p.mu.Unlock()
			return w, nil
		}
	}
	p.mu.Unlock()
	n, err := b.Warm(ctx, limits, preloaded+pyCodec+pySubject+pyRehearse)
	return warm{n, limits}, err
}

// keep lets a nursery wait for the next subject.
func (p *Python) keep(w warm) error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return w.Close()
	}
	p.warm = append(p.warm, w)
	var old []warm
	others := 0
	for i := len(p.warm) - 1; i >= 0; i-- {
		if p.warm[i].limits == w.limits {
			continue
		}
		if others++; others > maxWarm {
			old = append(old, p.warm[i])
			p.warm = append(p.warm[:i], p.warm[i+1:]...)
		}
	}
	p.mu.Unlock()
	var errs []error
	for _, w := range old {
		errs = append(errs, w.Close())
	}
	return errors.Join(errs...)
}
