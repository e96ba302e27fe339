//go:build linux

package attack

import (
	"os"
	"time"

	"metr/internal/sandbox"
)

var times = Attack{
	Name: "file-times", Class: Poisoning, Needs: Contract,
	Tries: "gives its files times in the future and the far past, so that a build or a cache in the next box takes them for fresh",
	Holds: "times do not cross: files laid into the next box are as old as that",
	Payload: func(in *Inside) {
		in.tries++
		dir := in.Arg(0)
		if in.Arg(1) == "set" {
			for name, t := range map[string]time.Time{"future": time.Now().AddDate(20, 0, 0), "past": time.Unix(86400, 0)} {
				if err := os.WriteFile(dir+"/"+name, []byte("x"), 0o644); err != nil {
					in.Say("%v", err)
				}
				_ = os.Chtimes(dir+"/"+name, t, t)
			}
			return
		}
		for _, name := range []string{"future", "past"} {
			st, err := os.Stat(dir + "/" + name)
			if err != nil {
				in.Say("%v", err)
			} else if age := time.Since(st.ModTime()); age > time.Hour || age < -time.Minute {
				in.Breach("%s has the time %v", name, st.ModTime().UTC())
			}
		}
	},
	Check: func(h *Host) {
		a, b := h.Open(specOf()), h.Open(specOf())
		h.Run(a, a.Path(sandbox.Work), "set")
		tree, ok := h.Get(a, sandbox.Work, 1<<20)
		if !ok {
			return
		}
		if len(tree) != 2 {
			panic(ours{errNoLastLine})
		}
		must(b.Put(h.ctx, sandbox.Work, tree))
		h.Run(b, b.Path(sandbox.Work), "look")
	},
}
