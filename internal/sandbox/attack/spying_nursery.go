//go:build linux

package attack

import (
	"errors"
	"strings"
	"time"

	"metr/internal/task"
)

var nurserySpy = Attack{
	Name: "warm-interpreter-spy", Class: Spying, Needs: Isolation,
	Limits:  task.Limits{Wall: 5 * time.Second, CPU: 4 * time.Second},
	Tries:   "from a fork of the warm interpreter: searches its whole memory, its objects, frames, files and descriptors for what the fork before it was given",
	Holds:   "nothing of the fork before is there",
	Payload: noPayload,
	Check: func(h *Host) {
		n := h.Nursery()
		n.fork("kept = '" + h.Secret + "' * 1000\nimport sys, builtins\nbuiltins.kept = kept\nsys.modules['kept'] = kept\nfor d in ('/work', '/tmp', '/home/metr', '/dev/shm', '/var/tmp'):\n try: open(d + '/kept', 'w').write(kept)\n except OSError: pass\nprint(len(kept))")
		if r := n.fork("kept = '" + h.Secret + "' * 2\n" + nurserySearch); !strings.Contains(string(r.Stdout), h.Secret) {
			panic(ours{errBlind})
		}
		r := n.fork(nurserySearch)
		if !strings.HasSuffix(string(r.Stdout), "searched\n") {
			panic(ours{errNoLastLine})
		}
		if strings.Contains(string(r.Stdout), h.Secret) {
			h.Broken("a fork read what the fork before it was given")
		}
	},
}

var errBlind = errors.New("the search does not find a secret that is there")

// nurserySearch prints what looks like a secret wherever it looks. The pattern
// does not match itself.
const nurserySearch = `
import os, re, gc, sys
shape = re.compile(b'metr-planted-' + b'secret-[0-9a-f]{32}')
def told(b):
    for s in set(shape.findall(b)): print(s.decode())
for line in open('/proc/self/maps'):
    at, mode = line.split()[:2]
    a, b = (int(x, 16) for x in at.split('-'))
    if mode[0] != 'r' or b - a > 1 << 28 or '[v' in line: continue
    try:
        with open('/proc/self/mem', 'rb') as f:
            f.seek(a)
            told(f.read(b - a))
    except (OSError, ValueError, OverflowError): pass
for o in gc.get_objects():
    if type(o) in (str, bytes): told(o if isinstance(o, bytes) else o.encode('utf-8', 'replace'))
for d in ('/work', '/tmp', '/home', '/dev/shm', '/var/tmp', '/metr', '/run'):
    for top, _, names in os.walk(d):
        for name in names:
            try: told(open(os.path.join(top, name), 'rb').read())
            except OSError: pass
for p in os.listdir('/proc'):
    for f in ('environ', 'cmdline', 'fd', 'mem'):
        try: told(open('/proc/' + p + '/' + f, 'rb').read(1 << 20))
        except OSError: pass
print('searched')
`
