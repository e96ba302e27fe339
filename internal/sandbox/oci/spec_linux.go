package oci

import (
	"encoding/json"
	"path/filepath"
	"syscall"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"metr/internal/sandbox/profile"
	"metr/internal/task"
)

// filter is the seccomp profile of every box. Where no cgroup counts memory,
// files that only memory holds are refused too.
func (b *Backend) filter() (json.RawMessage, error) {
	p, err := profile.New()
	if err != nil {
		return nil, err
	}
	if b.groups == nil {
		p = profile.Without(p, profile.MemoryFiles...)
	}
	return json.Marshal(p)
}

// ids are the container's. Those of an image's files are the same for all boxes,
// its user's is the box's own.
func (s *setup) ids() []specs.LinuxIDMapping {
	m := s.Mapping
	all := func(from, outside, size int) specs.LinuxIDMapping {
		return specs.LinuxIDMapping{ContainerID: uint32(from), HostID: uint32(outside), Size: uint32(size)}
	}
	if !m.Shift || s.UID == m.host(boxUID) {
		return []specs.LinuxIDMapping{all(m.Inside, m.Outside, m.Size)}
	}
	return []specs.LinuxIDMapping{
		all(0, m.Outside, boxUID), all(boxUID, s.UID, 1), all(boxUID+1, m.Outside+boxUID+1, m.Size-boxUID-1),
	}
}

// spec is the config.json of one command's container. root is where the stage
// has put the box's files together.
func (s *setup) spec(root string, r request) (*specs.Spec, error) {
	var sec specs.LinuxSeccomp
	if err := json.Unmarshal(s.Seccomp, &sec); err != nil {
		return nil, err
	}
	o := initOptions{Dir: r.Dir}
	if s.Watch {
		o.Data = uint64(r.Limits.Memory)
	}
	options, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	uid := uint32(boxUID)
	if s.Mapping.Size == 1 {
		uid = uint32(s.Mapping.Inside)
	}
	mounts := []specs.Mount{
		{Destination: "/proc", Type: "proc", Source: "proc", Options: []string{"nosuid", "noexec", "nodev"}},
		{Destination: "/dev", Type: "tmpfs", Source: "tmpfs", Options: []string{"nosuid", "strictatime", "mode=755", "size=64k", "ro"}},
		bind(root, "/dev/shm", "/.shm"),
	}
	for _, d := range r.Write {
		mounts = append(mounts, bind(root, d, d))
	}
	first := 1000 // to be killed where memory runs out: never the stage
	spec := &specs.Spec{
		Version:  "1.0.2", // what the oldest runtimes in use understand
		Hostname: "metr",
		Root:     &specs.Root{Path: root, Readonly: true},
		Mounts:   mounts,
		Process: &specs.Process{
			User: specs.User{UID: uid, GID: uid},
			Args: append([]string{initPath, initName, string(options)}, r.Args...),
			Env:  r.Env, Cwd: "/", NoNewPrivileges: true,
			Capabilities: &specs.LinuxCapabilities{},
			Rlimits:      rlimits(r.Limits),
			OOMScoreAdj:  &first,
		},
		Linux: &specs.Linux{
			UIDMappings: s.ids(), GIDMappings: s.ids(),
			Namespaces: []specs.LinuxNamespace{
				// Network and ipc are the stage's: ports that metr serves stay from one
				// command to the next, and shared memory is counted and removed there.
				{Type: specs.PIDNamespace}, {Type: specs.UTSNamespace}, {Type: specs.MountNamespace}, {Type: specs.UserNamespace},
			},
			Seccomp:       &sec,
			MaskedPaths:   []string{"/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/sched_debug", "/proc/scsi", "/proc/interrupts"},
			ReadonlyPaths: []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"},
		},
	}
	if s.Runtime.Name == "crun" { // runc 1.1 wants a manager of cgroups for it
		spec.Linux.Namespaces = append(spec.Linux.Namespaces, specs.LinuxNamespace{Type: specs.CgroupNamespace})
	}
	return spec, nil
}

// bind makes the box's folder from, below root, writable at dst.
func bind(root, dst, from string) specs.Mount {
	return specs.Mount{Destination: dst, Type: "bind", Source: filepath.Join(root, from), Options: []string{"rbind", "nosuid", "nodev"}}
}

// rlimits are the limits of each process, none above what the stage itself has.
// That of processes lies below the cgroup's, so that a command which takes all
// that it gets leaves some to the stage.
func rlimits(l task.Limits) []specs.POSIXRlimit {
	var out []specs.POSIXRlimit
	for _, x := range []struct {
		name string
		what int
		v    uint64
	}{
		{"RLIMIT_CORE", unix.RLIMIT_CORE, 0},
		{"RLIMIT_NOFILE", unix.RLIMIT_NOFILE, 1024},
		{"RLIMIT_MEMLOCK", unix.RLIMIT_MEMLOCK, 0},
		{"RLIMIT_MSGQUEUE", unix.RLIMIT_MSGQUEUE, 0},
		{"RLIMIT_FSIZE", unix.RLIMIT_FSIZE, uint64(l.FileSize)},
		{"RLIMIT_NPROC", unix.RLIMIT_NPROC, uint64(l.Procs) + initThreads},
		{"RLIMIT_CPU", unix.RLIMIT_CPU, uint64(l.CPU/time.Second) + 2},
	} {
		var now syscall.Rlimit
		if syscall.Getrlimit(x.what, &now) == nil {
			x.v = min(x.v, now.Max)
		}
		out = append(out, specs.POSIXRlimit{Type: x.name, Hard: x.v, Soft: x.v})
	}
	return out
}

// initThreads is what init may add to the processes of a container.
const initThreads = 16
