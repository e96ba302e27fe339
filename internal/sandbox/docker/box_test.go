package docker

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"metr/internal/sandbox"
	"metr/internal/task"
)

// What the daemon is asked for, as it reads it: nothing that holds a command is
// left to its defaults.
func TestContainer(t *testing.T) {
	seccomp, err := profile()
	if err != nil {
		t.Fatal(err)
	}
	x := &box{b: &Backend{image: "i", profile: seccomp}, name: "metr-x"}
	c, h := x.container([]string{"A=b"}, task.Limits{CPU: 3 * time.Second, Memory: 5 << 20, Procs: 7, FileSize: 11})
	text, err := json.Marshal([]any{c, h})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"Hostname":"metr"`, `"User":"1000:1000"`, `"NetworkDisabled":true`, `"NetworkMode":"none"`, `"CapDrop":["ALL"]`,
		`"no-new-privileges:true"`, `"ReadonlyRootfs":true`, `"Privileged":false`, `"IpcMode":"private"`, `"PidMode":""`,
		`"LogConfig":{"Type":"none"`, `"Memory":5242880`, `"MemorySwap":5242880`, `"PidsLimit":15`, `"Init":true`,
		`{"Name":"fsize","Hard":11,"Soft":11}`, `{"Name":"cpu","Hard":5,"Soft":5}`, `{"Name":"core","Hard":0,"Soft":0}`,
		`"Binds":null`, `"metr":"box"`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s is missing in %s", want, text)
		}
	}
	if seccomp == "" {
		return // not this system's
	}
	if !slices.Contains(h.SecurityOpt, "seccomp="+seccomp) {
		t.Error("the seccomp profile is not asked for")
	}
	var p struct {
		DefaultAction string
		Syscalls      []struct {
			Names  []string
			Action string
		}
	}
	if err := json.Unmarshal([]byte(seccomp), &p); err != nil || p.DefaultAction != "SCMP_ACT_ERRNO" || len(p.Syscalls) < 5 {
		t.Fatalf("profile: %v, %+v", err, p)
	}
}

func TestNoDaemon(t *testing.T) {
	_, err := New(t.Context(), Config{Host: "unix:///nowhere/docker.sock"})
	if err == nil || !strings.Contains(err.Error(), "no daemon answers at unix:///nowhere/docker.sock: start Docker, or set DOCKER_HOST") {
		t.Error(err)
	}
}

// What goes to the daemon as a tar and comes back is the same.
func TestPack(t *testing.T) {
	tree := task.Tree{
		"a": {Mode: 0o644, Data: []byte("one")}, "d/e/run": {Mode: 0o755, Data: []byte("two")},
		"l": {Mode: 0o777, Link: "a"}, "odd\n\xff": {Mode: 0o600, Data: []byte{}},
	}
	var buf bytes.Buffer
	if err := pack(&buf, "sub", tree); err != nil {
		t.Fatal(err)
	}
	got, err := unpack(bytes.NewReader(buf.Bytes()), 1<<20)
	if err != nil || !slices.Equal(slices.Sorted(maps.Keys(got)), tree.Paths()) {
		t.Fatalf("%v %v", got, err)
	}
	for name, f := range tree {
		if g := got[name]; g.Mode != f.Mode || g.Link != f.Link || !bytes.Equal(g.Data, f.Data) {
			t.Errorf("%s: %v, want %v", name, g, f)
		}
	}
	if _, err := unpack(bytes.NewReader(buf.Bytes()), 600); !errors.Is(err, sandbox.ErrTooLarge) {
		t.Errorf("over the limit: %v", err)
	}
}

// A tar of the daemon's never gives more than the limit, nor a name that is
// outside of the folder.
func FuzzUnpack(f *testing.F) {
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, h := range []tar.Header{
		{Name: "app/", Typeflag: tar.TypeDir}, {Name: "app/../../x", Typeflag: tar.TypeSymlink, Linkname: "/"},
		{Name: "app/h", Typeflag: tar.TypeLink, Linkname: "app/none"}, {Name: "/abs", Typeflag: tar.TypeReg},
	} {
		if err := w.WriteHeader(&h); err != nil {
			f.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		f.Fatal(err)
	}
	f.Add(buf.Bytes(), int64(1<<20))
	f.Add([]byte("no tar"), int64(0))
	f.Fuzz(func(t *testing.T, text []byte, limit int64) {
		tree, err := unpack(bytes.NewReader(text), limit)
		if err != nil {
			return
		}
		var sum int64
		for name, file := range tree {
			sum += int64(len(file.Data))
			if name == "" || path.IsAbs(name) || path.Clean(name) != name || strings.HasPrefix(name, "../") {
				t.Errorf("name %q", name)
			}
		}
		if sum > max(limit, 0) {
			t.Errorf("%d bytes, over %d", sum, limit)
		}
	})
}
