//go:build linux

package attack

import (
	"os/exec"
	"strings"
	"unsafe"

	"metr/internal/sandbox"
)

func ptr(s string) uintptr {
	b := append([]byte(s), 0)
	return uintptr(unsafe.Pointer(&b[0]))
}

var arguments = Attack{
	Name: "arguments", Class: Denial, Needs: Resources,
	Tries: "starts programs with megabytes of arguments and environment, and has a command started so",
	Holds: "it works or is refused as the program's own doing; the sandbox does not fail",
	Payload: func(in *Inside) {
		in.tries++
		if in.Arg(0) == "long" {
			return
		}
		many := make([]string, 20)
		for i := range many {
			many[i] = strings.Repeat("a", 100<<10)
		}
		for range 5 {
			c := exec.Command("/bin/true", many...)
			c.Env = many
			_ = c.Run()
		}
	},
	Check: func(h *Host) {
		box := h.Open(specOf())
		h.Run(box)
		for _, n := range []int{100 << 10, 300 << 10} { // below and above what one argument may have
			r, err := sandbox.Exec(h.ctx, box, h.command([]string{"long", strings.Repeat("b", n)}))
			if err != nil {
				h.Broken("an argument of %d bytes makes the sandbox fail: %.200v", n, err)
				continue
			}
			if !r.OK() && r.End != sandbox.NotStarted {
				h.Broken("an argument of %d bytes: %v", n, r)
			}
		}
	},
}
