//go:build linux

package attack

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

var parentMemory = Attack{
	Name: "parent-memory", Class: Spying, Needs: Isolation,
	Tries: "reads the memory of metr, at the very place where a secret lies, and of every process that it can see",
	Holds: "the secret is not read",
	Payload: func(in *Inside) {
		pid, _ := strconv.Atoi(in.Arg(0))
		at, _ := strconv.ParseUint(in.Arg(1), 10, 64)
		b := make([]byte, 64)
		for _, p := range []int{pid, 1, os.Getppid()} {
			_, _ = unix.ProcessVMReadv(p, []unix.Iovec{{Base: &b[0], Len: 64}}, []unix.RemoteIovec{{Base: uintptr(at), Len: 64}}, 0)
			in.find(b)
			if f, err := os.Open(fmt.Sprintf("/proc/%d/mem", p)); err == nil {
				_, _ = f.ReadAt(b, int64(at))
				in.find(b)
				f.Close()
			}
		}
		all, _ := filepath.Glob("/proc/[0-9]*/maps")
		for _, p := range all {
			if filepath.Dir(p) != "/proc/"+itoa(os.Getpid()) {
				in.search(filepath.Dir(p))
			}
		}
		in.tries++
	},
	Check: func(h *Host) {
		hidden := []byte(h.Secret + strings.Repeat("#", 64))
		h.secret(h.Run(h.Open(specOf()), itoa(os.Getpid()), fmt.Sprint(uintptr(unsafe.Pointer(&hidden[0])))))
		runtime.KeepAlive(hidden)
	},
}

// search looks through the writable memory of a process, a little of each region.
func (in *Inside) search(proc string) {
	maps, err := os.Open(proc + "/maps")
	if err != nil {
		return
	}
	defer maps.Close()
	mem, err := os.Open(proc + "/mem")
	if err != nil {
		return
	}
	defer mem.Close()
	buf := make([]byte, 1<<20)
	for s := bufio.NewScanner(maps); s.Scan(); {
		from, rest, _ := strings.Cut(s.Text(), "-")
		start, err := strconv.ParseInt(from, 16, 64)
		if err != nil || !strings.Contains(rest, " rw") {
			continue
		}
		n, _ := mem.ReadAt(buf, start)
		in.find(buf[:n])
	}
}
