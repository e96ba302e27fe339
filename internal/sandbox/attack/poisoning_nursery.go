//go:build linux

package attack

import (
	"strings"
	"time"

	"metr/internal/task"
)

var nurseryPoison = Attack{
	Name: "warm-interpreter-poison", Class: Poisoning, Needs: Isolation,
	Limits:  task.Limits{Wall: 5 * time.Second, CPU: 4 * time.Second},
	Tries:   "from a fork of the warm interpreter: patches builtins, modules and the callers' frames, adds start-up files and modules, overwrites the interpreter's program, leaves traces and exit handlers",
	Holds:   "the next fork has the modules, the paths and the program of the start",
	Payload: noPayload,
	Check: func(h *Host) {
		n := h.Nursery()
		clean := n.fork(nurseryState)
		if !strings.HasSuffix(string(clean.Stdout), "state\n") {
			panic(ours{errNoLastLine})
		}
		n.fork(nurseryPatches)
		if again := n.fork(nurseryState); string(again.Stdout) != string(clean.Stdout) {
			h.Broken("the next fork is another one: %.300q, was %.300q", again.Stdout, clean.Stdout)
		}
	},
}

const nurseryPatches = `
import builtins, os, sys, signal, atexit, threading
for d in ('/work', '/tmp', '/home/metr', '/dev/shm', '/metr', '/home/metr/.local/lib/python3/site-packages', *[p for p in sys.path if p]):
    for name in ('sitecustomize.py', 'usercustomize.py', 'json.py', 'x.pth', 'nursery.py'):
        try:
            os.makedirs(d, exist_ok=True)
            open(d + '/' + name, 'w').write('raise SystemExit(0)')
        except OSError: pass
sys.path.insert(0, '/tmp')
sys.meta_path.insert(0, None)
sys.modules['json'] = sys
os.environ['PYTHONSTARTUP'] = '/tmp/json.py'
os.environ['LD_PRELOAD'] = '/tmp/x.so'
signal.signal(signal.SIGTERM, signal.SIG_IGN)
sys.settrace(lambda *a: None)
atexit.register(lambda: os._exit(0))
f = sys._getframe()
while f:
    for k in list(f.f_globals):
        if not k.startswith('__') and k not in ('sys', 'f', 'k'): f.f_globals[k] = None
    f = f.f_back
builtins.print = lambda *a: None
builtins.len = lambda *a: 7
try: open('/proc/self/oom_score_adj', 'w').write('1000')
except OSError: pass
`

const nurseryState = `
import builtins, os, sys, signal
print(len('abc'), sorted(sys.modules), sys.path, sys.meta_path.__len__(), dict(os.environ))
print(len.__name__, signal.getsignal(signal.SIGTERM), sys.gettrace())
import json
print(json.__name__, json.dumps([1]))
for d in ('/work', '/tmp', '/home/metr', '/dev/shm', '/metr'):
    try: print(d, sorted(os.listdir(d)), [len(open(d + '/' + n).read()) for n in sorted(os.listdir(d)) if os.path.isfile(d + '/' + n)])
    except OSError as e: print(d, e.errno)
print('state')
`
