// Package profile says which system calls a program in a box may make: Moby's
// default profile for a process without capabilities, narrowed by what no
// program under test needs. The backends share it, so that a call refused by one
// is refused by all: oci hands it to the runtime and docker to the daemon as it
// is, native makes a program for the kernel of it.
//
//	Moby's profile ──New──> specs.LinuxSeccomp ──> crun, runc, dockerd
//	                                          └──> native's BPF
//
// It is a list of what is allowed: all else is answered with EPERM, and clone3,
// whose flags a filter cannot see, with ENOSYS.
package profile

import (
	"fmt"
	"runtime"
	"slices"

	"github.com/moby/profiles/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// Never is what Moby's profile allows and no box does: looking into other
// processes, handles of files past the folders that lead to them, and pages
// given to the kernel.
var Never = []string{
	"ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd",
	"name_to_handle_at", "vmsplice",
}

// MemoryFiles make files that no process maps and no file system limits. They
// are refused, by Without, where no cgroup counts memory.
var MemoryFiles = []string{"memfd_create", "memfd_secret"}

// narrow are calls that Moby's profile allows in more forms than boxes: those
// that name another process by an argument, which may be the box's process 1 and
// is not refused by its user (a command may name itself, by 0); and sockets but
// those of the box's own network, and of netlink the part that tells of it.
var narrow = []specs.LinuxSyscall{
	when("prlimit64", is(0, 0)), when("setpriority", is(1, 0)), when("ioprio_set", is(1, 0)),
	when("sched_setaffinity", is(0, 0)), when("sched_setattr", is(0, 0)), when("sched_setparam", is(0, 0)), when("sched_setscheduler", is(0, 0)),
	when("socket", is(0, unix.AF_UNIX)), when("socket", is(0, unix.AF_INET)), when("socket", is(0, unix.AF_INET6)),
	when("socket", is(0, unix.AF_NETLINK), is(2, unix.NETLINK_ROUTE)),
}

// when allows a call whose arguments meet all conditions.
func when(name string, all ...specs.LinuxSeccompArg) specs.LinuxSyscall {
	return specs.LinuxSyscall{Names: []string{name}, Action: specs.ActAllow, Args: all}
}

func is(argument uint, value uint64) specs.LinuxSeccompArg {
	return specs.LinuxSeccompArg{Index: argument, Value: value, Op: specs.OpEqualTo}
}

// New is the profile for this machine: for its own architecture alone, since
// another's calls have other numbers and, some, arguments that cannot be seen.
func New() (*specs.LinuxSeccomp, error) {
	p, err := seccomp.GetDefaultProfile(&specs.Spec{Process: &specs.Process{Capabilities: &specs.LinuxCapabilities{}}})
	if err != nil {
		return nil, fmt.Errorf("seccomp profile: %w", err)
	}
	if p == nil || len(p.Architectures) == 0 {
		return nil, fmt.Errorf("seccomp profile: none is known for %s", runtime.GOARCH)
	}
	p.Architectures = p.Architectures[:1]
	refused := slices.Clone(Never)
	for _, rule := range narrow {
		refused = append(refused, rule.Names...)
	}
	out := Without(p, refused...)
	out.Syscalls = append(out.Syscalls, narrow...)
	return out, nil
}

// Without is p with the calls refused.
func Without(p *specs.LinuxSeccomp, calls ...string) *specs.LinuxSeccomp {
	out := *p
	out.Syscalls = nil
	for _, rule := range p.Syscalls {
		if rule.Action == specs.ActAllow {
			rule.Names = slices.DeleteFunc(slices.Clone(rule.Names), func(n string) bool { return slices.Contains(calls, n) })
		}
		if len(rule.Names) > 0 {
			out.Syscalls = append(out.Syscalls, rule)
		}
	}
	return &out
}
