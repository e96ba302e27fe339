// Package docker is the sandbox for people who have a Docker daemon, and the
// only one on macOS and Windows. It speaks the daemon's API; the docker program
// is not needed.
//
// A box is a set of volumes on tmpfs of limited size, kept mounted by one idle
// container (the keeper), and each command is a container of its own over them:
// what a command leaves running dies with its container. A container has no
// network, no capability and no way to gain one, the narrowed seccomp profile
// that all backends share (package profile), a read-only root, and
// limits on memory with swap, processes, file sizes and CPU time; the disk is
// limited by the volumes. What it writes is not logged by the daemon.
//
//	metr ──API──> daemon ──> keeper (sh, waits on its standard input)
//	                    └──> init ──> command        the same volumes
//
// The keeper ends when the connection to it does, so also when metr is killed;
// containers and volumes carry the label "metr", and the next start removes
// those whose metr is gone.
//
// A box stands on an image, which must have sh, or, on Linux with a local
// daemon, on the host's own programs, read-only.
//
// What it cannot do as well as packages native and oci: a command's user is a
// user of the host too (id 1000), unless the daemon maps ids. A signal is told
// by the exit status (128 and its number), which a program can also return. CPU
// time is known to the daemon's last sample, taken about every 100 ms, and holds
// some milliseconds of the container's start. A command costs some 0.3 s.
package docker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"metr/internal/sandbox"
	"metr/internal/sandbox/oci"
)

// boxUID is the user that commands run as.
const boxUID = 1000

// Config says where boxes are made and of what.
type Config struct {
	Image  string                        // a reference, pulled if the daemon lacks it; "" for the host's programs
	Host   string                        // the daemon's address; "" for DOCKER_HOST or the system's default
	Notice func(format string, a ...any) // told what takes long; may be nil
}

// Backend opens boxes through one daemon. Make one with New.
type Backend struct {
	api     *client.Client
	ref     string
	image   string   // what containers are created from
	id      string   // the image's digest
	env     []string // the image's
	system  []string // the host's folders of programs, without an image
	version string
	profile string // seccomp, as the daemon takes it; "" leaves the daemon's own
}

// Ping reports whether a daemon answers at host ("" as in Config), in a second
// or two.
func Ping(ctx context.Context, host string) error {
	api, err := connect(host)
	if err != nil {
		return err
	}
	defer api.Close()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if _, err := api.Ping(ctx, client.PingOptions{NegotiateAPIVersion: true}); err != nil {
		return unreachable(api, err)
	}
	return nil
}

func connect(host string) (*client.Client, error) {
	opts := []client.Opt{client.FromEnv}
	if host != "" {
		opts = append(opts, client.WithHost(host))
	}
	api, err := client.New(opts...)
	if err != nil {
		return nil, fmt.Errorf("sandbox docker: %w", err)
	}
	return api, nil
}

func unreachable(api *client.Client, err error) error {
	if errors.Is(err, os.ErrPermission) || strings.Contains(err.Error(), "permission denied") {
		return fmt.Errorf("sandbox docker: this user may not use the daemon at %s: join the group docker, or use --sandbox native", api.DaemonHost())
	}
	return fmt.Errorf("sandbox docker: no daemon answers at %s: start Docker, or set DOCKER_HOST (%w)", api.DaemonHost(), err)
}

// New connects to the daemon, makes the image ready, and removes what a metr
// that was killed left behind. The error says what to do.
func New(ctx context.Context, c Config) (*Backend, error) {
	if c.Notice == nil {
		c.Notice = func(string, ...any) {}
	}
	api, err := connect(c.Host)
	if err != nil {
		return nil, err
	}
	b := &Backend{api: api, ref: c.Image}
	if err := b.prepare(ctx, c); err != nil {
		api.Close()
		return nil, err
	}
	return b, nil
}

func (b *Backend) prepare(ctx context.Context, c Config) error {
	within, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if _, err := b.api.Ping(within, client.PingOptions{NegotiateAPIVersion: true}); err != nil {
		return unreachable(b.api, err)
	}
	v, err := b.api.ServerVersion(within, client.ServerVersionOptions{})
	if err != nil {
		return unreachable(b.api, err)
	}
	if v.Os != "linux" {
		return fmt.Errorf("sandbox docker: the daemon runs %s containers; switch it to Linux containers", v.Os)
	}
	b.version = "docker " + v.Version
	if v.Arch == runtime.GOARCH { // the profile is of this machine's system calls
		if b.profile, err = profile(); err != nil {
			return fmt.Errorf("sandbox docker: %w", err)
		}
	}
	b.sweep(ctx)
	if c.Image != "" {
		return b.pull(ctx, c)
	}
	if runtime.GOOS != "linux" {
		return fmt.Errorf("sandbox docker: on %s boxes need an image with the tool chains that the tasks use: name it as --sandbox docker:IMAGE, or set METR_IMAGE", runtime.GOOS)
	}
	return b.importHost(ctx)
}

// pull makes sure that the daemon has the image.
func (b *Backend) pull(ctx context.Context, c Config) error {
	if _, err := os.Stat(c.Image); err == nil {
		return fmt.Errorf("sandbox docker: image %s is a file: load it with `docker load` and name it by its reference", c.Image)
	}
	got, err := b.api.ImageInspect(ctx, c.Image)
	if errdefs.IsNotFound(err) {
		c.Notice("pulling the image %s (once)", c.Image)
		p, perr := b.api.ImagePull(ctx, c.Image, client.ImagePullOptions{})
		if perr == nil {
			perr = p.Wait(ctx)
			p.Close()
		}
		if perr != nil {
			return fmt.Errorf("sandbox docker: image %s: neither here nor to be pulled: %w", c.Image, perr)
		}
		got, err = b.api.ImageInspect(ctx, c.Image)
	}
	if err != nil {
		return fmt.Errorf("sandbox docker: image %s: %w", c.Image, err)
	}
	b.image, b.id = c.Image, got.ID
	if got.Config != nil {
		b.env = got.Config.Env
	}
	return nil
}

// Name is "docker".
func (b *Backend) Name() string { return "docker" }

// Describe says what boxes are made of, for a run's record.
func (b *Backend) Describe() string {
	if b.ref == "" {
		return b.version + ", the host's programs"
	}
	return fmt.Sprintf("%s, image %s (%s)", b.version, b.ref, b.id)
}

// Owner is who commands run as, on the daemon's machine.
func (b *Backend) Owner() (uid, gid int) { return boxUID, boxUID }

// Excepts are the attacks of the corpus that boxes do not claim to hold.
func (b *Backend) Excepts() map[string]string {
	return map[string]string{
		"identity":   "all boxes are user 1000 of the daemon's machine, unless it maps ids",
		"proc":       "process 1 of a container is the daemon's init; it runs as the command's user and holds nothing that the command has not",
		"disk-layer": "what a command writes to an overlay lies on the daemon's disk until the box is closed, and has no limit in sum",
	}
}

// Close gives up the connection.
func (b *Backend) Close() error { return b.api.Close() }

// Probe says what the daemon is.
func (b *Backend) Probe(context.Context) []sandbox.Check {
	out := []sandbox.Check{{Name: "a Docker daemon answers", Needed: true, OK: true, Detail: b.Describe()}}
	if b.profile == "" {
		out = append(out, sandbox.Check{Name: "seccomp", OK: true, Detail: "the daemon's own profile"})
	}
	return out
}

// environ is the environment of a command.
func (b *Backend) environ(extra []string) []string { return oci.Environ(b.env, extra) }
