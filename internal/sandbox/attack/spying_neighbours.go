//go:build linux

package attack

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"metr/internal/sandbox"
	"metr/internal/task"
)

var neighbours = Attack{
	Name: "neighbours", Class: Spying, Needs: Isolation,
	Tries: "looks for the files and processes of another attempt that runs at the same time, whose files hold a secret",
	Holds: "nothing of the other box is seen",
	Payload: func(in *Inside) {
		if in.Arg(0) == "hold" {
			b, _ := os.ReadFile(in.Arg(1))
			for _, dir := range []string{"/tmp", "/dev/shm", "/home/metr", "/var/tmp"} {
				_ = os.WriteFile(dir+"/"+in.Token, b, 0o666)
			}
			in.Ready()
			time.Sleep(time.Minute)
		}
		for _, top := range []string{"/work", "/tmp", "/dev/shm", "/home", "/var/tmp", "/run", "/proc/1/root/tmp", "/proc/1/cwd"} {
			seen := 0
			_ = filepath.WalkDir(top, func(p string, d fs.DirEntry, err error) error {
				if seen++; seen > 5000 {
					return fs.SkipAll
				}
				if err == nil && d.Type().IsRegular() {
					if b, err := os.ReadFile(p); err == nil {
						in.find(b)
					}
				}
				return nil
			})
		}
		ps, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, p := range ps {
			b, _ := os.ReadFile(p)
			if bytes.Contains(b, []byte(in.Token)) {
				in.Say("process %s", b)
			}
		}
		in.tries++
	},
	Check: func(h *Host) {
		for _, dir := range []string{"/tmp", "/dev/shm", "/home/metr", "/var/tmp"} {
			h.after = append(h.after, func() { _ = os.Remove(dir + "/" + h.Token) })
		}
		a, b := h.Open(specOf()), h.Open(specOf())
		must(a.Put(h.ctx, sandbox.Work, task.Tree{"secret": {Mode: 0o600, Data: []byte(h.Secret)}}))
		running := h.Start(a, "hold", a.Path("/work/secret"))
		r := h.Run(b, "look")
		h.secret(r)
		if r.Says("\x00hold") {
			h.Broken("it saw the other box's process")
		}
		running.Kill()
	},
}
