//go:build linux

package attack

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

var bpf = Attack{
	Name: "bpf", Class: Escape, Needs: Filter,
	Tries: "makes a map for programs that run in the kernel",
	Holds: "the call is refused",
	Payload: func(in *Inside) {
		attr := struct{ kind, key, value, entries, flags uint32 }{kind: unix.BPF_MAP_TYPE_ARRAY, key: 4, value: 4, entries: 1}
		in.Denied("bpf", func() error {
			return call(unix.SYS_BPF, unix.BPF_MAP_CREATE, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr))
		})
		in.Denied("bpf with wrong arguments", func() error { return call(unix.SYS_BPF, 9999, 0, 0) })
	},
}
