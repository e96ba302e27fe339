//go:build linux

package attack

import "golang.org/x/sys/unix"

var sockets = Attack{
	Name: "sockets", Class: Escape, Needs: Filter,
	Tries: "opens sockets that no program under test needs: raw packets, the hypervisor's (vsock), kernel cryptography, netlink of the firewall",
	Holds: "none opens",
	Payload: func(in *Inside) {
		for _, s := range []struct {
			name               string
			family, kind, prot int
		}{
			{"packet", unix.AF_PACKET, unix.SOCK_RAW, 0}, {"raw IP", unix.AF_INET, unix.SOCK_RAW, 1}, {"vsock", unix.AF_VSOCK, unix.SOCK_STREAM, 0},
			{"kernel cryptography", unix.AF_ALG, unix.SOCK_SEQPACKET, 0}, {"firewall", unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_NETFILTER},
			{"bluetooth", unix.AF_BLUETOOTH, unix.SOCK_RAW, 0}, {"CAN", unix.AF_CAN, unix.SOCK_RAW, 1}, {"key management", unix.AF_KEY, unix.SOCK_RAW, 2},
		} {
			in.Try("a socket of "+s.name, func() error {
				fd, err := unix.Socket(s.family, s.kind, s.prot)
				if err == nil {
					unix.Close(fd)
				}
				return err
			})
		}
	},
}
