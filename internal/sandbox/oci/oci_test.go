//go:build linux

package oci_test

import (
	"context"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"metr/internal/sandbox"
	"metr/internal/sandbox/attack"
	"metr/internal/sandbox/attack/attacktest"
	"metr/internal/sandbox/oci"
	"metr/internal/sandbox/sandboxtest"
	"metr/internal/sandbox/sandboxtest/testimage"
	"metr/internal/task"
)

// The test binary is a box's stage and init where it is called so.
func TestMain(m *testing.M) {
	oci.Init()
	attack.Payload()
	os.Exit(m.Run())
}

func backend(t testing.TB, c oci.Config) *oci.Backend {
	t.Helper()
	b, err := oci.New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func traits(runtime string) sandboxtest.Traits {
	if runtime == "runc" && os.Geteuid() != 0 {
		return sandboxtest.Traits{UID: "0"} // it wants a root in a namespace of one id
	}
	return sandboxtest.Traits{}
}

// Both runtimes pass the conformance suite over the host's programs and in an
// image: all of it with one, with the others what can differ.
func TestConformance(t *testing.T) {
	file, cache := testimage.Tar(t, testimage.New(t)), t.TempDir()
	for _, runtime := range []string{"crun", "runc"} {
		t.Run(runtime, func(t *testing.T) {
			suite := sandboxtest.Brief
			if runtime == "crun" {
				suite = sandboxtest.Run
			}
			suite(t, backend(t, oci.Config{Runtime: runtime}), traits(runtime))
		})
		t.Run(runtime+" in an image", func(t *testing.T) {
			sandboxtest.Brief(t, backend(t, oci.Config{Runtime: runtime, Image: file, Cache: cache}), traits(runtime))
		})
	}
}

// A box says that its disk is full, also where the command does not mind, and
// runs on.
func TestHit(t *testing.T) {
	b := backend(t, oci.Config{})
	for _, c := range []struct{ script, want string }{
		{"true", ""},
		{"head -c 9000000 /dev/zero >/work/f; true", "disk"},
		{"cat /dev/zero 2>/dev/null | head -c 3000000", "output"},
	} {
		box, err := b.Open(t.Context(), sandbox.Spec{Limits: task.Limits{Disk: 4 << 20}})
		if err != nil {
			t.Fatal(err)
		}
		defer box.Close()
		r, err := sandbox.Exec(t.Context(), box, sandbox.Cmd{Args: []string{"sh", "-c", c.script}})
		if err != nil || strings.Join(r.Hit, ",") != c.want || !r.OK() {
			t.Errorf("%s: %v, %v, hit %v, want %s", c.script, r, err, r.Hit, c.want)
		}
		after := sandbox.Cmd{Args: []string{"sh", "-c", "rm -f /work/f", strings.Repeat("x", 100_000)}}
		if r, err := sandbox.Exec(t.Context(), box, after); err != nil || !r.OK() {
			t.Errorf("after %s: %v, %v", c.script, r, err)
		}
	}
}

// The corpus of attacks over the host's programs.
func TestAttacks(t *testing.T) {
	for _, runtime := range []string{"crun", "runc"} {
		t.Run(runtime, func(t *testing.T) {
			attacktest.Run(t, backend(t, oci.Config{Runtime: runtime}))
		})
	}
}

// An image is the same whether it comes as a file, a folder or from a registry,
// and one that is in the cache needs no registry.
func TestImages(t *testing.T) {
	img := testimage.New(t)
	cache := t.TempDir()
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	defer server.Close()
	ref := strings.TrimPrefix(server.URL, "http://") + "/metr/test:1"
	tag, err := name.ParseReference(ref)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(tag, img); err != nil {
		t.Fatal(err)
	}
	notices := 0
	look := func(ref string) {
		t.Helper()
		b := backend(t, oci.Config{Image: ref, Cache: cache, Notice: func(string, ...any) { notices++ }})
		box, err := b.Open(t.Context(), sandbox.Spec{})
		if err != nil {
			t.Fatal(err)
		}
		defer box.Close()
		r, err := sandbox.Exec(t.Context(), box, sandbox.Cmd{Args: []string{"sh", "-c", testimage.Probe}})
		if err != nil || string(r.Stdout) != testimage.Expected {
			t.Errorf("%s: %v %v\n%s%s", ref, r, err, r.Stdout, r.Stderr)
		}
	}
	look(testimage.Tar(t, img))
	look(testimage.Layout(t, img))
	look(ref)
	server.Close()
	look(ref)
	if notices != 1 {
		t.Errorf("%d notices of fetching, want 1", notices)
	}
	if all, _ := filepath.Glob(cache + "/images/sha256-*"); len(all) != 1 {
		t.Errorf("unpacked more than once: %v", all)
	}
	if rest, _ := filepath.Glob(cache + "/images/.unpack-*"); len(rest) != 0 {
		t.Errorf("left behind: %v", rest)
	}
}

// What cannot be an image is one clear line.
func TestNoImage(t *testing.T) {
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.tar")
	if err := os.WriteFile(broken, []byte("no tar"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ image, want string }{
		{"/no/such/file.tar", "no such file or folder"},
		{broken, "not a docker-archive"},
		{dir, "not an OCI layout folder"},
		{"Not A Reference", "neither a file, a folder nor a reference"},
		{"127.0.0.1:1/metr/none:1", "not to be had from its registry"},
	} {
		_, err := oci.New(t.Context(), oci.Config{Image: c.image, Cache: dir})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.image, err, c.want)
		}
	}
	if _, err := oci.New(t.Context(), oci.Config{Runtime: "/no/such/crun"}); err == nil || !strings.Contains(err.Error(), "apt-get install") {
		t.Errorf("no runtime: %v", err)
	}
}

// An unpacking that is broken off leaves nothing that looks whole.
func TestUnpackInterrupted(t *testing.T) {
	cache := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	config := oci.Config{Image: testimage.Layout(t, testimage.New(t)), Cache: cache}
	settled, err := oci.New(ctx, oci.Config{})
	if err != nil {
		t.Fatal(err)
	}
	settled.Close()
	cancel()
	if _, err := oci.New(ctx, config); err == nil {
		t.Error("no error")
	}
	if all, _ := filepath.Glob(cache + "/images/*"); len(all) != 0 {
		t.Errorf("left behind: %v", all)
	}
	backend(t, oci.Config{Image: config.Image, Cache: cache})
}

func BenchmarkTrue(b *testing.B) {
	for _, runtime := range []string{"crun", "runc"} {
		b.Run(runtime, func(b *testing.B) {
			s := backend(b, oci.Config{Runtime: runtime})
			for b.Loop() {
				box, err := s.Open(b.Context(), sandbox.Spec{})
				if err != nil {
					b.Fatal(err)
				}
				if r, err := sandbox.Exec(b.Context(), box, sandbox.Cmd{Args: []string{"true"}}); err != nil || !r.OK() {
					b.Fatal(r, err)
				}
				box.Close()
			}
		})
	}
}
