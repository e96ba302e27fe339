//go:build linux

package profile_test

import (
	"slices"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"

	"metr/internal/sandbox/profile"
)

// allowed are the rules that allow a call.
func allowed(p *specs.LinuxSeccomp, name string) (rules []specs.LinuxSyscall) {
	for _, r := range p.Syscalls {
		if r.Action == specs.ActAllow && slices.Contains(r.Names, name) {
			rules = append(rules, r)
		}
	}
	return rules
}

func TestProfile(t *testing.T) {
	p, err := profile.New()
	if err != nil {
		t.Fatal(err)
	}
	if p.DefaultAction != specs.ActErrno || len(p.Architectures) != 1 {
		t.Errorf("default %s, architectures %v", p.DefaultAction, p.Architectures)
	}
	refused := append([]string{
		"io_uring_setup", "io_uring_enter", "io_uring_register", "bpf", "perf_event_open", "userfaultfd", "add_key", "keyctl", "request_key",
		"unshare", "setns", "mount", "umount", "umount2", "pivot_root", "chroot", "open_by_handle_at", "acct", "quotactl", "swapon", "swapoff",
		"mount_setattr", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "fspick", "clone3", "init_module", "kexec_load", "reboot",
	}, profile.Never...)
	for _, name := range refused {
		if rules := allowed(p, name); len(rules) > 0 {
			t.Errorf("%s is allowed: %+v", name, rules)
		}
	}
	for _, name := range []string{"read", "execve", "futex", "mmap", "memfd_create", "seccomp"} {
		if len(allowed(p, name)) == 0 {
			t.Errorf("%s is refused", name)
		}
	}
	for name, rules := range map[string]int{
		"prlimit64": 1, "setpriority": 1, "ioprio_set": 1, "sched_setaffinity": 1, "sched_setattr": 1, "sched_setparam": 1, "sched_setscheduler": 1,
		"socket": 4,
	} {
		got := allowed(p, name)
		if len(got) != rules || slices.ContainsFunc(got, func(r specs.LinuxSyscall) bool { return len(r.Args) == 0 }) {
			t.Errorf("%s: %+v, want %d rules with conditions", name, got, rules)
		}
	}
	if !slices.ContainsFunc(p.Syscalls, func(r specs.LinuxSyscall) bool {
		return r.Action == specs.ActErrno && r.ErrnoRet != nil && slices.Contains(r.Names, "clone3")
	}) {
		t.Error("clone3 is not answered as if it were absent: programs would not fall back to clone")
	}
}

func TestWithout(t *testing.T) {
	p, err := profile.New()
	if err != nil {
		t.Fatal(err)
	}
	less := profile.Without(p, profile.MemoryFiles...)
	if len(allowed(less, "memfd_create")) > 0 || len(allowed(less, "read")) == 0 {
		t.Error("memfd_create is allowed, or read is not")
	}
	if len(allowed(p, "memfd_create")) == 0 {
		t.Error("the profile itself was changed")
	}
}
