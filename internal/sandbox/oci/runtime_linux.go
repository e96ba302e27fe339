package oci

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// runtimeProgram is a container runtime.
type runtimeProgram struct {
	Name    string // crun or runc
	Path    string
	Version string // the first line that it says about itself
}

// runtimes are those known, the faster first.
var runtimes = []string{"crun", "runc"}

// findRuntime finds the runtime called name, a path or a known name; "" means
// any that is known.
func findRuntime(ctx context.Context, name string) (runtimeProgram, error) {
	names := runtimes
	if name != "" {
		names = []string{name}
	}
	for _, n := range names {
		path, err := exec.LookPath(n)
		if err != nil {
			continue
		}
		if path, err = filepath.Abs(path); err != nil {
			return runtimeProgram{}, err
		}
		r := runtimeProgram{Path: path}
		for _, known := range runtimes {
			if strings.HasPrefix(filepath.Base(path), known) {
				r.Name = known
			}
		}
		if r.Name == "" {
			return r, fmt.Errorf("sandbox oci: runtime %s: its name tells none of %s", path, strings.Join(runtimes, ", "))
		}
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		out, err := exec.CommandContext(ctx, path, "--version").Output()
		if err != nil {
			return r, fmt.Errorf("sandbox oci: %s --version: %w", path, err)
		}
		r.Version, _, _ = strings.Cut(strings.TrimSpace(string(out)), "\n")
		return r, nil
	}
	return runtimeProgram{}, fmt.Errorf("sandbox oci: no %s on PATH; install one, for instance `apt-get install crun`", strings.Join(names, ", "))
}

// args are the runtime's arguments that run the bundle as container id, with
// descriptors 3 and 4 passed on. The runtime manages no cgroup: the stage is in
// the box's.
func (r runtimeProgram) args(state, log, bundle, id string) []string {
	if r.Name == "crun" {
		return []string{r.Name, "--root", state, "--log", log, "--cgroup-manager=disabled", "run", "--preserve-fds", "2", "--bundle", bundle, id}
	}
	// Detached: else it copies the streams, and holds some of them when the
	// command ends.
	return []string{r.Name, "--root", state, "--log", log, "--rootless=true", "run", "--detach", "--preserve-fds", "2", "--bundle", bundle, id}
}
