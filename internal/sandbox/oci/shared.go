package oci

import (
	"os"
	"strings"

	"metr/internal/sandbox"
)

// Denied are system calls that the default seccomp profile of container engines
// allows and boxes do not: each has been a way to look into or through other
// processes, or is a large surface that programs under test have no use for.
// Some are not allowed there anyway without a capability.
var Denied = []string{
	"ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd", "kcmp",
	"io_uring_setup", "io_uring_enter", "io_uring_register", "bpf", "perf_event_open", "userfaultfd",
	"add_key", "keyctl", "request_key", "unshare", "setns", "mount", "umount", "umount2", "pivot_root", "chroot",
	"open_by_handle_at", "name_to_handle_at", "acct", "quotactl", "swapon", "swapoff", "vmsplice",
	"mount_setattr", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "fspick",
}

// Environ is a command's environment in an image: the image's, below the fixed
// one, below the command's own. The image's PATH is kept, and searched first.
func Environ(image, extra []string) []string {
	var all []string
	path := ""
	for _, kv := range image {
		if p, ok := strings.CutPrefix(kv, "PATH="); ok && p != "" {
			path = p + ":"
		}
	}
	fixed := sandbox.Env()
	for i, kv := range fixed {
		if p, ok := strings.CutPrefix(kv, "PATH="); ok {
			fixed[i] = "PATH=" + path + p
		}
	}
	all = append(all, image...)
	all = append(all, fixed...)
	all = append(all, extra...)
	last := map[string]int{}
	for i, kv := range all {
		k, _, _ := strings.Cut(kv, "=")
		last[k] = i
	}
	out := all[:0]
	for i, kv := range all {
		if k, _, _ := strings.Cut(kv, "="); last[k] == i {
			out = append(out, kv)
		}
	}
	return out
}

// HostPrograms are the host's folders of programs and libraries, for boxes
// without an image, and the links to be made as the host has them.
func HostPrograms() (dirs []string, links [][2]string) {
	for _, p := range []string{"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"} {
		st, err := os.Lstat(p)
		if err != nil {
			continue
		}
		if st.Mode()&os.ModeSymlink != 0 {
			if to, err := os.Readlink(p); err == nil {
				links = append(links, [2]string{p, to})
			}
			continue
		}
		dirs = append(dirs, p)
	}
	for _, p := range []string{"/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/ssl/certs"} {
		if _, err := os.Stat(p); err == nil {
			dirs = append(dirs, p)
		}
	}
	return dirs, links
}
