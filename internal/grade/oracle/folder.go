package oracle

import (
	"context"
	"encoding/base64"

	"metr/internal/sandbox"
	"metr/internal/task"
)

// Folder is a judging of a workspace by hidden test files.
type Folder struct {
	Tests  task.Tree       // hidden test files and what they read, by path
	Before task.Tree       // subjects 1 and 2: the code before the patch
	After  task.Tree       // subject 0: the candidate's code
	Limits task.Limits     // of each subject
	Layers []sandbox.Layer // read-only dependencies, in every subject's box
}

// folderJob is what the Python judge is given.
type folderJob struct {
	Kind  string            `json:"kind"`
	Files map[string]string `json:"files"` // base64
	CPU   int               `json:"cpu_s"`
}

// Folder judges a Python workspace. Each of Tests' unittest files questions
// fresh subjects.
func (p *Python) Folder(ctx context.Context, f Folder, lim Limits) (Result, error) {
	job := folderJob{Kind: "folder", Files: make(map[string]string, len(f.Tests)), CPU: 300}
	for path, file := range f.Tests {
		job.Files[path] = base64.StdEncoding.EncodeToString(file.Data)
	}
	open := func(ctx context.Context, n int) (*Peer, error) {
		code := f.After
		if n > 0 {
			code = f.Before
		}
		return p.open(ctx, code, f.Limits, f.Layers)
	}
	return p.judge(ctx, job, open, lim)
}
