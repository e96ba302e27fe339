package docker

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/client"

	"metr/internal/sandbox"
	"metr/internal/task"
)

// box is volumes and who keeps them mounted.
type box struct {
	b       *Backend
	name    string
	limits  task.Limits
	mounts  []mount.Mount // of every command
	keepers []keeper
	volumes []string
	upper   string // a folder of the host with the overlays' upper layers
	removal sync.WaitGroup
	closed  sync.Once
	err     error
}

// keeper is a container that keeps volumes mounted, as long as its standard
// input stays open.
type keeper struct {
	id    string
	stdin client.HijackedResponse
	dirs  []string // what it keeps
}

// Open makes the volumes and starts their keeper.
func (b *Backend) Open(ctx context.Context, spec sandbox.Spec) (sandbox.Box, error) {
	x := &box{b: b, name: "metr-" + strings.ToLower(rand.Text()[:12]), limits: sandbox.WithDefaults(spec.Limits)}
	if err := x.build(ctx, spec); err != nil {
		x.Close()
		return nil, fmt.Errorf("sandbox docker: open box: %w", err)
	}
	return x, nil
}

func (x *box) build(ctx context.Context, spec sandbox.Spec) error {
	for _, d := range x.b.system {
		x.mounts = append(x.mounts, mount.Mount{Type: mount.TypeBind, Source: d, Target: d, ReadOnly: true})
	}
	layers := spec.Layers
	if spec.Self {
		if runtime.GOOS != "linux" {
			return errors.New("this program cannot run in a Linux container")
		}
		self, err := os.Executable()
		if err != nil {
			return err
		}
		layers = append(layers[:len(layers):len(layers)], sandbox.Layer{Host: self, Box: sandbox.Self})
	}
	for i, l := range layers {
		if !l.Overlay {
			x.mounts = append(x.mounts, mount.Mount{Type: mount.TypeBind, Source: l.Host, Target: l.Box, ReadOnly: true})
		} else if err := x.overlay(ctx, i, l); err != nil {
			return err
		}
	}
	return x.keep(ctx, sandbox.Work, sandbox.Home, "/tmp")
}

// volume makes a volume and has commands see it at target.
func (x *box) volume(ctx context.Context, target string, opts map[string]string) error {
	name := fmt.Sprintf("%s-%d", x.name, len(x.volumes))
	_, err := x.b.api.VolumeCreate(ctx, client.VolumeCreateOptions{Name: name, Driver: "local", DriverOpts: opts, Labels: x.labels()})
	if err != nil {
		return fmt.Errorf("volume for %s: %w", target, err)
	}
	x.volumes = append(x.volumes, name)
	x.mounts = append(x.mounts, mount.Mount{Type: mount.TypeVolume, Source: name, Target: target, VolumeOptions: &mount.VolumeOptions{NoCopy: true}})
	return nil
}

// overlay makes a volume that is a folder of the host below a layer of its own.
// The daemon must be on this machine.
func (x *box) overlay(ctx context.Context, i int, l sandbox.Layer) error {
	if x.upper == "" {
		dir, err := os.MkdirTemp("", x.name+"-")
		if err != nil {
			return err
		}
		x.upper = dir
		if err := os.Chmod(dir, 0o711); err != nil {
			return err
		}
	}
	up, work := filepath.Join(x.upper, fmt.Sprintf("up%d", i)), filepath.Join(x.upper, fmt.Sprintf("work%d", i))
	for _, d := range []string{up, work} {
		if err := os.Mkdir(d, 0o755); err != nil {
			return err
		}
	}
	if err := os.Chmod(up, 0o777); err != nil {
		return err
	}
	return x.volume(ctx, l.Box, map[string]string{"type": "overlay", "device": "overlay", "o": "lowerdir=" + l.Host + ",upperdir=" + up + ",workdir=" + work})
}

// keep makes a volume for each of dirs and starts a container that keeps them.
func (x *box) keep(ctx context.Context, dirs ...string) error {
	first := len(x.mounts)
	for _, d := range dirs {
		err := x.volume(ctx, d, map[string]string{
			"type": "tmpfs", "device": "tmpfs",
			"o": fmt.Sprintf("size=%d,nr_inodes=200000,mode=755,uid=%d,gid=%d,nosuid,nodev", x.limits.Disk, boxUID, boxUID),
		})
		if err != nil {
			return err
		}
	}
	c, h := x.container(nil, task.Limits{Procs: 8, Memory: 64 << 20, Output: 1, FileSize: x.limits.FileSize, CPU: time.Hour})
	c.Entrypoint, c.OpenStdin, c.StdinOnce, c.AttachStdin = []string{"sh"}, true, true, true
	h.AutoRemove = true
	h.Mounts = append(x.programs(), x.mounts[first:]...)
	made, err := x.b.api.ContainerCreate(ctx, client.ContainerCreateOptions{Config: c, HostConfig: h})
	if err != nil {
		return fmt.Errorf("keeper: %w", err)
	}
	k := keeper{id: made.ID, dirs: dirs}
	at, err := x.b.api.ContainerAttach(ctx, made.ID, client.ContainerAttachOptions{Stream: true, Stdin: true})
	if err == nil {
		k.stdin = at.HijackedResponse
		_, err = x.b.api.ContainerStart(ctx, made.ID, client.ContainerStartOptions{})
	}
	x.keepers = append(x.keepers, k)
	if err != nil {
		return fmt.Errorf("keeper (the image must have sh): %w", err)
	}
	return nil
}

// programs are the mounts of the host's programs alone.
func (x *box) programs() []mount.Mount {
	return append([]mount.Mount(nil), x.mounts[:len(x.b.system)]...)
}

func (x *box) labels() map[string]string {
	return map[string]string{labelMetr: "box", labelOf: self(), labelBox: x.name}
}

// container is what every container of the box has.
func (x *box) container(env []string, l task.Limits) (*container.Config, *container.HostConfig) {
	yes, procs := true, int64(l.Procs)+8
	limit := func(name string, v int64) *container.Ulimit {
		return &container.Ulimit{Name: name, Soft: v, Hard: v}
	}
	h := &container.HostConfig{
		LogConfig: container.LogConfig{Type: "none"}, NetworkMode: "none", IpcMode: "private", CgroupnsMode: "private",
		CapDrop: []string{"ALL"}, SecurityOpt: []string{"no-new-privileges:true"},
		ReadonlyRootfs: true, Init: &yes, ShmSize: min(l.Memory, 64<<20),
		Resources: container.Resources{
			Memory: l.Memory, MemorySwap: l.Memory, PidsLimit: &procs,
			Ulimits: []*container.Ulimit{
				limit("core", 0), limit("nofile", 1024), limit("fsize", l.FileSize),
				limit("memlock", 0), limit("msgqueue", 0), limit("cpu", int64(l.CPU/time.Second)+2),
			},
		},
		Mounts: append([]mount.Mount(nil), x.mounts...),
	}
	if x.b.profile != "" {
		h.SecurityOpt = append(h.SecurityOpt, "seccomp="+x.b.profile)
	}
	return &container.Config{
		Image: x.b.image, Hostname: "metr", User: fmt.Sprintf("%d:%d", boxUID, boxUID),
		Env: env, Labels: x.labels(), WorkingDir: "/", NetworkDisabled: true,
	}, h
}

// keeperOf finds who keeps dir, and the folder kept that it lies in.
func (x *box) keeperOf(dir string) (keeper, string, bool) {
	for _, k := range x.keepers {
		for _, d := range k.dirs {
			if dir == d || strings.HasPrefix(dir, d+"/") {
				return k, d, true
			}
		}
	}
	return keeper{}, "", false
}

// Path is p: the container has a root of its own.
func (x *box) Path(p string) string { return path.Clean(p) }

// Close removes the containers and volumes.
func (x *box) Close() error {
	x.closed.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
		defer cancel()
		x.removal.Wait()
		var errs []error
		for _, k := range x.keepers {
			if k.stdin.Conn != nil {
				k.stdin.Close()
			}
			if err := x.remove(ctx, k.id); err != nil {
				errs = append(errs, err)
			}
		}
		for _, v := range x.volumes {
			if err := x.removeVolume(ctx, v); err != nil {
				errs = append(errs, err)
			}
		}
		if x.upper != "" {
			if err := os.RemoveAll(x.upper); err != nil && os.Geteuid() == 0 {
				errs = append(errs, err)
			}
		}
		_ = x.b.api.Close() // the idle connections, of which each command makes some
		if len(errs) > 0 {
			x.err = fmt.Errorf("sandbox docker: close box: %w", errors.Join(errs...))
		}
	})
	return x.err
}

// remove removes a container; one that is gone, or going, is fine.
func (x *box) remove(ctx context.Context, id string) error {
	_, err := x.b.api.ContainerRemove(ctx, id, client.ContainerRemoveOptions{Force: true})
	if errdefs.IsNotFound(err) || errdefs.IsConflict(err) {
		return nil
	}
	return err
}

// removeVolume removes a volume, which is in use until the daemon is done with
// the last container.
func (x *box) removeVolume(ctx context.Context, name string) error {
	for wait := time.Millisecond; ; wait *= 2 {
		_, err := x.b.api.VolumeRemove(ctx, name, client.VolumeRemoveOptions{})
		if err == nil || errdefs.IsNotFound(err) {
			return nil
		}
		if !errdefs.IsConflict(err) || wait > 4*time.Second {
			return err
		}
		time.Sleep(wait)
	}
}
