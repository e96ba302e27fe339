package native

import (
	"context"
	"fmt"
	"os"
	"strings"

	"metr/internal/sandbox"
)

// Probe says what this machine gives the sandbox.
func (b *Backend) Probe(ctx context.Context) []sandbox.Check { return Probe(ctx) }

// Probe looks at the machine without needing a backend.
func Probe(ctx context.Context) []sandbox.Check {
	b, err := New()
	run := sandbox.Check{Name: "a program runs in a fresh box", Needed: true, OK: err == nil, Detail: "yes"}
	if err != nil {
		run.Detail = err.Error()
		run.Fix = namespaceFix()
	}
	out := []sandbox.Check{run}
	if err != nil {
		return out
	}
	defer b.Close()
	who := sandbox.Check{Name: "who opens the boxes", OK: true, Detail: "an ordinary user, through a user namespace"}
	if b.rooted {
		who.Detail = "root; commands run as an unprivileged user without capabilities"
	}
	mem := sandbox.Check{Name: "memory and process limits", OK: b.groups != nil, Detail: "cgroup v1"}
	switch {
	case b.groups == nil:
		mem.Detail = "no cgroup can be made: resource limits of each process and a watchdog over their sum"
		mem.Fix = "run as root, or under `systemd-run --user --scope -p Delegate=yes`"
	case b.groups.v2 != "":
		mem.Detail = "cgroup v2"
	}
	return append(out, who, mem)
}

// namespaceFix says what to do on a machine that refuses namespaces.
func namespaceFix() string {
	read := func(p string) string {
		b, _ := os.ReadFile(p)
		return strings.TrimSpace(string(b))
	}
	switch {
	case read("/proc/sys/kernel/unprivileged_userns_clone") == "0":
		return "sudo sysctl -w kernel.unprivileged_userns_clone=1"
	case read("/proc/sys/user/max_user_namespaces") == "0":
		return "sudo sysctl -w user.max_user_namespaces=15000"
	case read("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1":
		return "an AppArmor profile for metr with the rule `userns,`, or sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
	case os.Geteuid() != 0:
		return "run as root, or allow unprivileged user namespaces"
	}
	return fmt.Sprintf("this container forbids mounts and namespaces: start it with --security-opt seccomp=unconfined --security-opt apparmor=unconfined --cap-add SYS_ADMIN, or use %s", "--sandbox docker on the host")
}
