//go:build linux

package attack

import "golang.org/x/sys/unix"

var perf = Attack{
	Name: "perf", Class: Escape, Needs: Filter,
	Tries: "opens performance counters, of itself and of the machine",
	Holds: "the call is refused",
	Payload: func(in *Inside) {
		attr := unix.PerfEventAttr{Type: unix.PERF_TYPE_SOFTWARE, Config: unix.PERF_COUNT_SW_CPU_CLOCK, Size: unix.PERF_ATTR_SIZE_VER1, Bits: unix.PerfBitExcludeKernel}
		in.Denied("count its own time", func() error { _, err := unix.PerfEventOpen(&attr, 0, -1, -1, 0); return err })
		in.Denied("count the machine's", func() error { _, err := unix.PerfEventOpen(&attr, -1, 0, -1, 0); return err })
	},
}
