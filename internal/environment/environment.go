// Package environment finds the tool chains that tasks need on this machine and
// makes them visible in boxes: as read-only layers, with an environment that
// gives the same result on every machine that has the same versions.
//
// Whatever is built once and shared (the compiled standard library of Go, the
// module proxy of a task's own dependencies) lives in the user's cache folder,
// is built by us from trusted input only, and is never written by a box.
package environment

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"metr/internal/sandbox"
	"metr/internal/task"
)

// Toolchain is what a language needs in a box.
type Toolchain struct {
	Program string          // the interpreter or compiler, as a box spells it
	Version string          // as it says itself
	Layers  []sandbox.Layer // to be part of the box's Spec
	Env     []string        // to be part of every command
}

// Host finds and prepares tool chains, each once. It is safe for concurrent use.
type Host struct {
	cache  string
	notice func(string) // told what takes long
	uid    int          // who boxes write as
	gid    int

	mu    sync.Mutex
	known map[task.Language]*entry
}

type entry struct {
	once sync.Once
	tool Toolchain
	err  error
}

// New returns a Host for the boxes of b that keeps what it builds below cache.
// notice, where not nil, is told what takes long.
func New(cache string, b sandbox.Backend, notice func(string)) *Host {
	if notice == nil {
		notice = func(string) {}
	}
	uid, gid := os.Geteuid(), os.Getegid()
	if o, ok := b.(sandbox.Owner); ok {
		uid, gid = o.Owner()
	}
	return &Host{cache: cache, notice: notice, uid: uid, gid: gid, known: map[task.Language]*entry{}}
}

// CacheDir is where METR keeps what it builds and fetches.
func CacheDir() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no folder for METR's cache: %w; set HOME or XDG_CACHE_HOME", err)
	}
	return filepath.Join(dir, "metr"), nil
}

// For returns the tool chain of a language, preparing it if need be. The error
// says what to install.
func (h *Host) For(ctx context.Context, l task.Language) (Toolchain, error) {
	if l == task.TypeScript {
		l = task.JavaScript // bundled by esbuild, run by node
	}
	h.mu.Lock()
	e := h.known[l]
	if e == nil {
		e = &entry{}
		h.known[l] = e
	}
	h.mu.Unlock()
	e.once.Do(func() {
		switch l {
		case task.Python:
			e.tool, e.err = python(ctx)
		case task.JavaScript:
			e.tool, e.err = node(ctx)
		case task.Go:
			e.tool, e.err = h.golang(ctx)
		case task.Rust:
			e.tool, e.err = rust(ctx)
		case task.Java:
			e.tool, e.err = java(ctx)
		case task.C:
			e.tool, e.err = gnu(ctx, task.C, "gcc", "gcc libc6-dev")
		case task.Cpp:
			e.tool, e.err = gnu(ctx, task.Cpp, "g++", "g++")
		case task.Perl:
			e.tool, e.err = perl(ctx)
		default:
			e.err = fmt.Errorf("language %q is not known", l)
		}
	})
	return e.tool, e.err
}

func python(ctx context.Context) (Toolchain, error) {
	// The distribution's interpreter first: others are often behind a shim that
	// costs more than the interpreter.
	for _, name := range []string{"/usr/bin/python3", "python3"} {
		out, err := output(ctx, name, "-I", "-c", "import sys; print(sys.executable, sys.base_prefix, '.'.join(map(str, sys.version_info[:3])), sep='\\n')")
		if err != nil {
			continue
		}
		f := strings.Split(out, "\n")
		if len(f) != 3 {
			continue
		}
		return Toolchain{Program: f[0], Version: f[2], Layers: outside(f[1])}, nil
	}
	return Toolchain{}, &Missing{task.Python, "python3", "apt-get install python3"}
}

func node(ctx context.Context) (Toolchain, error) {
	path, err := exec.LookPath("node")
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return Toolchain{}, &Missing{task.JavaScript, "node", "apt-get install nodejs (version 18 or later)"}
	}
	v, err := output(ctx, path, "--version")
	if err != nil {
		return Toolchain{}, fmt.Errorf("node --version: %w", err)
	}
	return Toolchain{Program: path, Version: strings.TrimPrefix(v, "v"), Layers: outside(filepath.Dir(filepath.Dir(path)))}, nil
}

// outside is the layer that a program's prefix needs, none where the sandbox
// has it anyway.
func outside(prefix string) []sandbox.Layer {
	if prefix == "/" || prefix == "/usr" || strings.HasPrefix(prefix, "/usr/") {
		return nil
	}
	return []sandbox.Layer{{Host: prefix, Box: prefix}}
}

func output(ctx context.Context, name string, args ...string) (string, error) {
	b, err := exec.CommandContext(ctx, name, args...).Output()
	return strings.TrimSpace(string(b)), err
}

// Artifact returns what build made for key, once for all runs on this machine:
// judges that are compiled from a task's hidden tests, for instance. Only
// trusted input may go into build.
func (h *Host) Artifact(key string, build func() ([]byte, error)) ([]byte, error) {
	dir := filepath.Join(h.cache, "artifact-"+short(key))
	err := once(dir, func(dir string) error {
		b, err := build()
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, "artifact"), b, 0o644)
	})
	if err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, "artifact"))
}
