//go:build linux

package attack

import (
	"bytes"
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

var errAbsent = errors.New("nothing there")

var procfs = Attack{
	Name: "proc", Class: Escape, Needs: Isolation,
	Tries: "opens what /proc and /sys have to change the kernel, and process 1 by its root, memory, descriptors and environment",
	Holds: "nothing of it opens, and the kernel tells no addresses",
	Payload: func(in *Inside) {
		for _, p := range []string{
			"/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/hostname",
			"/proc/sys/vm/drop_caches", "/proc/sys/fs/binfmt_misc/register", "/proc/1/oom_score_adj", "/proc/1/mem",
			"/sys/kernel/uevent_helper", "/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/memory/release_agent",
		} {
			in.Try("open "+p+" for writing", opens(p, unix.O_WRONLY))
		}
		for _, p := range []string{
			"/proc/1/root", "/proc/1/root/etc", "/proc/1/cwd", "/proc/1/fd", "/proc/1/environ", "/proc/1/maps",
			"/proc/kcore", "/proc/kmsg", "/proc/kpageflags", "/sys/kernel/debug", "/sys/firmware",
		} {
			in.Try("open "+p, opens(p, unix.O_RDONLY))
		}
		in.Try("kernel addresses", func() error {
			b, err := os.ReadFile("/proc/kallsyms")
			if err != nil {
				return err
			}
			if len(b) < 16 || bytes.HasPrefix(b, []byte("0000000000000000")) {
				return errAbsent
			}
			return nil
		})
	},
}
