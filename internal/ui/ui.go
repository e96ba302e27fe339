// Package ui shows a run while it goes on: a live line on a terminal, a line an
// attempt in a pipe, an event a line with --json. All three are views of the
// same attempts; what a run comes to is package report's work.
package ui

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"metr/internal/report"
	"metr/internal/task"
)

// Printer is told of a run's progress, from one goroutine at a time.
type Printer interface {
	// Start is told how many attempts there are in all and how many of them are
	// in the log already.
	Start(total, done int)
	Attempt(task.Attempt)
	// Stop ends the progress; figures follow.
	Stop()
}

// Quiet prints nothing.
type Quiet struct{}

// Start does nothing.
func (Quiet) Start(int, int) {}

// Attempt does nothing.
func (Quiet) Attempt(task.Attempt) {}

// Stop does nothing.
func (Quiet) Stop() {}

// JSON writes one event a line.
type JSON struct{ Encoder *report.Encoder }

// Start does nothing.
func (JSON) Start(int, int) {}

// Attempt writes the attempt's event.
func (j JSON) Attempt(a task.Attempt) { _ = j.Encoder.Attempt(a) }

// Stop does nothing.
func (JSON) Stop() {}

// Plain writes a line an attempt.
type Plain struct {
	W           io.Writer
	done, total int
}

// Start says how much there is to do.
func (p *Plain) Start(total, done int) {
	p.total, p.done = total, done
	if done > 0 {
		fmt.Fprintf(p.W, "%d of %d attempts are in the log already\n", done, total)
	}
}

// Attempt writes the attempt's line.
func (p *Plain) Attempt(a task.Attempt) {
	p.done++
	line := fmt.Sprintf("[%d/%d] %-8s %s %s", p.done, p.total, a.Outcome, a.Agent, a.Task)
	if a.Epoch > 1 {
		line += fmt.Sprintf(" #%d", a.Epoch)
	}
	if a.Reason != "" {
		line += ": " + report.Safe(strings.Join(strings.Fields(a.Reason), " ")) // one line, whatever it holds
	}
	fmt.Fprintln(p.W, line)
}

// Stop does nothing.
func (p *Plain) Stop() {}

// Live keeps one line of a terminal up to date: done, solved, invalid, tokens,
// cost, time left.
type Live struct {
	W io.Writer

	mu              sync.Mutex
	bar             *progressbar.ProgressBar
	solved, invalid int
	tokens          int64
	cost            float64
	unknown         bool
}

// Start draws the line.
func (l *Live) Start(total, done int) {
	l.bar = progressbar.NewOptions(total,
		progressbar.OptionSetWriter(l.W), progressbar.OptionSetWidth(24), progressbar.OptionShowCount(),
		progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(), progressbar.OptionSpinnerType(14),
		progressbar.OptionSetDescription(l.text()))
	_ = l.bar.Add(done)
}

// Attempt moves the line on.
func (l *Live) Attempt(a task.Attempt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch a.Outcome {
	case task.Solved:
		l.solved++
	case task.Invalid:
		l.invalid++
	}
	l.tokens += a.Tokens.In + a.Tokens.Out
	if a.CostUSD != nil {
		l.cost += *a.CostUSD
	} else {
		l.unknown = true
	}
	l.bar.Describe(l.text())
	_ = l.bar.Add(1)
}

func (l *Live) text() string {
	s := fmt.Sprintf("solved %d", l.solved)
	if l.invalid > 0 {
		s += fmt.Sprintf(", invalid %d", l.invalid)
	}
	if l.tokens > 0 {
		s += fmt.Sprintf(", %d tokens", l.tokens)
		if l.unknown {
			s += ", cost unknown"
		} else {
			s += fmt.Sprintf(", $%.2f", l.cost)
		}
	}
	return s
}

// Stop removes the line.
func (l *Live) Stop() {
	if l.bar != nil {
		_ = l.bar.Clear()
	}
}
