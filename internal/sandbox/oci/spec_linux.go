package oci

import (
	"encoding/json"
	"path/filepath"
	"syscall"
	"time"

	seccomp "github.com/moby/profiles/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"metr/internal/task"
)

// profile is the seccomp profile of every box.
func profile() (json.RawMessage, error) {
	p, err := seccomp.GetDefaultProfile(&specs.Spec{Process: &specs.Process{Capabilities: &specs.LinuxCapabilities{}}})
	if err != nil {
		return nil, err
	}
	no := map[string]bool{}
	for _, n := range Denied {
		no[n] = true
	}
	var kept []specs.LinuxSyscall
	for _, rule := range p.Syscalls {
		var names []string
		for _, n := range rule.Names {
			if !no[n] || rule.Action != specs.ActAllow {
				names = append(names, n)
			}
		}
		if rule.Names = names; len(names) > 0 {
			kept = append(kept, rule)
		}
	}
	p.Syscalls = kept
	return json.Marshal(p)
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
	ids := []specs.LinuxIDMapping{{ContainerID: uint32(s.Mapping.Inside), HostID: uint32(s.Mapping.Outside), Size: uint32(s.Mapping.Size)}}
	mounts := []specs.Mount{
		{Destination: "/proc", Type: "proc", Source: "proc", Options: []string{"nosuid", "noexec", "nodev"}},
		{Destination: "/dev", Type: "tmpfs", Source: "tmpfs", Options: []string{"nosuid", "strictatime", "mode=755", "size=64k"}},
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
			UIDMappings: ids, GIDMappings: ids,
			Namespaces: []specs.LinuxNamespace{
				{Type: specs.PIDNamespace}, {Type: specs.NetworkNamespace}, {Type: specs.IPCNamespace},
				{Type: specs.UTSNamespace}, {Type: specs.MountNamespace}, {Type: specs.UserNamespace},
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
const initThreads = 8
