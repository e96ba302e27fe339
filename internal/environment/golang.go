package environment

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"

	"metr/internal/sandbox"
	"metr/internal/task"
)

// Where boxes find Go's caches and a task's own modules.
const (
	goCache = "/cache/go-build"
	goProxy = "/deps/goproxy"
)

// std are the packages of the standard library that are compiled beforehand, so
// that a box compiles the task's code alone. Others work too, at a cost of
// seconds a box.
var std = []string{
	"archive/zip", "bufio", "bytes", "cmp", "container/heap", "container/list", "context", "crypto/hmac", "crypto/sha256", "crypto/subtle",
	"database/sql", "encoding/base64", "encoding/binary", "encoding/csv", "encoding/hex", "encoding/json",
	"errors", "flag", "fmt", "hash/fnv", "html", "io", "io/fs", "iter", "log", "maps", "math", "math/big", "math/bits", "math/rand", "math/rand/v2",
	"net/url", "os", "path", "path/filepath", "reflect", "regexp", "runtime", "slices", "sort", "strconv", "strings",
	"sync", "sync/atomic", "testing", "testing/fstest", "text/tabwriter", "text/template", "time", "unicode", "unicode/utf8",
}

// goEnv is the environment of Go commands, in boxes and when the caches are
// made: the same, or nothing would be found there.
func goEnv(root, cache string) []string {
	return []string{
		"PATH=" + root + "/bin:/usr/local/bin:/usr/bin:/bin", "GOROOT=" + root, "GOCACHE=" + cache,
		"GOENV=off", "GOTOOLCHAIN=local", "GOFLAGS=-buildvcs=false -trimpath", "GOPROXY=off", "GOSUMDB=off", "GOTELEMETRY=off",
		"CGO_ENABLED=0", "GO111MODULE=on", "GOWORK=off", "GOMAXPROCS=2",
	}
}

// goRoot finds Go: its root and its version.
func goRoot(ctx context.Context) (root, version string, err error) {
	missing := &Missing{task.Go, "go", "install it from your distribution (golang-go) or go.dev/dl"}
	if root, err = output(ctx, "go", "env", "GOROOT"); err != nil {
		return "", "", missing
	}
	if root, err = filepath.EvalSymlinks(root); err != nil || root == "" {
		return "", "", missing
	}
	if version, err = output(ctx, root+"/bin/go", "env", "GOVERSION"); err != nil {
		return "", "", missing
	}
	return root, version, nil
}

// GoVersion is the Go tool chain that tasks get, without preparing it.
func GoVersion(ctx context.Context) (string, error) {
	root, version, err := goRoot(ctx)
	return root + "/bin/go " + strings.TrimPrefix(version, "go"), err
}

func (h *Host) golang(ctx context.Context) (Toolchain, error) {
	root, version, err := goRoot(ctx)
	if err != nil {
		return Toolchain{}, err
	}
	cache := filepath.Join(h.cache, "go-build-"+version+"-"+short(fmt.Sprint(std, root, h.uid)))
	if err := once(cache, func(dir string) error {
		h.notice("compiling Go's standard library for the sandbox (once, some seconds)")
		if err := warm(ctx, root, dir); err != nil {
			return err
		}
		return h.hand(dir)
	}); err != nil {
		return Toolchain{}, fmt.Errorf("prepare Go's build cache: %w", err)
	}
	t := Toolchain{Program: root + "/bin/go", Version: strings.TrimPrefix(version, "go")}
	t.Layers = append(outside(root), sandbox.Layer{Host: cache, Box: goCache, Overlay: true})
	t.Env = append(goEnv(root, goCache), "GOMODCACHE="+sandbox.Home+"/go/pkg/mod", "GOPATH="+sandbox.Home+"/go")
	return t, nil
}

// warm compiles the packages of std, and what vet and test need of them, into
// the build cache at dir.
func warm(ctx context.Context, root, dir string) error {
	src, err := os.MkdirTemp("", "metr-warm-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(src)
	var b strings.Builder
	b.WriteString("package warm\n\nimport (\n")
	for _, p := range std {
		fmt.Fprintf(&b, "\t_ %q\n", p)
	}
	b.WriteString(")\n")
	files := map[string]string{
		"go.mod": "module warm\n\ngo 1.22\n", "warm.go": b.String(),
		"warm_test.go": "package warm\n\nimport \"testing\"\n\nfunc TestWarm(t *testing.T) {}\n",
		"cmd/main.go":  "package main\n\nimport _ \"warm\"\n\nfunc main() {}\n",
	}
	for name, text := range files {
		p := filepath.Join(src, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			return err
		}
	}
	for _, args := range [][]string{{"build", "./..."}, {"vet", "./..."}, {"test", "-vet=off", "-c", "-o", os.DevNull, "."}} {
		cmd := exec.CommandContext(ctx, root+"/bin/go", args...)
		cmd.Dir = src
		cmd.Env = append(goEnv(root, dir), "HOME="+src, "GOPATH="+src+"/gopath")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("go %s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(out))
		}
	}
	return nil
}

// hand gives what is below dir to the user that boxes run as.
func (h *Host) hand(dir string) error {
	return filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		mode := fs.FileMode(0o644)
		if d.IsDir() {
			mode = 0o755
		}
		if err := os.Chmod(p, mode); err != nil || h.uid == os.Geteuid() {
			return err
		}
		return os.Chown(p, h.uid, h.gid)
	})
}

// Deps prepares a task's own dependencies: for Go, a module proxy in the file
// system made of deps/go/MODULE@VERSION/. It returns the layers and environment
// that go before the tool chain's.
func (h *Host) Deps(t *task.Task) (layers []sandbox.Layer, env []string, err error) {
	mods := map[module.Version]task.Tree{}
	for _, p := range t.Deps.Paths() {
		rest, ok := strings.CutPrefix(p, "go/")
		if !ok {
			continue
		}
		mod, rest, ok := strings.Cut(rest, "@")
		version, file, ok2 := strings.Cut(rest, "/")
		if !ok || !ok2 {
			return nil, nil, fmt.Errorf("task %s: deps/%s: expected deps/go/MODULE@VERSION/FILE", t.ID, p)
		}
		v := module.Version{Path: mod, Version: version}
		if mods[v] == nil {
			mods[v] = task.Tree{}
		}
		mods[v][file] = t.Deps[p]
	}
	if len(mods) == 0 {
		return nil, nil, nil
	}
	digest, _ := json.Marshal(t.Deps)
	dir := filepath.Join(h.cache, "goproxy-"+short(string(digest)))
	err = once(dir, func(dir string) error { return proxy(dir, mods) })
	if err != nil {
		return nil, nil, fmt.Errorf("task %s: module proxy: %w", t.ID, err)
	}
	return []sandbox.Layer{{Host: dir, Box: goProxy}},
		[]string{"GOPROXY=file://" + goProxy, "GOFLAGS=-buildvcs=false -trimpath -mod=mod", "GONOSUMDB=*", "GONOSUMCHECK=1"}, nil
}

// proxy writes a file-system module proxy (golang.org/ref/mod#goproxy-protocol).
func proxy(dir string, mods map[module.Version]task.Tree) error {
	for v, tree := range mods {
		esc, err := module.EscapePath(v.Path)
		if err != nil {
			return err
		}
		at := filepath.Join(dir, filepath.FromSlash(esc), "@v")
		if err := os.MkdirAll(at, 0o755); err != nil {
			return err
		}
		list, err := os.OpenFile(filepath.Join(at, "list"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return err
		}
		fmt.Fprintln(list, v.Version)
		list.Close()
		info, _ := json.Marshal(map[string]any{"Version": v.Version, "Time": time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err := os.WriteFile(filepath.Join(at, v.Version+".info"), info, 0o644); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(at, v.Version+".mod"), tree["go.mod"].Data, 0o644); err != nil {
			return err
		}
		z, err := os.Create(filepath.Join(at, v.Version+".zip"))
		if err != nil {
			return err
		}
		var files []zip.File
		for _, p := range tree.Paths() {
			files = append(files, zipFile{p, tree[p].Data})
		}
		if err := zip.Create(z, v, files); err != nil {
			return err
		}
		if err := z.Close(); err != nil {
			return err
		}
	}
	return nil
}

type zipFile struct {
	path string
	data []byte
}

func (f zipFile) Path() string                 { return f.path }
func (f zipFile) Lstat() (fs.FileInfo, error)  { return zipInfo{f}, nil }
func (f zipFile) Open() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(f.data)), nil }

type zipInfo struct{ zipFile }

func (i zipInfo) Name() string       { return path.Base(i.path) }
func (i zipInfo) Size() int64        { return int64(len(i.data)) }
func (i zipInfo) Mode() fs.FileMode  { return 0o644 }
func (i zipInfo) ModTime() time.Time { return time.Time{} }
func (i zipInfo) IsDir() bool        { return false }
func (i zipInfo) Sys() any           { return nil }

// once makes dir by calling build with a folder beside it that then takes its
// place, so that a half-made one is never seen. Two processes may both build;
// one result is kept.
func once(dir string, build func(dir string) error) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(dir), ".making-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if err := os.Chmod(tmp, 0o755); err != nil {
		return err
	}
	if err := build(tmp); err != nil {
		return err
	}
	if err := os.Rename(tmp, dir); err != nil {
		if _, there := os.Stat(dir); there == nil {
			return nil
		}
		return err
	}
	return nil
}

func short(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:6])
}
