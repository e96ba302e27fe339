//go:build linux

package attack

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

var hostname = Attack{
	Name: "host-name", Class: Spying, Needs: Isolation,
	Tries: "asks for the name of the machine and of its domain",
	Holds: "it is not told (the kernel's version, the processor and the boot id are)",
	Payload: func(in *Inside) {
		var u unix.Utsname
		_ = unix.Uname(&u)
		name, _ := os.Hostname()
		file, _ := os.ReadFile("/etc/hostname")
		in.Say("%s %s %s %s", name, unix.ByteSliceToString(u.Nodename[:]), unix.ByteSliceToString(u.Domainname[:]), file)
		in.tries++
	},
	Check: func(h *Host) {
		r := h.Run(h.Open(specOf()))
		name, err := os.Hostname()
		must(err)
		if name == "metr" { // the name that boxes have
			h.nothing = "this machine is called as boxes are"
			return
		}
		for _, s := range r.Said {
			for _, w := range strings.Fields(s) {
				if w == name {
					h.Broken("it knows that the machine is called %s", name)
				}
			}
		}
		h.tries++
	},
}
