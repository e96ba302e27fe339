//go:build linux

package attack

import (
	"os"
	"path/filepath"
	"regexp"
	"sync"
)

var environment = Attack{
	Name: "environment", Class: Spying, Needs: Isolation,
	Tries: "reads its environment and the environments and command lines in /proc; metr and a process of the host hold a key there",
	Holds: "the key is nowhere",
	Payload: func(in *Inside) {
		for _, kv := range os.Environ() {
			in.Say("%s", kv)
		}
		paths, _ := filepath.Glob("/proc/[0-9]*/environ")
		lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, p := range append(paths, lines...) {
			if b, err := os.ReadFile(p); err == nil && filepath.Base(filepath.Dir(p)) != itoa(os.Getpid()) {
				in.find(b)
			}
		}
		in.tries++
	},
	Check: func(h *Host) {
		must(os.Setenv("METR_PLANTED_KEY", h.Secret))
		defer os.Unsetenv("METR_PLANTED_KEY")
		h.Process()
		h.secret(h.Run(h.Open(specOf())))
	},
}

// find tells the host what looks like a secret in b: it does not know which.
func (in *Inside) find(b []byte) {
	for _, s := range secretShape().FindAll(b, -1) {
		if !in.seen[string(s)] {
			if in.seen == nil {
				in.seen = map[string]bool{}
			}
			in.seen[string(s)] = true
			in.Say("%s", s)
		}
	}
}

// Secrets have a prefix by which a payload knows one when it sees it.
const secretPrefix = "metr-planted-secret-"

var secretShape = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(secretPrefix + "[0-9a-f]{32}") })

// secret wants the payload not to have told the secret.
func (h *Host) secret(r Report) {
	if r.Says(h.Secret) {
		h.Broken("it read the secret")
	}
}
