//go:build linux

package attack

import (
	"os"
	"os/signal"
	"time"

	"metr/internal/sandbox"
)

var survivors = Attack{
	Name: "survivors", Class: Denial, Needs: Isolation,
	Tries: "leaves processes behind: forked twice, in sessions of their own, deaf to signals, holding its output open",
	Holds: "the command ends at once and nothing of it is left on the host, nor writes later",
	Payload: func(in *Inside) {
		signal.Ignore()
		_ = blockSignals()
		for range 4 {
			_, _ = fork(orphans)
			_, _ = fork(sleeps)
		}
		time.Sleep(100 * time.Millisecond)
		_ = os.WriteFile(in.Arg(0)+"/late", []byte("x"), 0o644)
		in.tries++
	},
	Check: func(h *Host) {
		box := h.Open(specOf())
		r := h.Run(box, box.Path("/tmp"))
		h.ended(r, sandbox.Exited)
		if r.Wall > 15*time.Second {
			h.Broken("the command took %v since something of it held the output open", r.Wall)
		}
		h.none("when the command had ended")
	},
}
