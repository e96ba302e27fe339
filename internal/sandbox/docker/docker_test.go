package docker_test

import (
	"context"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/moby/moby/client"

	"metr/internal/sandbox"
	"metr/internal/sandbox/attack"
	"metr/internal/sandbox/attack/attacktest"
	"metr/internal/sandbox/docker"
	"metr/internal/sandbox/sandboxtest"
	"metr/internal/sandbox/sandboxtest/testimage"
)

// The test binary is an attack's payload where it is called so.
func TestMain(m *testing.M) {
	attack.Payload()
	os.Exit(m.Run())
}

// daemonHost is the daemon that the tests use: METR_TEST_DOCKER, which
// scripts/test sets to a daemon that it starts for them, or else the user's own.
func daemonHost(t testing.TB) string {
	t.Helper()
	host := os.Getenv("METR_TEST_DOCKER")
	if err := docker.Ping(t.Context(), host); err != nil {
		if host != "" || os.Geteuid() == 0 && os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return host
}

func backend(t testing.TB, c docker.Config) *docker.Backend {
	t.Helper()
	b, err := docker.New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func load(t testing.TB, host string) {
	t.Helper()
	opts := []client.Opt{client.FromEnv}
	if host != "" {
		opts = append(opts, client.WithHost(host))
	}
	api, err := client.New(opts...)
	if err != nil {
		t.Fatal(err)
	}
	defer api.Close()
	f, err := os.Open(testimage.Tar(t, testimage.New(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := api.ImageLoad(context.Background(), f)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	out, err := io.ReadAll(r)
	if err != nil || !strings.Contains(string(out), testimage.Name) {
		t.Fatalf("load: %s %v", out, err)
	}
}

// The corpus of attacks over the host's programs.
func TestAttacks(t *testing.T) {
	host := daemonHost(t)
	attacktest.Run(t, backend(t, docker.Config{Host: host}))
}

func TestConformance(t *testing.T) {
	host := daemonHost(t)
	t.Run("host's programs", func(t *testing.T) {
		sandboxtest.Run(t, backend(t, docker.Config{Host: host}), sandboxtest.Traits{OpenInit: true})
	})
	t.Run("image", func(t *testing.T) {
		load(t, host)
		b := backend(t, docker.Config{Host: host, Image: testimage.Name})
		box, err := b.Open(t.Context(), sandbox.Spec{})
		if err != nil {
			t.Fatal(err)
		}
		defer box.Close()
		r, err := sandbox.Exec(t.Context(), box, sandbox.Cmd{Args: []string{"sh", "-c", testimage.Probe}})
		if err != nil || string(r.Stdout) != testimage.Expected {
			t.Errorf("%v %v\n%s%s", r, err, r.Stdout, r.Stderr)
		}
	})
	t.Run("nothing is left", func(t *testing.T) {
		opts := []client.Opt{client.FromEnv}
		if host != "" {
			opts = append(opts, client.WithHost(host))
		}
		api, err := client.New(opts...)
		if err != nil {
			t.Fatal(err)
		}
		defer api.Close()
		ours := client.Filters{}.Add("label", "metr=box")
		c, err := api.ContainerList(t.Context(), client.ContainerListOptions{All: true, Filters: ours})
		if err != nil || len(c.Items) != 0 {
			t.Errorf("containers: %v %v", c.Items, err)
		}
		v, err := api.VolumeList(t.Context(), client.VolumeListOptions{Filters: ours})
		if err != nil || len(v.Items) != 0 {
			t.Errorf("volumes: %v %v", v.Items, err)
		}
	})
}
