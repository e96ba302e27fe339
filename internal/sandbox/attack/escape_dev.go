//go:build linux

package attack

import (
	"os"
	"slices"
)

var devices = Attack{
	Name: "dev", Class: Escape, Needs: Isolation,
	Tries: "looks through /dev for disks, memory, consoles, FUSE, KVM and tunnels",
	Holds: "there is nothing but null, zero, full, random, urandom, and links to its own descriptors",
	Payload: func(in *Inside) {
		harmless := []string{"null", "zero", "full", "random", "urandom", "fd", "stdin", "stdout", "stderr", "shm", "tty", "pts", "ptmx", "mqueue"}
		es, err := os.ReadDir("/dev")
		if err != nil {
			in.Say("%v", err)
		}
		for _, e := range es {
			if slices.Contains(harmless, e.Name()) {
				continue
			}
			if e.Type()&os.ModeSymlink != 0 && opens("/dev/"+e.Name(), os.O_RDONLY)() != nil {
				continue // a link to what is not there
			}
			in.Breach("/dev/%s is there", e.Name())
		}
		in.Try("write to /dev", func() error { return os.WriteFile("/dev/"+in.Token, nil, 0o600) })
		_ = os.Remove("/dev/" + in.Token)
	},
}
