//go:build linux

package attack

import (
	"strings"
	"time"

	"metr/internal/sandbox"
	"metr/internal/task"
)

var nurseryKill = Attack{
	Name: "warm-interpreter-kill", Class: Denial, Needs: Isolation,
	Limits:  task.Limits{Wall: time.Second, CPU: 2 * time.Second, Procs: 24, Memory: 128 << 20},
	Tries:   "from a fork of the warm interpreter: kills, stops and starves what it descends from, takes all memory, forks, closes and floods what it inherited, forges the interpreter's messages",
	Holds:   "the next fork runs and answers as ever",
	Payload: noPayload,
	Check: func(h *Host) {
		n := h.Nursery()
		for _, a := range nurseryKills {
			n.fork("import os, sys, signal, resource, ctypes, time\n" + a)
			r := n.fork("print('well', 6 * 7)")
			if !r.OK() || strings.TrimSpace(string(r.Stdout)) != "well 42" {
				h.Broken("the next fork: %v %q %.200q, after %q", r, r.Stdout, r.Stderr, a)
			}
		}
		if r := n.fork("import time\ntime.sleep(60)"); r.End != sandbox.TimedOut {
			h.Broken("a fork that sleeps ended by %v", r)
		}
	},
}

var nurseryKills = []string{
	"os._exit(255)",
	"os.abort()",
	"ctypes.string_at(0)",
	"for s in (signal.SIGCONT, signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL):\n for p in (os.getppid(), 2, 3, 4, -1):\n  try:\n   if p > 0 or p == -1: os.kill(p, s)\n  except OSError: pass",
	"for p in (0, 1, 2, os.getppid()):\n for l in (resource.RLIMIT_NOFILE, resource.RLIMIT_AS, resource.RLIMIT_NPROC, resource.RLIMIT_CPU):\n  try: resource.prlimit(p, l, (0, 0))\n  except (OSError, ValueError): pass",
	// Forged messages of the interpreter, to whoever is at the other end.
	"for fd in range(3, 1024):\n for m in (b'started 0', b'ready', b'exited 0 0 0 0', b'\\0', b''):\n  try: os.write(fd, m)\n  except OSError: pass\nimport socket\nfor fd in range(0, 64):\n try:\n  s = socket.socket(fileno=fd)\n  s.send(b'started 0'); s.shutdown(socket.SHUT_RDWR)\n except OSError: pass\nos._exit(0)",
	"os.closerange(0, 1024)",
	"x = []\nwhile True: x.append(bytearray(b'x' * (1 << 20)))",
	"fds = []\nwhile True:\n fds.append(os.memfd_create('x'))\n for _ in range(64): os.write(fds[-1], b'x' * (1 << 20))",
	"while True:\n try: os.fork()\n except OSError: time.sleep(0.01)",
	"for i in range(20):\n if os.fork() == 0:\n  os.setsid()\n  for s in range(1, 65):\n   try: signal.signal(s, signal.SIG_IGN)\n   except (OSError, ValueError): pass\n  time.sleep(60)\nos._exit(0)",
	"while True: os.write(1, b'x' * 65536)",
}
