package sandbox

import (
	"context"
	"sync/atomic"
	"time"
)

// Meter is a Backend that adds up the processor time of everything that runs in
// the boxes opened through it.
type Meter struct {
	Backend
	cpu atomic.Int64
}

// CPU is the sum so far, of commands that have ended.
func (m *Meter) CPU() time.Duration { return time.Duration(m.cpu.Load()) }

// Add counts what ran in boxes that were opened another way.
func (m *Meter) Add(d time.Duration) { m.cpu.Add(int64(d)) }

// Open opens a box whose commands are counted.
func (m *Meter) Open(ctx context.Context, s Spec) (Box, error) {
	b, err := m.Backend.Open(ctx, s)
	if err != nil {
		return nil, err
	}
	return meteredBox{b, m}, nil
}

type meteredBox struct {
	Box
	m *Meter
}

func (b meteredBox) Start(ctx context.Context, c Cmd) (Process, error) {
	p, err := b.Box.Start(ctx, c)
	if err != nil {
		return nil, err
	}
	return meteredProcess{p, b.m}, nil
}

type meteredProcess struct {
	Process
	m *Meter
}

func (p meteredProcess) Wait() (Result, error) {
	r, err := p.Process.Wait()
	p.m.cpu.Add(int64(r.CPU))
	return r, err
}
