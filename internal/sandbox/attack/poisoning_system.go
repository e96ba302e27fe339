//go:build linux

package attack

import "os"

var system = Attack{
	Name: "system-files", Class: Poisoning, Needs: Isolation,
	Tries: "puts programs, libraries and settings into /usr, /bin, /lib and /etc, and opens those there for writing",
	Holds: "nothing can be written, and nothing new is on the host",
	Payload: func(in *Inside) {
		for _, dir := range []string{"/usr/local/bin", "/usr/bin", "/bin", "/lib", "/usr/lib", "/usr/lib/python3/dist-packages", "/etc", "/etc/alternatives", "/etc/ssl/certs", "/"} {
			p := dir + "/" + in.Token
			in.Try("write "+dir, func() error { return os.WriteFile(p, []byte("#!/bin/sh\n"), 0o755) })
			_ = os.Remove(p)
		}
		for _, p := range []string{"/bin/sh", "/usr/bin/env", "/usr/bin/python3", "/etc/passwd", "/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/hosts", "/etc/nsswitch.conf"} {
			in.Try("open "+p+" for writing", opens(p, os.O_WRONLY))
			in.Try("change the mode of "+p, func() error {
				st, err := os.Stat(p)
				if err != nil {
					return err
				}
				return os.Chmod(p, st.Mode())
			})
		}
	},
	Check: func(h *Host) {
		h.Run(h.Open(specOf()))
		for _, dir := range []string{"/usr/local/bin", "/usr/bin", "/usr/lib", "/etc", "/"} {
			if _, err := os.Lstat(dir + "/" + h.Token); err == nil {
				_ = os.Remove(dir + "/" + h.Token)
				h.Broken("a file of the box is in %s of the host", dir)
			}
		}
	},
}
