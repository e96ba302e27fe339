//go:build linux

package attack

import (
	"errors"
	"net"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

var network = Attack{
	Name: "network", Class: Spying, Needs: Isolation,
	Tries: "connects to a port that the host listens on, on every address of the host, and asks for routes to name servers, the cloud's metadata address and the internet",
	Holds: "nobody comes to the host's listeners, and there is no route",
	Payload: func(in *Inside) {
		port := in.Arg(0)
		for _, address := range append(in.Args[1:], "127.0.0.1", "::1", "localhost") {
			d := net.Dialer{Timeout: 200 * time.Millisecond}
			if c, err := d.Dial("tcp", net.JoinHostPort(address, port)); err == nil {
				_, _ = c.Write([]byte(in.Token))
				c.Close()
			}
			if c, err := d.Dial("udp", net.JoinHostPort(address, port)); err == nil {
				_, _ = c.Write([]byte(in.Token))
				c.Close()
			}
		}
		// A UDP socket that connects has a route; it sends nothing.
		for name, a := range map[string]unix.SockaddrInet4{
			"the internet": {Port: 53, Addr: [4]byte{192, 0, 2, 1}}, "the metadata address": {Port: 80, Addr: [4]byte{169, 254, 169, 254}},
			"broadcast": {Port: 67, Addr: [4]byte{255, 255, 255, 255}}, "multicast": {Port: 5353, Addr: [4]byte{224, 0, 0, 251}},
		} {
			in.Try("a route to "+name, func() error {
				fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
				if err != nil {
					return err
				}
				defer unix.Close(fd)
				return unix.Connect(fd, &a)
			})
		}
		ifs, _ := net.Interfaces()
		for _, i := range ifs {
			if i.Flags&net.FlagLoopback == 0 && i.Flags&net.FlagUp != 0 {
				in.Breach("network interface %s is there", i.Name)
			}
		}
		b, _ := os.ReadFile("/etc/resolv.conf")
		for line := range strings.Lines(string(b)) {
			if strings.HasPrefix(line, "nameserver") {
				in.Breach("the host's name server is told: %s", line)
			}
		}
	},
	Check: func(h *Host) {
		l, err := net.Listen("tcp", ":0")
		must(err)
		defer l.Close()
		u, err := net.ListenPacket("udp", l.Addr().String())
		must(err)
		defer u.Close()
		came := make(chan string, 64)
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				_ = c.SetReadDeadline(time.Now().Add(time.Second))
				b := make([]byte, 64)
				n, _ := c.Read(b)
				c.Close()
				came <- "TCP " + string(b[:n])
			}
		}()
		go func() {
			b := make([]byte, 64)
			for {
				n, _, err := u.ReadFrom(b)
				if errors.Is(err, net.ErrClosed) {
					return
				}
				came <- "UDP " + string(b[:max(n, 0)])
			}
		}()
		_, port, err := net.SplitHostPort(l.Addr().String())
		must(err)
		args := []string{port}
		addrs, _ := net.InterfaceAddrs()
		for _, a := range addrs {
			if ip, ok := a.(*net.IPNet); ok && ip.IP.To4() != nil && len(args) < 6 {
				args = append(args, ip.IP.String())
			}
		}
		h.Run(h.Open(specOf()), args...)
		time.Sleep(50 * time.Millisecond) // for what is on its way
		for {
			select {
			case from := <-came:
				if strings.Contains(from, h.Token) {
					h.Broken("the host's listener was reached by %s", from[:3])
				}
				continue
			default:
			}
			return
		}
	},
}
