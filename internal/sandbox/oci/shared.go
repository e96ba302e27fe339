package oci

import (
	"os"
	"strings"

	"metr/internal/sandbox"
)

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

// TooLong reports whether arguments and environment are more than a program can
// be started with: an entry of 128 KiB, or more in all than a message takes.
func TooLong(lists ...[]string) bool {
	sum := 0
	for _, list := range lists {
		for _, s := range list {
			if sum += len(s) + 1; len(s) >= 128<<10-1 {
				return true
			}
		}
	}
	return sum > maxMessage/2
}

// maxMessage is the longest between metr and a stage.
const maxMessage = 512 << 10

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
