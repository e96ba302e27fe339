package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"metr/internal/environment"
)

// lock is an agent's package with the exact versions and digests of all that it
// consists of.
type lock struct {
	pkg      string
	version  string
	manifest []byte // package.json
	lock     []byte // package-lock.json
}

// locked reads what is embedded for an agent. It panics on what a test has
// already found.
func locked(name string) *lock {
	manifest, err1 := npmFolders.ReadFile("npm/" + name + "/package.json")
	held, err2 := npmFolders.ReadFile("npm/" + name + "/package-lock.json")
	var m struct{ Dependencies map[string]string }
	if err := errors.Join(err1, err2); err != nil {
		panic(err)
	}
	if err := json.Unmarshal(manifest, &m); err != nil || len(m.Dependencies) != 1 {
		panic(fmt.Sprintf("npm/%s/package.json: %v: expected one dependency", name, err))
	}
	l := &lock{manifest: manifest, lock: held}
	for l.pkg, l.version = range m.Dependencies {
	}
	return l
}

// digest names the folder: the same packages on the same kind of machine.
func (l *lock) digest() string {
	h := sha256.New()
	for _, part := range [][]byte{l.manifest, l.lock, []byte(runtime.GOOS + "/" + runtime.GOARCH)} {
		sum := sha256.Sum256(part)
		h.Write(sum[:])
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}

// Dir is the folder in which agents are installed: METR_AGENTS, or METR's cache
// where that is not set.
func Dir() (string, error) {
	if dir := os.Getenv("METR_AGENTS"); dir != "" {
		return filepath.Abs(dir)
	}
	return environment.CacheDir()
}

// Place is the folder below cache that the agent of that name is installed in,
// and whether it is there.
func Place(cache, name string) (dir string, there bool) {
	i := slices.IndexFunc(programs(), func(p program) bool { return p.name == name })
	if i < 0 {
		return "", false
	}
	l := programs()[i].lock
	dir = filepath.Join(cache, fmt.Sprintf("agent-%s-%s-%s", name, l.version, l.digest()))
	_, err := os.Stat(dir)
	return dir, err == nil
}

// Install installs the agent of that name below cache, unless it is there, and
// returns its folder. It takes the network, and some seconds to a minute, the
// first time; notice, where not nil, is told. Packages' own install scripts do
// not run. The error says what to do.
func Install(ctx context.Context, cache, name string, notice func(string)) (string, error) {
	dir, there := Place(cache, name)
	if dir == "" {
		return "", fmt.Errorf("agent %q is not one that can be installed: expected one of %s", name, strings.Join(Names(), ", "))
	}
	if there {
		return dir, nil
	}
	if only := onlyOn(name); only != "" && only != runtime.GOOS+"/"+runtime.GOARCH {
		return "", fmt.Errorf("agent %s is there for %s alone, and this is %s/%s", name, only, runtime.GOOS, runtime.GOARCH)
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", fmt.Errorf("agent %s is not installed, and npm, which installs it, was not found: apt-get install nodejs npm", name)
	}
	l := locked(name)
	if notice != nil {
		notice(fmt.Sprintf("installing the agent %s (%s@%s) for the sandbox (once, up to a minute)", name, l.pkg, l.version))
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", fmt.Errorf("install agent %s: %w", name, err)
	}
	tmp, err := os.MkdirTemp(cache, ".making-")
	if err != nil {
		return "", fmt.Errorf("install agent %s: %w", name, err)
	}
	defer os.RemoveAll(tmp)
	for f, data := range map[string][]byte{"package.json": l.manifest, "package-lock.json": l.lock} {
		if err := os.WriteFile(filepath.Join(tmp, f), data, 0o644); err != nil {
			return "", fmt.Errorf("install agent %s: %w", name, err)
		}
	}
	cmd := exec.CommandContext(ctx, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
	cmd.Dir = tmp
	if out, err := cmd.CombinedOutput(); err != nil {
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		return "", fmt.Errorf("install agent %s: npm ci: %w: %s; it needs the network and the npm registry: see npm's own settings for a proxy or a mirror, then run this again", name, err, lastWords(out))
	}
	if err := open(tmp); err != nil {
		return "", fmt.Errorf("install agent %s: %w", name, err)
	}
	if err := os.Rename(tmp, dir); err != nil {
		if _, there := Place(cache, name); there { // another process was faster
			return dir, nil
		}
		return "", fmt.Errorf("install agent %s: %w", name, err)
	}
	return dir, nil
}

// onlyOn is the one kind of machine that an agent's lock is for, "" for all.
func onlyOn(name string) string {
	for _, p := range programs() {
		if p.name == name {
			return p.only
		}
	}
	return ""
}

// lastWords is npm's error without its place for logs.
func lastWords(out []byte) string {
	var said []string
	for line := range bytes.Lines(out) {
		s := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(string(line)), "npm error"))
		if s != "" && !strings.Contains(s, "complete log of this run") {
			said = append(said, s)
		}
	}
	return firstLine(strings.Join(said[:min(len(said), 4)], "; "))
}

// open makes what is below dir readable for the user that boxes run as.
func open(dir string) error {
	return filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.Type()&fs.ModeSymlink != 0 {
			return err
		}
		st, err := d.Info()
		if err != nil {
			return err
		}
		want := st.Mode().Perm() | 0o444
		if d.IsDir() || want&0o100 != 0 {
			want |= 0o111
		}
		if want == st.Mode().Perm() {
			return nil
		}
		return os.Chmod(p, want)
	})
}
