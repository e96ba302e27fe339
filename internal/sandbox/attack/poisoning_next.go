//go:build linux

package attack

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

var nextBox = Attack{
	Name: "next-box", Class: Poisoning, Needs: Isolation,
	Tries: "leaves files in every folder that it may write to, start-up files of shells and interpreters among them, for the next box",
	Holds: "the next box has none of them",
	Payload: func(in *Inside) {
		in.tries++
		if in.Arg(0) == "leave" {
			left := 0
			for _, dir := range []string{"/work", "/tmp", "/home/metr", "/home/metr/.config/go", "/home/metr/.local/lib/python3/site-packages", "/home/metr/.cache", "/var/tmp", "/dev/shm", "/run", "/cache"} {
				_ = os.MkdirAll(dir, 0o777)
				for _, name := range []string{"sitecustomize.py", ".bashrc", ".npmrc", ".pth", "env", in.Token} {
					if os.WriteFile(dir+"/"+name, []byte(in.Token), 0o777) == nil {
						left++
					}
				}
			}
			in.Say("left %d", left)
			return
		}
		for _, top := range []string{"/work", "/tmp", "/home", "/var/tmp", "/dev/shm", "/run", "/cache"} {
			_ = filepath.WalkDir(top, func(p string, d fs.DirEntry, err error) error {
				if err == nil && d.Type().IsRegular() {
					if b, _ := os.ReadFile(p); strings.Contains(string(b), in.Token) {
						in.Breach("%s of the box before is there", p)
					}
				}
				return nil
			})
		}
	},
	Check: func(h *Host) {
		first := h.Open(specOf())
		if r := h.Run(first, "leave"); !r.Says("left") || r.Says("left 0") {
			panic(ours{errNoLastLine})
		}
		beside := h.Open(specOf())
		h.Run(beside, "look")
		must(first.Close())
		h.Run(h.Open(specOf()), "look")
	},
}
