//go:build linux

package attack

import (
	"net"
	"time"
)

var abstractSockets = Attack{
	Name: "abstract-socket", Class: Spying, Needs: Isolation,
	Tries: "connects to abstract sockets, which have no file, of the host and of another box",
	Holds: "neither is reached",
	Payload: func(in *Inside) {
		name := "@" + in.Token + "-box"
		if in.Arg(0) == "listen" {
			l, err := net.Listen("unix", name)
			if err != nil {
				in.Say("%v", err)
			} else {
				go func() {
					for {
						if c, err := l.Accept(); err == nil {
							c.Close()
						}
					}
				}()
			}
			in.Ready()
			time.Sleep(time.Minute)
		}
		for who, at := range map[string]string{"host": "@" + in.Token + "-host", "other box": name} {
			in.Try("connect to the abstract socket of the "+who, func() error {
				c, err := net.Dial("unix", at)
				if err == nil {
					c.Close()
				}
				return err
			})
		}
	},
	Check: func(h *Host) {
		l, err := net.Listen("unix", "@"+h.Token+"-host")
		must(err)
		defer l.Close()
		came := make(chan struct{}, 16)
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				c.Close()
				came <- struct{}{}
			}
		}()
		running := h.Start(h.Open(specOf()), "listen")
		h.Run(h.Open(specOf()), "connect")
		running.Kill()
		time.Sleep(30 * time.Millisecond) // for what is on its way
		if len(came) > 0 {
			h.Broken("the host's socket was reached")
		}
	},
}
