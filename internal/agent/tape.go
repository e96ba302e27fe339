package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"metr/internal/gateway"
	"metr/internal/task"
)

// The files of a folder of recordings.
const (
	callsFile  = "calls.jsonl"
	servedFile = "served.json" // who answered, by the model asked for
)

// CreateTape opens the recording in a folder to add to it; the folder is made if
// need be. The caller closes the tape.
func CreateTape(dir string) (*gateway.Tape, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	return gateway.CreateTape(filepath.Join(dir, callsFile))
}

// ReadServed reads who answered when a folder was recorded; where that is not
// there, it is not known.
func ReadServed(dir fs.FS) (map[string]task.Served, error) {
	out := map[string]task.Served{}
	b, err := fs.ReadFile(dir, servedFile)
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil {
		return nil, fmt.Errorf("recording: %s: %w", servedFile, err)
	}
	return out, nil
}

// WriteServed adds who answers to a folder of recordings.
func WriteServed(dir string, served map[string]task.Served) error {
	all, err := ReadServed(os.DirFS(dir))
	if err != nil {
		return err
	}
	for name, s := range served {
		all[name] = s
	}
	b, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, servedFile), append(b, '\n'), 0o644)
}
