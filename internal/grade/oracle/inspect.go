package oracle

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"
)

// inspectJob is what the Python judge is given to read sources.
type inspectJob struct {
	Kind  string            `json:"kind"`
	Files map[string]string `json:"files"` // base64
	Names bool              `json:"names"`
	CPU   int               `json:"cpu_s"`
	// Careful has a fork do it, which may die of the sources and take nobody along.
	Careful bool `json:"careful,omitempty"`
}

// maxQuick is the size in bytes of sources that a judge reads by itself.
const maxQuick = 64 << 10

// Inspect has a judge parse Python sources, which costs a hundredth of an
// interpreter of their own; a fork of it where they are large, or where they were
// the end of it. It returns one JSON object a file: error where the
// file does not parse and, if names is set, what package source reads of it. bad
// says that the sources were too much for the parser, which is their fault; the
// error is ours.
func (p *Python) Inspect(ctx context.Context, files map[string][]byte, names bool) (reports map[string]json.RawMessage, bad string, err error) {
	size := 0
	job := inspectJob{Kind: "inspect", Files: make(map[string]string, len(files)), Names: names, CPU: 20}
	for path, data := range files {
		job.Files[path] = base64.StdEncoding.EncodeToString(data)
		size += len(data)
	}
	job.Careful = size > maxQuick
	reports, bad, err = p.inspect(ctx, job)
	if err != nil && !job.Careful && ctx.Err() == nil {
		job.Careful = true
		reports, bad, err = p.inspect(ctx, job)
	}
	return reports, bad, err
}

func (p *Python) inspect(ctx context.Context, job inspectJob) (reports map[string]json.RawMessage, bad string, err error) {
	body, err := json.Marshal(job)
	if err != nil {
		return nil, "", fmt.Errorf("oracle: job: %w", err)
	}
	j, err := p.take(ctx)
	if err != nil {
		return nil, "", err
	}
	stop := context.AfterFunc(ctx, j.proc.Kill)
	reports, bad, err = inspect(j, body)
	stop()
	if err != nil || ctx.Err() != nil {
		j.Close()
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, "", err
	}
	return reports, bad, p.give(j)
}

func inspect(j *Peer, job []byte) (reports map[string]json.RawMessage, bad string, err error) {
	deadline := time.Now().Add(2 * time.Minute)
	if err := j.in.SetWriteDeadline(deadline); err != nil {
		return nil, "", fmt.Errorf("oracle: judge: %w", err)
	}
	if err := j.out.SetReadDeadline(deadline); err != nil {
		return nil, "", fmt.Errorf("oracle: judge: %w", err)
	}
	if err := writeFrame(j.in, job); err != nil {
		return nil, "", fmt.Errorf("oracle: giving the judge its job: %w", err)
	}
	for {
		frame, err := j.frames.next()
		if err != nil {
			return nil, "", fmt.Errorf("oracle: the judge was lost while it read sources: %w", err)
		}
		var m struct {
			Report  map[string]json.RawMessage `json:"report"`
			End     *int                       `json:"end"`
			Message string                     `json:"message"`
		}
		if err := json.Unmarshal(frame[headerLen:], &m); err != nil {
			return nil, "", fmt.Errorf("oracle: judge sent a broken frame: %w", err)
		}
		switch {
		case m.Report != nil:
			reports = m.Report
		case m.Message != "":
			return nil, "", fmt.Errorf("oracle: the judge broke: %s", m.Message)
		case m.End != nil && reports == nil:
			return nil, "the source is too much for Python's parser", nil
		case m.End != nil:
			return reports, "", nil
		}
	}
}
