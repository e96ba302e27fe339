package oracle

import (
	"context"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"metr/internal/sandbox"
	"metr/internal/task"
)

//go:embed python/codec.py
var pyCodec string

//go:embed python/subject.py
var pySubject string

//go:embed python/rehearse.py
var pyRehearse string

//go:embed python/judge.py
var pyJudge string

//go:embed python/function.py
var pyFunction string

//go:embed python/evalplus.py
var pyEvalplus string

//go:embed python/folder.py
var pyFolder string

//go:embed python/inspect.py
var pyInspect string

//go:embed python/server.py
var pyServer string

// judgeLimits bound a judge server for all of its life; each job has limits of
// its own within.
var judgeLimits = task.Limits{
	CPU: 24 * time.Hour, Wall: 24 * time.Hour, Memory: 6 << 30, Procs: 64,
}

// Python runs Python judges and subjects. Judges are servers that fork for each
// job and are kept for the next; a subject is always fresh. It is safe for
// concurrent use; the caller closes it.
type Python struct {
	backend sandbox.Backend

	mu      sync.Mutex
	idle    []*Peer
	warm    []warm   // nurseries that wait for a subject, the latest used last
	subject []string // the subject's command line, as the first judge compiled it
	closed  bool
}

// NewPython returns a Python that opens its boxes with b. Nothing is started
// before the first judging.
func NewPython(b sandbox.Backend) *Python { return &Python{backend: b} }

// Close ends the judges that wait for work.
func (p *Python) Close() error {
	p.mu.Lock()
	idle, warm := p.idle, p.warm
	p.idle, p.warm, p.closed = nil, nil, true
	p.mu.Unlock()
	var errs []error
	for _, w := range warm {
		errs = append(errs, w.Close())
	}
	for _, j := range idle {
		errs = append(errs, j.Close())
	}
	return errors.Join(errs...)
}

// take returns a judge that waits for a job, started if none does.
func (p *Python) take(ctx context.Context) (*Peer, error) {
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		j := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return j, nil
	}
	p.mu.Unlock()
	box, err := p.backend.Open(ctx, sandbox.Spec{Limits: judgeLimits})
	if err != nil {
		return nil, fmt.Errorf("oracle: opening the judge's sandbox: %w", err)
	}
	program := pyCodec + pyJudge + pyFunction + pyInspect +
		"LATER = {'evalplus': " + strconv.QuoteToASCII(pyEvalplus) + ", 'folder': " + strconv.QuoteToASCII(pyFolder) + "}\n" +
		"SUBJECT = " + strconv.QuoteToASCII(pyCodec+pySubject) + "\n" + pyServer
	// The judge outlives the judging that starts it.
	j, err := Start(context.WithoutCancel(ctx), box, sandbox.Cmd{
		Args: []string{"python3", "-s", "-S", "-B", "-c", program}, Limits: judgeLimits,
	})
	if err != nil {
		return nil, fmt.Errorf("oracle: starting the judge: %w", err)
	}
	if err := p.hello(j); err != nil {
		j.Close()
		return nil, err
	}
	return j, nil
}

// hello reads what a judge says first: the subject's program, compiled by the
// very interpreter that will run it.
func (p *Python) hello(j *Peer) error {
	if err := j.out.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		return fmt.Errorf("oracle: judge: %w", err)
	}
	frame, err := j.frames.next()
	if err != nil {
		res, _ := j.wait(time.Second)
		return fmt.Errorf("oracle: the Python judge did not start (%v, %s)%s: python3 of version 3.9 or later is needed", err, res, lastLine(res.Stderr))
	}
	var h struct {
		Subject string `json:"subject"`
	}
	if err := json.Unmarshal(frame[headerLen:], &h); err != nil {
		return fmt.Errorf("oracle: the Python judge's first frame: %w", err)
	}
	code, err := base64.StdEncoding.DecodeString(h.Subject)
	if err != nil {
		return fmt.Errorf("oracle: the Python judge's first frame: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.subject == nil {
		p.subject = []string{"python3", "-s", "-S", "-c",
			"import marshal;exec(marshal.loads(bytes.fromhex('" + hex.EncodeToString(code) + "')));main()"}
	}
	return nil
}

// give returns a judge that ended its job in order.
func (p *Python) give(j *Peer) error {
	p.mu.Lock()
	if !p.closed {
		p.idle = append(p.idle, j)
		j = nil
	}
	p.mu.Unlock()
	if j != nil {
		return j.Close()
	}
	return nil
}

// judge runs one job. open starts the subjects of it.
func (p *Python) judge(ctx context.Context, job any, open Opener, lim Limits) (Result, error) {
	body, err := json.Marshal(job)
	if err != nil {
		return Result{}, fmt.Errorf("oracle: job: %w", err)
	}
	j, err := p.take(ctx)
	if err != nil {
		return Result{}, err
	}
	lim = lim.withDefaults()
	res, err := p.session(ctx, j, body, open, lim)
	if err != nil || res.Late != "" {
		if cerr := j.Close(); err == nil {
			err = cerr
		}
		return res, err
	}
	return res, p.give(j)
}

func (p *Python) session(ctx context.Context, j *Peer, job []byte, open Opener, lim Limits) (Result, error) {
	if err := j.in.SetWriteDeadline(time.Now().Add(lim.Run)); err != nil {
		return Result{}, fmt.Errorf("oracle: judge: %w", err)
	}
	if err := writeFrame(j.in, job); err != nil {
		return Result{}, fmt.Errorf("oracle: giving the judge its job: %w", err)
	}
	res, err := Run(ctx, j, open, lim)
	if err != nil || res.Late != "" {
		return res, err
	}
	if err := j.out.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return res, fmt.Errorf("oracle: judge: %w", err)
	}
	if _, err := j.frames.next(); err != nil { // the end frame
		return res, fmt.Errorf("oracle: the judge did not end its job: %w", err)
	}
	return res, nil
}

// Subject starts a subject in a fresh box with code as its workspace. The caller
// closes it. A judge must have been started before.
func (p *Python) open(ctx context.Context, code task.Tree, limits task.Limits, layers []sandbox.Layer) (*Peer, error) {
	p.mu.Lock()
	args := p.subject
	p.mu.Unlock()
	box, err := p.backend.Open(ctx, sandbox.Spec{Limits: limits, Layers: layers})
	if err != nil {
		return nil, err
	}
	if len(code) > 0 {
		if err := box.Put(ctx, sandbox.Work, sourceOnly(code)); err != nil {
			box.Close()
			return nil, err
		}
	}
	cmd := sandbox.Cmd{Args: args, Limits: limits}
	if len(code) > 0 {
		cmd.Dir = sandbox.Work
	}
	return Start(ctx, box, cmd)
}

// sourceOnly is code without compiled Python, which an interpreter would take
// for the sources beside it without looking at them.
func sourceOnly(code task.Tree) task.Tree {
	out := make(task.Tree, len(code))
	for p, f := range code {
		if !strings.HasSuffix(p, ".pyc") {
			out[p] = f
		}
	}
	return out
}
