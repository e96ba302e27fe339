package native_test

import (
	"strings"
	"testing"
	"time"

	"metr/internal/sandbox"
	"metr/internal/task"
)

const warmMain = `
import collections, os, random, sys, typing
def main():
    exec(sys.stdin.read())
`

func warm(t testing.TB, l task.Limits) sandbox.Nursery {
	n, err := backend(t).(sandbox.Warmer).Warm(t.Context(), l, warmMain)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

func fork(t testing.TB, n sandbox.Nursery, src string) sandbox.Result {
	t.Helper()
	p, err := n.Start(t.Context(), sandbox.Cmd{Stdin: strings.NewReader(src)})
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.Wait()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestNursery(t *testing.T) {
	n := warm(t, task.Limits{CPU: time.Second, Wall: 10 * time.Second, Memory: 200 << 20, Disk: 64 << 20, Procs: 20})
	for _, c := range []struct {
		name, src, out string
		end            sandbox.End
		code           int
	}{
		{"runs", "print(collections.Counter('aab')['a'])", "2\n", sandbox.Exited, 0},
		{"leaves a mark", "open('/work/x','w').write('1'); open('/tmp/x','w'); sys.modules['mark'] = 1; print('ok')", "ok\n", sandbox.Exited, 0},
		{"finds none", "print(os.listdir('/work'), os.listdir('/tmp'), 'mark' in sys.modules)", "[] [] False\n", sandbox.Exited, 0},
		{"exit status", "sys.exit(7)", "", sandbox.Exited, 7},
		{"dies", "raise ValueError('x')", "", sandbox.Exited, 1},
		{"is alone", "print(os.getpid(), sorted(p for p in os.listdir('/proc') if p.isdigit()))", "1 ['1']\n", sandbox.Exited, 0},
		{"no descriptors", "print(sorted(os.listdir('/proc/self/fd'))[:4])", "['0', '1', '2', '3']\n", sandbox.Exited, 0},
		{"no network", "import socket\ntry:\n socket.create_connection(('192.0.2.1',80),1)\nexcept OSError as e: print('unreachable')", "unreachable\n", sandbox.Exited, 0},
		{"loopback", "import socket\ns=socket.create_server(('127.0.0.1',0)); c=socket.create_connection(s.getsockname()); print('up')", "up\n", sandbox.Exited, 0},
		{"no mounts", "from __main__ import _libc\nprint(_libc.mount(b'x', b'/tmp', b'tmpfs', 0, None))", "-1\n", sandbox.Exited, 0},
		{"no user namespace", "from __main__ import _libc, _CLONE\nprint(_libc.syscall(_CLONE, 0x10000011, 0, 0, 0, 0), _libc.unshare(0x10000000))", "-1 -1\n", sandbox.Exited, 0},
		{"root is read-only", "try:\n open('/x','w')\nexcept OSError as e: print(e.errno)", "30\n", sandbox.Exited, 0},
		{"no capabilities", "print([l.split()[1] for l in open('/proc/self/status') if l.startswith(('CapEff','CapPrm','NoNewPrivs','Uid'))])", "['1000', '0000000000000000', '0000000000000000', '1']\n", sandbox.Exited, 0},
		{"endless loop", "while True: pass", "", sandbox.CPUExceeded, 0},
		{"sleep", "import time; time.sleep(60)", "", sandbox.TimedOut, 0},
		{"survivor", "os.fork() or (os.setsid(), __import__('time').sleep(60))", "", sandbox.Exited, 0},
		{"memory", "x = bytearray(10**9)", "", sandbox.Exited, 1},
		{"disk", "try:\n open('/tmp/x','wb').write(bytes(100<<20))\nexcept OSError as e: print(e.errno)", "28\n", sandbox.Exited, 0},
		{"still there", "print('yes')", "yes\n", sandbox.Exited, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := fork(t, n, c.src)
			if r.End != c.end || r.Code != c.code || string(r.Stdout) != c.out {
				t.Errorf("%v (code %d), stdout %q, stderr %q; want %s, %d, %q", r, r.Code, r.Stdout, r.Stderr, c.end, c.code, c.out)
			}
		})
	}
}

func BenchmarkNursery(b *testing.B) {
	n := warm(b, task.Limits{})
	for b.Loop() {
		if r := fork(b, n, ""); !r.OK() {
			b.Fatal(r)
		}
	}
}
