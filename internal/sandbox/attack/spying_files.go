//go:build linux

package attack

import (
	"os"
	"strings"
)

var hostFiles = Attack{
	Name: "host-files", Class: Spying, Needs: Isolation,
	Tries: "reads a file of the host that everybody may read, /etc/shadow, the homes of users and of root, the machine's own logs and sockets",
	Holds: "the planted file is not read, the rest is not there",
	Payload: func(in *Inside) {
		for _, p := range []string{in.Arg(0), "/proc/self/root" + in.Arg(0), "/proc/1/root" + in.Arg(0)} {
			if b, err := os.ReadFile(p); err == nil {
				in.find(b)
			}
		}
		for _, p := range []string{"/etc/shadow", "/etc/gshadow", "/etc/ssh", "/etc/machine-id", "/etc/sudoers", "/var/log", "/var/lib", "/var/run/docker.sock", "/run/systemd", "/boot", "/srv", "/mnt", "/opt"} {
			in.Try("open "+p, opens(p, os.O_RDONLY))
		}
		for _, dir := range []string{"/root", "/home"} {
			es, _ := os.ReadDir(dir)
			for _, e := range es {
				if e.Name() != "metr" {
					in.Breach("%s/%s is there", dir, e.Name())
				}
			}
		}
		b, _ := os.ReadFile("/etc/passwd")
		in.Say("%d users", strings.Count(string(b), "\n"))
	},
	Check: func(h *Host) {
		h.secret(h.Run(h.Open(specOf()), h.Plant(h.Folder()+"/file", h.Secret)))
	},
}
