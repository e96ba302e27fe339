package oracle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"metr/internal/task"
)

// Limits bound a judging. Zero fields take the defaults.
type Limits struct {
	Call time.Duration // processor time of one request to a subject; 10 s
	Wall time.Duration // elapsed time of one request, a backstop; 6 times Call and 10 s
	Run  time.Duration // elapsed time of the whole judging; 10 min
}

func (l Limits) withDefaults() Limits {
	if l.Call == 0 {
		l.Call = 10 * time.Second
	}
	if l.Wall == 0 {
		l.Wall = 6*l.Call + 10*time.Second
	}
	if l.Run == 0 {
		l.Run = 10 * time.Minute
	}
	return l
}

// Opener starts subject n afresh: 0 is the candidate's code, 1 the code before
// the patch, 2 that once more. The relay closes what it returns. The error
// means that the sandbox failed.
type Opener func(ctx context.Context, n int) (*Peer, error)

// Pairs are CPU times measured side by side for the speed grader.
type Pairs struct {
	Name string     `json:"name"`
	Rows [][4]int64 `json:"rows"` // size, then nanoseconds of start, start again, candidate
}

// Result is what the judge said.
type Result struct {
	Tests []task.Test
	Pairs []Pairs
	Weak  string        // why a value could not cross; "" if all did
	Gone  string        // why a subject was first lost; "" if none was
	CPU   time.Duration // of all subjects
	Calls int           // requests that subjects answered

	// Late says that the judge ran out of its time on what the candidate
	// answered. The tests that were not reached count as failed.
	Late string
}

// subjects is how many subjects there are at most.
const subjects = 3

// request is what the relay reads of the judge's frames. The rest passes as it
// is: the judge's program is ours.
type request struct {
	Op      string          `json:"op"`
	To      int             `json:"to"`
	LimitMS int64           `json:"limit_ms"`
	Name    string          `json:"name"`
	Label   task.Label      `json:"label"`
	Status  task.Status     `json:"status"`
	Message string          `json:"message"`
	Why     string          `json:"why"`
	Tests   int             `json:"tests"`
	Rows    [][4]int64      `json:"rows"`
	End     json.RawMessage `json:"end"`
	Error   string          `json:"error"`
}

// relay is one judging under way.
type relay struct {
	judge *Peer
	open  Opener
	lim   Limits
	until time.Time
	res   Result
	out   []byte // the frame for the judge, reused

	mu   sync.Mutex
	subs [subjects]subject
	done bool // the context ended: start nothing more
}

type subject struct {
	peer *Peer
	gone string
	busy time.Duration // elapsed time of the requests so far
}

// Run lets the judge question the subjects until it says done. Subjects are
// started on first use and closed before Run returns; the judge is left to the
// caller. An error means that the instrument failed, a judge that died without
// done among it, and nothing may be scored; what subjects did never is one.
func Run(ctx context.Context, judge *Peer, open Opener, lim Limits) (Result, error) {
	r := &relay{judge: judge, open: open, lim: lim.withDefaults()}
	r.until = time.Now().Add(r.lim.Run)
	stop := context.AfterFunc(ctx, r.kill)
	err := r.run(ctx)
	stop()
	for i := range r.subs {
		if cerr := r.drop(i); err == nil {
			err = cerr
		}
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return r.res, err
}

// kill ends all processes, so that no read or write waits any more.
func (r *relay) kill() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done = true
	r.judge.proc.Kill()
	for _, s := range r.subs {
		if s.peer != nil {
			s.peer.proc.Kill()
		}
	}
}

func (r *relay) run(ctx context.Context) error {
	for {
		if err := r.judge.out.SetReadDeadline(r.until); err != nil {
			return fmt.Errorf("oracle: judge: %w", err)
		}
		frame, err := r.judge.frames.next()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			r.res.Late = fmt.Sprintf("the judging took longer than %v", r.lim.Run)
			return nil
		}
		if err != nil {
			return r.judgeLost(err)
		}
		var q request
		if err := json.Unmarshal(frame[headerLen:], &q); err != nil {
			return fmt.Errorf("oracle: judge sent a broken frame: %w", err)
		}
		done, err := r.serve(ctx, &q, frame)
		if done || err != nil {
			return err
		}
	}
}

// judgeLost explains why the judge's stream ended before done.
func (r *relay) judgeLost(err error) error {
	if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrClosedPipe) && !errors.Is(err, syscall.EPIPE) {
		return fmt.Errorf("oracle: judge: %w", err)
	}
	res, werr := r.judge.wait(5 * time.Second)
	if werr != nil {
		return fmt.Errorf("oracle: judge: %w", werr)
	}
	return fmt.Errorf("oracle: the judge ended before it was done (%s)%s", res, lastLine(res.Stderr))
}

func lastLine(b []byte) string {
	s := strings.TrimSpace(string(b))
	if s == "" {
		return ""
	}
	s = s[strings.LastIndexByte(s, '\n')+1:]
	return ": " + strings.ToValidUTF8(s[:min(len(s), 200)], "?")
}

// serve does what one frame of the judge asks.
func (r *relay) serve(ctx context.Context, q *request, frame []byte) (done bool, err error) {
	if q.To < 0 || q.To >= subjects {
		return false, fmt.Errorf("oracle: judge asked for subject %d; there are 0 to %d", q.To, subjects-1)
	}
	switch q.Op {
	case "":
		if q.End != nil {
			return true, r.ended(q)
		}
		return false, errors.New("oracle: judge sent a frame without op")
	case "result":
		if q.Status != task.Pass && q.Status != task.Fail {
			return false, fmt.Errorf("oracle: judge: test %q has status %q; expected pass or fail", q.Name, q.Status)
		}
		r.res.Tests = append(r.res.Tests, task.Test{Name: q.Name, Label: q.Label, Status: q.Status, Message: q.Message})
	case "pairs":
		r.res.Pairs = append(r.res.Pairs, Pairs{Name: q.Name, Rows: q.Rows})
	case "weak":
		if r.res.Weak == "" {
			r.res.Weak = q.Why
		}
	case "broken":
		return false, fmt.Errorf("oracle: the judge broke down: %s", q.Message)
	case "done":
		if q.Tests != len(r.res.Tests) {
			return false, fmt.Errorf("oracle: judge says that it ran %d tests and reported %d", q.Tests, len(r.res.Tests))
		}
		return true, nil
	case "cpu":
		return false, r.cpu(ctx, q.To)
	case "restart":
		if err := r.drop(q.To); err != nil {
			return false, err
		}
		return false, r.reply([]byte(`{"ok":null}`))
	default:
		return false, r.forward(ctx, q, frame)
	}
	return false, nil
}

// ended reads the frame with which a judge server reports that the process that
// judged is over though it had not said done.
func (r *relay) ended(q *request) error {
	if q.Error == "cpu" {
		r.res.Late = "the judge ran out of processor time on what the candidate answered"
		return nil
	}
	return fmt.Errorf("oracle: the judge ended before it was done (status %s): %s", q.End, q.Error)
}

// reply sends a frame to the judge.
func (r *relay) reply(body []byte) error {
	if err := r.judge.in.SetWriteDeadline(r.until); err != nil {
		return fmt.Errorf("oracle: judge: %w", err)
	}
	if err := writeFrame(r.judge.in, body); err != nil {
		return r.judgeLost(io.EOF)
	}
	return nil
}

func (r *relay) gone(why string) error {
	b, err := json.Marshal(map[string]string{"gone": why})
	if err != nil {
		return err
	}
	return r.reply(b)
}

// cpu answers how much processor time a subject has used.
func (r *relay) cpu(ctx context.Context, n int) error {
	s, err := r.subject(ctx, n)
	if err != nil {
		return err
	}
	if s.gone != "" {
		return r.gone(s.gone)
	}
	d, err := s.peer.proc.CPU()
	if err != nil {
		select {
		case <-s.peer.ended:
			r.lose(s, "")
			return r.gone(s.gone)
		default:
			return fmt.Errorf("oracle: reading the CPU time of subject %d: %w", n, err)
		}
	}
	return r.reply(fmt.Appendf(nil, `{"ok":%d}`, d.Nanoseconds()))
}

// subject returns subject n, started if it does not run.
func (r *relay) subject(ctx context.Context, n int) (*subject, error) {
	s := &r.subs[n]
	if s.peer != nil || s.gone != "" {
		return s, nil
	}
	p, err := r.open(ctx, n)
	if err != nil {
		return nil, fmt.Errorf("oracle: starting subject %d: %w", n, err)
	}
	r.mu.Lock()
	s.peer = p
	if r.done {
		p.proc.Kill()
	}
	r.mu.Unlock()
	return s, nil
}

// drop ends subject n and forgets it.
func (r *relay) drop(n int) error {
	s := &r.subs[n]
	r.mu.Lock()
	p := s.peer
	*s = subject{}
	r.mu.Unlock()
	if p == nil {
		return nil
	}
	err := p.Close()
	r.res.CPU += p.res.CPU
	return err
}

// lose notes why a subject cannot be asked any more. Without a reason it is
// read from how the process ended.
func (r *relay) lose(s *subject, why string) {
	if why == "" {
		res, err := s.peer.wait(2 * time.Second)
		why = "the program ended"
		if err == nil {
			why += ": " + res.String() + lastLine(res.Stderr)
		}
	}
	s.gone = why
	if r.res.Gone == "" {
		r.res.Gone = why
	}
}

// forward passes a request to its subject and the answer to the judge.
func (r *relay) forward(ctx context.Context, q *request, frame []byte) error {
	s, err := r.subject(ctx, q.To)
	if err != nil {
		return err
	}
	if s.gone == "" {
		if err := r.ask(s, q, frame); err != nil {
			return err
		}
	}
	if s.gone != "" {
		if s.peer != nil {
			s.peer.proc.Kill()
		}
		return r.gone(s.gone)
	}
	if err := r.judge.in.SetWriteDeadline(r.until); err != nil {
		return fmt.Errorf("oracle: judge: %w", err)
	}
	if err := sendFrame(r.judge.in, r.out); err != nil {
		return r.judgeLost(io.EOF)
	}
	return nil
}

// ask sends frame to s and leaves its checked answer in r.out; what is wrong
// with the subject is in s.gone.
func (r *relay) ask(s *subject, q *request, frame []byte) error {
	limit := r.lim.Call
	if q.LimitMS > 0 {
		limit = time.Duration(q.LimitMS) * time.Millisecond
	}
	now := time.Now()
	wall := now.Add(max(r.lim.Wall, limit+limit/2))
	if wall.After(r.until) {
		wall = r.until
	}
	if err := s.peer.in.SetWriteDeadline(wall); err != nil {
		return fmt.Errorf("oracle: subject: %w", err)
	}
	if _, err := s.peer.in.Write(frame); err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) {
			r.lose(s, "wall time limit exceeded: the program does not read its requests")
		} else {
			r.lose(s, "")
		}
		return nil
	}
	r.res.Calls++
	answer, err := r.await(s, now, limit, wall)
	s.busy += time.Since(now)
	if answer == nil || err != nil {
		return err
	}
	r.out, _, err = checkReply(append(r.out[:0], 0, 0, 0, 0), answer[headerLen:])
	if err != nil {
		r.lose(s, "broken reply: "+err.Error())
	}
	return nil
}

// await reads the next frame of s, which has limit of processor time and until
// wall of elapsed time. A process cannot use more processor time than the
// elapsed time on one core, so that the clock need be asked only after limit.
func (r *relay) await(s *subject, began time.Time, limit time.Duration, wall time.Time) ([]byte, error) {
	var before time.Duration
	known := false
	deadline := began.Add(limit)
	for {
		if deadline.After(wall) {
			deadline = wall
		}
		if err := s.peer.out.SetReadDeadline(deadline); err != nil {
			return nil, fmt.Errorf("oracle: subject: %w", err)
		}
		frame, err := s.peer.frames.next()
		if err == nil {
			return frame, nil
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			var bad *frameError
			if errors.As(err, &bad) {
				r.lose(s, "broken reply: "+bad.why)
			} else {
				r.lose(s, "")
			}
			return nil, nil
		}
		if !time.Now().Before(wall) {
			r.lose(s, fmt.Sprintf("wall time limit exceeded: no answer in %v", wall.Sub(began).Round(time.Millisecond)))
			return nil, nil
		}
		used, err := s.peer.proc.CPU()
		if err != nil { // it is ending, or cannot be measured: the wall decides
			deadline = time.Now().Add(50 * time.Millisecond)
			continue
		}
		if !known {
			// What was used before this request is not known, but it was at
			// most the time that earlier requests took.
			before, known = min(used, s.busy), true
		}
		if used-before >= limit {
			r.lose(s, fmt.Sprintf("cpu time limit exceeded: more than %v for one call", limit))
			return nil, nil
		}
		deadline = time.Now().Add(max(limit-(used-before), 5*time.Millisecond))
	}
}
