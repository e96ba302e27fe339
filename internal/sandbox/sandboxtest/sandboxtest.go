// Package sandboxtest is the conformance suite that every sandbox backend
// passes. Backends that promise no isolation say so in Traits and are held to
// the rest.
package sandboxtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"metr/internal/sandbox"
	"metr/internal/task"
)

// Traits are what a backend does not promise.
type Traits struct {
	NoIsolation bool   // files, network, processes and memory of the host are within reach
	OpenInit    bool   // a command can read the environment of its box's process 1, which is its own
	UID         string // who commands run as, as they see it; "" for 1000
}

// Run holds b to the contract of package sandbox.
func Run(t *testing.T, b sandbox.Backend, traits Traits) {
	Brief(t, b, traits)
	s := suite{b, traits}
	t.Run("limits", s.limits)
	t.Run("several commands", s.several)
	t.Run("cpu", s.cpu)
	if traits.NoIsolation {
		return
	}
	t.Run("isolated limits", s.isolatedLimits)
	t.Run("nothing survives", s.survivors)
	t.Run("boxes are apart", s.apart)
}

// Brief is the part of Run that can differ between images and runtimes of a
// backend which has passed Run with one of them: how programs start, are ended
// and talk, what they see, and which files.
func Brief(t *testing.T, b sandbox.Backend, traits Traits) {
	s := suite{b, traits}
	t.Run("exec", s.exec)
	t.Run("streams", s.streams)
	t.Run("environment", s.environment)
	t.Run("files", s.files)
	t.Run("files elsewhere", s.elsewhere)
	t.Run("cancel", s.cancel)
	t.Run("layers", s.layers)
	t.Run("listen", s.listen)
	if !traits.NoIsolation {
		t.Run("isolation", s.isolation)
	}
}

type suite struct {
	b      sandbox.Backend
	traits Traits
}

func (s suite) open(t *testing.T, spec sandbox.Spec) sandbox.Box {
	t.Helper()
	box, err := s.b.Open(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { box.Close() })
	return box
}

func run(t *testing.T, b sandbox.Box, c sandbox.Cmd) sandbox.Result {
	t.Helper()
	r, err := sandbox.Exec(t.Context(), b, c)
	if err != nil {
		t.Fatalf("%v: %v", c.Args, err)
	}
	return r
}

func sh(script string) sandbox.Cmd {
	return sandbox.Cmd{Args: []string{"sh", "-c", script}, Limits: task.Limits{Wall: 30 * time.Second}}
}

func (s suite) exec(t *testing.T) {
	b := s.open(t, sandbox.Spec{})
	for _, c := range []struct {
		cmd  sandbox.Cmd
		want string
	}{
		{sh("exit 0"), "exit status 0"},
		{sh("exit 7"), "exit status 7"},
		{sh("kill -SEGV $$"), "killed by SIGSEGV"},
		{sandbox.Cmd{Args: []string{"no-such-program"}}, "not found"},
		{sandbox.Cmd{Args: []string{"/etc"}}, "not found"},
	} {
		if got := run(t, b, c.cmd).String(); got != c.want {
			t.Errorf("%v: %s, want %s", c.cmd.Args, got, c.want)
		}
	}
}

func (s suite) streams(t *testing.T) {
	b := s.open(t, sandbox.Spec{})
	c := sh("cat; echo err >&2")
	c.Stdin = strings.NewReader("in\n")
	if r := run(t, b, c); string(r.Stdout) != "in\n" || string(r.Stderr) != "err\n" || r.StdoutN != 3 {
		t.Errorf("got %q %q %d", r.Stdout, r.Stderr, r.StdoutN)
	}
	var out strings.Builder
	c = sh("echo to the writer")
	c.Stdout = &out
	if r := run(t, b, c); out.String() != "to the writer\n" || r.Stdout != nil {
		t.Errorf("writer got %q, result %q", out.String(), r.Stdout)
	}
	// A flood is cut and counted.
	c = sh("yes | head -c 3000000")
	c.Limits.Output = 1000
	if r := run(t, b, c); len(r.Stdout) != 1000 || r.StdoutN != 3_000_000 {
		t.Errorf("flood: kept %d of %d, want 1000 of 3000000", len(r.Stdout), r.StdoutN)
	}
	// A command that does not read its input ends all the same.
	c = sh("exit 3")
	c.Stdin = strings.NewReader(strings.Repeat("x", 1<<20))
	if r := run(t, b, c); r.Code != 3 {
		t.Errorf("unread input: %v", r)
	}
}

func (s suite) environment(t *testing.T) {
	t.Setenv("METR_SECRET_KEY", "sk-do-not-tell")
	b := s.open(t, sandbox.Spec{})
	c := sh("env")
	c.Env = []string{"ADDED=yes"}
	r := run(t, b, c)
	if strings.Contains(string(r.Stdout), "sk-do-not-tell") {
		t.Error("the host's environment is in the box")
	}
	for _, want := range []string{"ADDED=yes", "TZ=UTC", "PYTHONHASHSEED=0"} {
		if !strings.Contains(string(r.Stdout), want+"\n") {
			t.Errorf("%s is missing in\n%s", want, r.Stdout)
		}
	}
}

func (s suite) files(t *testing.T) {
	b := s.open(t, sandbox.Spec{})
	tree := task.Tree{
		"a.txt":         {Mode: 0o644, Data: []byte("one\n")},
		"bin/run.sh":    {Mode: 0o755, Data: []byte("#!/bin/sh\necho ran\n")},
		"odd/ü \n\"q\"": {Mode: 0o600, Data: []byte{0, 1, 255}},
		"link":          {Mode: 0o777, Link: "a.txt"},
	}
	if err := b.Put(t.Context(), sandbox.Work, tree); err != nil {
		t.Fatal(err)
	}
	c := sh("./bin/run.sh && cat link && echo more >>a.txt && rm odd/* && mkdir -p n/e/w && echo 1 >n/e/w/f")
	c.Dir = sandbox.Work
	if r := run(t, b, c); string(r.Stdout) != "ran\none\n" {
		t.Fatalf("%v %q %q", r, r.Stdout, r.Stderr)
	}
	got, err := b.Get(t.Context(), sandbox.Work, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	p := task.Diff(tree, got)
	var names []string
	for _, c := range p.Changes {
		names = append(names, fmt.Sprint(c.Path, c.Delete))
	}
	if fmt.Sprint(names) != fmt.Sprint([]string{"a.txtfalse", "n/e/w/ffalse", "odd/ü \n\"q\"true"}) {
		t.Errorf("changes: %q", names)
	}
	// Put replaces, also through what a command left.
	run(t, b, sandbox.Cmd{Args: []string{"sh", "-c", "rm a.txt; ln -s /etc/passwd a.txt"}, Dir: sandbox.Work})
	if err := b.Put(t.Context(), sandbox.Work, task.Tree{"a.txt": {Mode: 0o644, Data: []byte("two")}}); err != nil {
		t.Fatal(err)
	}
	if r := run(t, b, sandbox.Cmd{Args: []string{"cat", "a.txt"}, Dir: sandbox.Work}); string(r.Stdout) != "two" {
		t.Errorf("after Put: %q", r.Stdout)
	}
	run(t, b, sandbox.Cmd{Args: []string{"sh", "-c", "head -c 100000 /dev/zero >big"}, Dir: sandbox.Work})
	if _, err := b.Get(t.Context(), sandbox.Work, 50_000); !errors.Is(err, sandbox.ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
}

// elsewhere holds Put and Get to any folder, and to names of any bytes.
func (s suite) elsewhere(t *testing.T) {
	b := s.open(t, sandbox.Spec{})
	const dir = "/srv/metr-test/app"
	tree := task.Tree{"d/f": {Mode: 0o644, Data: []byte("one")}, "l": {Mode: 0o777, Link: "/etc/passwd"}}
	if err := b.Put(t.Context(), dir, tree); err != nil {
		t.Fatal(err)
	}
	c := sh("cat d/f")
	c.Dir = b.Path(dir)
	if r := run(t, b, c); string(r.Stdout) != "one" || !r.OK() {
		t.Errorf("%v %q %q", r, r.Stdout, r.Stderr)
	}
	got, err := b.Get(t.Context(), dir, 1<<20)
	if err != nil || len(got) != 2 || string(got["d/f"].Data) != "one" || got["l"].Link != "/etc/passwd" {
		t.Errorf("got %v %v", got, err)
	}
	run(t, b, sandbox.Cmd{Args: []string{"python3", "-I", "-S", "-c", `open(b"\xff\n\xfe", "w").write("x")`}, Dir: b.Path(sandbox.Work)})
	if got, err = b.Get(t.Context(), sandbox.Work, 1<<20); err != nil || string(got["\xff\n\xfe"].Data) != "x" {
		t.Errorf("a name that is not text: %v %v", got, err)
	}
	if got, err = b.Get(t.Context(), "/work/none", 1<<20); err != nil || len(got) != 0 {
		t.Errorf("a folder that is not there: %v %v", got, err)
	}
}

func (s suite) limits(t *testing.T) {
	b := s.open(t, sandbox.Spec{})
	c := sh("sleep 20")
	c.Limits = task.Limits{Wall: 300 * time.Millisecond}
	if r := run(t, b, c); r.End != sandbox.TimedOut {
		t.Errorf("sleep: %v", r)
	}
	c = sh("trap '' TERM INT HUP XCPU; while :; do :; done")
	c.Limits = task.Limits{CPU: 300 * time.Millisecond, Wall: 30 * time.Second}
	if r := run(t, b, c); r.End != sandbox.CPUExceeded {
		t.Errorf("spin: %v", r)
	}
}

func (s suite) cancel(t *testing.T) {
	b := s.open(t, sandbox.Spec{})
	ctx, cancel := context.WithCancel(t.Context())
	p, err := b.Start(ctx, sh("sleep 60"))
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if r, err := p.Wait(); err != nil || r.End != sandbox.Killed {
		t.Errorf("cancelled: %v %v", r, err)
	}
}

func (s suite) several(t *testing.T) {
	b := s.open(t, sandbox.Spec{})
	for i := range 5 {
		if r := run(t, b, sh("echo x >>f; wc -l <f")); strings.TrimSpace(string(r.Stdout)) != fmt.Sprint(i+1) {
			t.Errorf("run %d: %q %q", i, r.Stdout, r.Stderr)
		}
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if err := b.Close(); err != nil {
		t.Error("second Close:", err)
	}
}

func (s suite) cpu(t *testing.T) {
	b := s.open(t, sandbox.Spec{})
	p, err := b.Start(t.Context(), sh("while :; do :; done"))
	if err != nil {
		t.Fatal(err)
	}
	var used time.Duration
	for range 1000 {
		if used, err = p.CPU(); err != nil {
			t.Fatal(err)
		}
		if used > 50*time.Millisecond {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	p.Kill()
	r, err := p.Wait()
	if err != nil || r.End != sandbox.Killed || used <= 50*time.Millisecond || r.CPU < used {
		t.Errorf("while it ran %v, in all %v, %v %v", used, r.CPU, r, err)
	}
}

func (s suite) layers(t *testing.T) {
	host := t.TempDir()
	if err := os.WriteFile(filepath.Join(host, "f"), []byte("lower"), 0o644); err != nil {
		t.Fatal(err)
	}
	b := s.open(t, sandbox.Spec{Layers: []sandbox.Layer{{Host: host, Box: "/opt/layer"}}})
	f := b.Path("/opt/layer") + "/f"
	if r := run(t, b, sandbox.Cmd{Args: []string{"cat", f}}); string(r.Stdout) != "lower" {
		t.Errorf("read: %q %q", r.Stdout, r.Stderr)
	}
}

// listen holds boxes that serve sockets to it: what is served in a box is
// reached by its commands, one after the other, and not when it is closed.
func (s suite) listen(t *testing.T) {
	b := s.open(t, sandbox.Spec{})
	x, ok := b.(sandbox.Listener)
	if !ok {
		return // an optional power
	}
	l, err := x.Listen(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			fmt.Fprint(c, "from outside")
			c.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	ask := sandbox.Cmd{Args: []string{"python3", "-I", "-S", "-c",
		"import socket\ntry: print(socket.create_connection(('127.0.0.1', " + port + "), 5).recv(99).decode())\nexcept ConnectionRefusedError: print('refused')"}}
	for range 2 {
		if r := run(t, b, ask); string(r.Stdout) != "from outside\n" {
			t.Errorf("served: %v %q %s", r, r.Stdout, r.Stderr)
		}
	}
	if _, err := x.Listen(t.Context(), l.Addr().(*net.TCPAddr).Port); err == nil {
		t.Error("a port is served twice")
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if r := run(t, b, ask); string(r.Stdout) != "refused\n" {
		t.Errorf("closed: %v %q %s", r, r.Stdout, r.Stderr)
	}
}

func (s suite) isolation(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	host := t.TempDir()
	_ = os.Chmod(host, 0o777)
	rw, ro := filepath.Join(host, "rw"), filepath.Join(host, "ro")
	for _, d := range []string{rw, ro} {
		if err := os.Mkdir(d, 0o777); err != nil {
			t.Fatal(err)
		}
		_ = os.Chmod(d, 0o777)
	}
	b := s.open(t, sandbox.Spec{Layers: []sandbox.Layer{{Host: rw, Box: "/layers/rw", Overlay: true}, {Host: ro, Box: "/layers/ro"}}})
	for _, c := range []struct{ name, script, want string }{
		{"who", "id -u", cmp.Or(s.traits.UID, "1000") + "\n"},
		{"no capabilities", "grep CapEff /proc/self/status | cut -f2", "0000000000000000\n"},
		{"no new privileges", "grep NoNewPrivs /proc/self/status | cut -f2", "1\n"},
		{"the host's files", "ls " + host + " 2>/dev/null; ls /root /home 2>/dev/null; echo end", "/home:\nmetr\nend\n"},
		{"host name", "cat /proc/sys/kernel/hostname", "metr\n"},
		{"the host's processes", "ls -d /proc/[0-9]* | wc -l | tr -d ' '", "4\n"}, // init, sh, ls, wc at most
		{"network", "python3 -I -S -c 'import socket; socket.create_connection((\"127.0.0.1\", " + port + "), 2)' 2>&1 | tail -1", "ConnectionRefusedError: [Errno 111] Connection refused\n"},
		{"outside network", "python3 -I -S -c 'import socket; socket.create_connection((\"192.0.2.1\", 80), 2)' 2>&1 | tail -1", "OSError: [Errno 101] Network is unreachable\n"},
		{"system is read-only", "touch /usr/x 2>/dev/null || echo refused", "refused\n"},
		{"layer is read-only", "touch /layers/ro/x 2>/dev/null || echo refused", "refused\n"},
		{"overlay is writable", "touch /layers/rw/x && echo ok", "ok\n"},
		{"no mounting", "mount -t tmpfs x /tmp 2>/dev/null || echo refused", "refused\n"},
		{"no signal to init", "kill -9 1 2>/dev/null; sleep 0.1; echo alive", "alive\n"},
		{"init's secrets", "cat /proc/1/environ 2>/dev/null || echo refused", "refused\n"},
	} {
		r := run(t, b, sh(c.script))
		got := string(r.Stdout)
		if c.name == "the host's processes" && (got == "3\n" || got == "5\n") {
			continue // the shell may exec its last command, or not
		}
		if c.name == "init's secrets" && s.traits.OpenInit {
			continue
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q (%v, %s)", c.name, got, c.want, r, r.Stderr)
		}
	}
	// Ignored signals are not inherited.
	if r := run(t, b, sandbox.Cmd{Args: []string{"grep", "SigIgn", "/proc/self/status"}}); !strings.Contains(string(r.Stdout), "0000000000000000") {
		t.Errorf("ignored signals: %s (%v, %s)", r.Stdout, r, r.Stderr)
	}
	// No descriptor but the three is inherited: 3 is ls reading the folder.
	if r := run(t, b, sh("ls /proc/self/fd | wc -l")); strings.TrimSpace(string(r.Stdout)) != "4" {
		t.Errorf("open descriptors of ls: %s, want 4 (%v, %s)", r.Stdout, r, r.Stderr)
	}
	if left, _ := os.ReadDir(rw); len(left) != 0 {
		t.Error("a write to an overlay reached the host")
	}
}

func (s suite) isolatedLimits(t *testing.T) {
	b := s.open(t, sandbox.Spec{Limits: task.Limits{Memory: 200 << 20, Disk: 20 << 20, Procs: 40, FileSize: 10 << 20, Wall: 30 * time.Second}})
	if r := run(t, b, sandbox.Cmd{Args: []string{"python3", "-I", "-S", "-c", "x = []\nwhile True: x.append(bytearray(b'x' * (1<<20)))"}}); r.End != sandbox.OutOfMemory && !strings.Contains(string(r.Stderr), "MemoryError") {
		t.Errorf("memory: %v %s", r, r.Stderr)
	}
	fill := "try:\n  for i in range(6):\n    with open(f\"/tmp/{i}\", \"wb\") as f: f.write(bytes(5_000_000))\nexcept OSError as e: print(e.errno)"
	if r := run(t, b, sandbox.Cmd{Args: []string{"python3", "-I", "-S", "-c", fill}}); string(r.Stdout) != "28\n" {
		t.Errorf("disk: %v %q %s, want the error ENOSPC, 28", r, r.Stdout, r.Stderr)
	}
	run(t, b, sandbox.Cmd{Args: []string{"sh", "-c", "rm /tmp/*"}})
	if r := run(t, b, sandbox.Cmd{Args: []string{"sh", "-c", "head -c 15000000 /dev/zero >/tmp/big"}}); r.OK() {
		t.Errorf("file size: %v", r)
	}
	fork := "import os, time\nn = 0\ntry:\n  while n < 500:\n    if os.fork() == 0:\n      time.sleep(20)\n      os._exit(0)\n    n += 1\nexcept OSError as e: print(e.errno, n < 200)"
	if r := run(t, b, sandbox.Cmd{Args: []string{"python3", "-I", "-S", "-c", fork}}); string(r.Stdout) != "11 True\n" {
		t.Errorf("fork bomb: %v %q %s", r, r.Stdout, r.Stderr)
	}
	small := sandbox.Cmd{Args: []string{"python3", "-I", "-S", "-c", "x = bytearray(64 << 20)"}, Limits: task.Limits{Memory: 16 << 20, Wall: 30 * time.Second}}
	if s.b.Name() == "native" && os.Geteuid() != 0 { // a limit of the command's alone, where no cgroup has the whole box
		if r := run(t, b, small); r.OK() {
			t.Errorf("64 MiB in a command of 16 MiB: %v", r)
		}
	}
	// The box is whole after all that.
	if r := run(t, b, sandbox.Cmd{Args: []string{"true"}}); !r.OK() {
		t.Errorf("after the limits: %v", r)
	}
}

func (s suite) survivors(t *testing.T) {
	b := s.open(t, sandbox.Spec{})
	r := run(t, b, sh("(setsid sh -c 'trap \"\" TERM HUP; sleep 2; echo late >/work/late' &) ; (nohup sleep 100 >/dev/null 2>&1 &) ; exit 0"))
	if !r.OK() {
		t.Fatalf("%v %s", r, r.Stderr)
	}
	if r := run(t, b, sh("sleep 2.5; ls /work")); len(r.Stdout) != 0 {
		t.Errorf("a process outlived its command and wrote %q", r.Stdout)
	}
}

func (s suite) apart(t *testing.T) {
	a, b := s.open(t, sandbox.Spec{}), s.open(t, sandbox.Spec{})
	run(t, a, sh("echo secret >/work/s; echo secret >/tmp/s; echo secret >/dev/shm/s"))
	if r := run(t, b, sh("cat /work/s /tmp/s /dev/shm/s 2>/dev/null; echo end")); string(r.Stdout) != "end\n" {
		t.Errorf("one box reads another's files: %q", r.Stdout)
	}
}
