package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"metr/internal/environment"
	"metr/internal/sandbox"
	"metr/internal/sandbox/docker"
	"metr/internal/sandbox/native"
	"metr/internal/sandbox/none"
	"metr/internal/sandbox/oci"
)

// Before main: in a container's process this does not return.
func init() { oci.Init() }

var sandboxes = []string{"auto", "native", "oci[:IMAGE]", "docker[:IMAGE]", "none"}

// imageVariable is the environment variable that names the image of docker's
// boxes where --sandbox does not.
const imageVariable = "METR_IMAGE"

// pickSandbox makes the backend that --sandbox names, with an image after a
// colon where the backend takes one, and notes what was taken and why. crun
// and runc stand for oci with that runtime.
func (a *app) pickSandbox(s *stack, name string) error {
	kind, image, named := strings.Cut(name, ":")
	if named && (image == "" || kind == "auto" || kind == "native" || kind == "none") {
		return usage("--sandbox %q: an image goes with oci and docker alone, as in oci:python:3.13-slim", name)
	}
	notice := func(format string, args ...any) {
		if !a.quiet {
			fmt.Fprintf(a.stderr, "metr: "+format+"\n", args...)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute) // an image may have to be fetched
	defer cancel()
	switch kind {
	case "auto":
		return a.autoSandbox(ctx, s, notice)
	case "native":
		b, err := native.New()
		if err != nil {
			return err
		}
		s.use(b, "native, as asked for")
	case "oci", "crun", "runc":
		dir, err := environment.CacheDir()
		if err != nil {
			return err
		}
		c := oci.Config{Image: image, Cache: filepath.Join(dir, "oci"), Notice: notice}
		if kind != "oci" {
			c.Runtime = kind
		}
		b, err := oci.New(ctx, c)
		if err != nil {
			return err
		}
		s.use(b, "oci, as asked for: "+b.Describe())
	case "docker":
		b, err := docker.New(ctx, docker.Config{Image: cmp.Or(image, os.Getenv(imageVariable)), Notice: notice})
		if err != nil {
			return err
		}
		s.use(b, "docker, as asked for: "+b.Describe())
	case "none":
		fmt.Fprintln(a.stderr, "metr: --sandbox none: programs under test run with your rights on your files; the run is marked so")
		s.backend, s.chosen = none.Backend{}, "none, as asked for"
	default:
		return usage("--sandbox %q: expected one of %s", name, strings.Join(sandboxes, ", "))
	}
	return nil
}

// autoSandbox takes native where it works, docker where a daemon answers, and
// nothing weaker: none has to be asked for by name.
func (a *app) autoSandbox(ctx context.Context, s *stack, notice func(string, ...any)) error {
	b, err := native.New()
	if err == nil {
		s.use(b, "native: its boxes work on this machine")
		if tty(a.stderr) { // the usual case is no news for a script
			notice("sandbox %s", s.chosen)
		}
		return nil
	}
	if pingErr := docker.Ping(ctx, ""); pingErr != nil {
		return fmt.Errorf("no sandbox works here: %w; %s", err, a.otherSandbox(pingErr))
	}
	d, derr := docker.New(ctx, docker.Config{Image: os.Getenv(imageVariable), Notice: notice})
	if derr != nil {
		return fmt.Errorf("no sandbox works here: %w; %w", err, derr)
	}
	s.use(d, fmt.Sprintf("docker: native does not work here (%v); %s", err, d.Describe()))
	notice("sandbox %s", s.chosen)
	return nil
}

// otherSandbox says what to do where neither native nor docker works.
func (a *app) otherSandbox(docker error) string {
	if runtime.GOOS != "linux" {
		return docker.Error()
	}
	for _, r := range []string{"crun", "runc"} {
		if _, err := exec.LookPath(r); err == nil {
			return fmt.Sprintf("%v; --sandbox oci may work (%s is here)", docker, r)
		}
	}
	return docker.Error()
}

// use takes a backend, which the stack closes at its end.
func (s *stack) use(b interface {
	sandbox.Backend
	io.Closer
}, chosen string) {
	s.backend, s.chosen = b, chosen
	s.closers = append(s.closers, b)
}
