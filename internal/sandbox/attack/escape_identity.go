//go:build linux

package attack

import (
	"os"
	"strconv"
	"strings"
	"time"
)

func itoa(n int) string { return strconv.Itoa(n) }

var identity = Attack{
	Name: "identity", Class: Escape, Needs: Isolation,
	Tries: "runs in two boxes at once, while the host looks at whom its processes belong to",
	Holds: "not to root, with no capability, no way to new privileges, a system call filter, and where metr is root to another user in each box",
	Payload: func(in *Inside) {
		in.tries++
		in.Ready()
		time.Sleep(time.Minute)
	},
	Check: func(h *Host) {
		a, b := h.Open(specOf()), h.Open(specOf())
		running := []*Running{h.Start(a), h.Start(b)}
		owners := map[string]bool{}
		pids := marked(h.Token)
		for _, pid := range pids {
			st, err := os.ReadFile("/proc/" + itoa(pid) + "/status")
			must(err)
			has := map[string][]string{}
			for line := range strings.Lines(string(st)) {
				key, rest, _ := strings.Cut(line, ":")
				has[key] = append(strings.Fields(rest), "", "", "", "")
			}
			owners[has["Uid"][1]] = true
			if os.Geteuid() == 0 && (has["Uid"][1] == "0" || has["Gid"][1] == "0") {
				h.Broken("its processes are root's on the host")
			}
			for _, set := range []string{"CapEff", "CapPrm", "CapInh", "CapAmb"} {
				if strings.Trim(has[set][0], "0") != "" {
					h.Broken("it has capabilities: %s %s", set, has[set][0])
				}
			}
			if has["NoNewPrivs"][0] != "1" {
				h.Broken("no_new_privs is not set")
			}
			if has["Seccomp"][0] != "2" {
				h.Broken("no system call filter")
			}
		}
		if len(pids) < 2 {
			panic(ours{errNoLastLine})
		}
		if os.Geteuid() == 0 && len(owners) < 2 {
			h.Broken("both boxes run as the same user of the host: what one user may do to its own reaches across")
		}
		for _, r := range running {
			r.Kill()
		}
		h.tries++
	},
}
