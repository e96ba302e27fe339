//go:build linux

package attack

import (
	"errors"
	"net"
	"strconv"
	"time"

	"metr/internal/sandbox"
)

var gatewayPort = Attack{
	Name: "gateway-port", Class: Spying, Needs: Isolation,
	Tries: "connects from another box to the port that metr serves in one box for the gateway, takes the port over, and looks for more ports of metr",
	Holds: "the port answers in its own box alone, and only while metr serves it",
	Payload: func(in *Inside) {
		dial := func(port string) error {
			c, err := net.DialTimeout("tcp", "127.0.0.1:"+port, 300*time.Millisecond)
			if err != nil {
				return err
			}
			defer c.Close()
			_, err = c.Write([]byte(in.Arg(0)))
			return err
		}
		if in.Arg(0) == "own" {
			in.tries++
			if err := dial(in.Arg(1)); err != nil {
				in.Say("own port: %v", err)
			}
			in.Try("take the port over", func() error {
				l, err := net.Listen("tcp", "127.0.0.1:"+in.Arg(1))
				if err == nil {
					l.Close()
				}
				return err
			})
		} else {
			in.Try("connect to another box's port", func() error { return dial(in.Arg(1)) })
		}
		in.Try("connect to another port of metr", func() error { return dial(in.Arg(2)) })
	},
	Check: func(h *Host) {
		a, b := h.Open(specOf()), h.Open(specOf())
		serves, ok := a.(sandbox.Listener)
		if !ok {
			panic(absent("the sandbox serves no ports in its boxes"))
		}
		l, err := serves.Listen(h.ctx, 0)
		must(err)
		defer l.Close()
		other, err := net.Listen("tcp", "127.0.0.1:0")
		must(err)
		defer other.Close()
		came := make(chan string, 16)
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				buf := make([]byte, 16)
				_ = c.SetReadDeadline(time.Now().Add(time.Second))
				n, _ := c.Read(buf)
				c.Close()
				came <- string(buf[:n])
			}
		}()
		port := func(l net.Listener) string { return strconv.Itoa(l.Addr().(*net.TCPAddr).Port) }
		h.Run(b, "foreign", port(l), port(other))
		h.Run(a, "own", port(l), port(other))
		for {
			select {
			case who := <-came:
				if who == "own" {
					return
				}
				h.Broken("the port was reached from the %s box", who)
			case <-time.After(time.Second):
				panic(ours{errNoOneCame})
			}
		}
	},
}

var errNoOneCame = errors.New("the port did not answer in its own box: nothing was tried")
