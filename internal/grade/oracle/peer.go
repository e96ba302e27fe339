package oracle

import (
	"context"
	"io"
	"os"
	"sync"
	"time"

	"metr/internal/sandbox"
)

// Process is what the relay needs of a running judge or subject;
// sandbox.Process has it.
type Process interface {
	Wait() (sandbox.Result, error)
	CPU() (time.Duration, error)
	Kill()
}

// In is the way to a process's standard input.
type In interface {
	io.WriteCloser
	SetWriteDeadline(time.Time) error
}

// Out is the way from a process's standard output.
type Out interface {
	io.ReadCloser
	SetReadDeadline(time.Time) error
}

// Peer is a judge or a subject: a process and its two streams.
type Peer struct {
	in     In
	out    Out
	proc   Process
	frames frames
	closer func() error

	ended chan struct{} // closed when Wait has returned
	res   sandbox.Result
	err   error
	once  sync.Once
	cerr  error
}

// NewPeer joins a process and its streams. ended, where not nil, is called once
// the process is over, before its output is read to the end; closer, where not
// nil, when the peer is closed.
func NewPeer(p Process, in In, out Out, ended func(), closer func() error) *Peer {
	peer := &Peer{in: in, out: out, proc: p, closer: closer, ended: make(chan struct{})}
	peer.frames.r = out
	go func() {
		peer.res, peer.err = p.Wait()
		if ended != nil {
			ended()
		}
		close(peer.ended)
	}()
	return peer
}

// Start runs c in box with its standard input and output as the peer's streams.
// Closing the peer closes the box too, the failed start included.
func Start(ctx context.Context, box sandbox.Box, c sandbox.Cmd) (*Peer, error) {
	return startIn(ctx, box, c, box.Close)
}

// starter is what runs a command: a box or a nursery.
type starter interface {
	Start(context.Context, sandbox.Cmd) (sandbox.Process, error)
}

func startIn(ctx context.Context, box starter, c sandbox.Cmd, closer func() error) (*Peer, error) {
	fail := func(err error) (*Peer, error) {
		_ = closer()
		return nil, err
	}
	inR, inW, err := os.Pipe()
	if err != nil {
		return fail(err)
	}
	outR, outW, err := os.Pipe()
	if err != nil {
		inR.Close()
		inW.Close()
		return fail(err)
	}
	c.Stdin, c.Stdout = inR, outW
	p, err := box.Start(ctx, c)
	if err != nil {
		for _, f := range []*os.File{inR, inW, outR, outW} {
			f.Close()
		}
		return fail(err)
	}
	// The child's ends stay open until it is over: the backend may be copying
	// from and to them rather than hand the descriptors down.
	ended := func() { inR.Close(); outW.Close() }
	return NewPeer(p, inW, outR, ended, closer), nil
}

// wait returns how the process ended, killing it if it lives on after grace.
func (p *Peer) wait(grace time.Duration) (sandbox.Result, error) {
	t := time.NewTimer(grace)
	defer t.Stop()
	select {
	case <-p.ended:
	case <-t.C:
		p.proc.Kill()
		<-p.ended
	}
	return p.res, p.err
}

// Close kills the process, waits for its end and frees what it held. The error
// means that the sandbox failed.
func (p *Peer) Close() error {
	p.once.Do(func() {
		p.proc.Kill()
		p.in.Close()
		<-p.ended
		p.out.Close()
		p.cerr = p.err
		if p.closer != nil {
			if err := p.closer(); p.cerr == nil {
				p.cerr = err
			}
		}
	})
	return p.cerr
}
