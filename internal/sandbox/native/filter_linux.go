package native

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"slices"

	seccomp "github.com/elastic/go-seccomp-bpf"
	"github.com/elastic/go-seccomp-bpf/arch"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"metr/internal/sandbox/profile"
)

// filters are the system call filters, as the kernel takes them.
type filters struct {
	strict  []byte // of every command
	bare    []byte // the same where no cgroup counts memory: no files that only memory holds
	nursery []byte // of the interpreter that forks: strict, but for what makes a fork's namespaces
	fork    []byte // that a fork loads on top of nursery once they are made
}

// births are the calls that make namespaces and mounts.
var births = []string{"mount", "umount2", "sethostname", "unshare"}

// namespaces are the clone flags for them.
const namespaces = unix.CLONE_NEWNS | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWUSER |
	unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWCGROUP

// newFilters makes the filters of the profile that all backends share: a list of
// what is allowed. clone3 is answered with ENOSYS, since its flags cannot be seen.
func newFilters() (f filters, err error) {
	info, err := arch.GetInfo("")
	if err != nil {
		return f, fmt.Errorf("no system call filter for %s: %w", runtime.GOARCH, err)
	}
	here := func(names []string) []string {
		return slices.DeleteFunc(slices.Clone(names), func(n string) bool {
			_, ok := info.SyscallNames[n]
			return !ok
		})
	}
	shared, err := profile.New()
	if err != nil {
		return f, err
	}
	allow := seccomp.SyscallGroup{Action: seccomp.ActionAllow}
	for _, rule := range shared.Syscalls {
		if rule.Action != specs.ActAllow {
			continue
		}
		for _, name := range here(rule.Names) {
			if len(rule.Args) == 0 {
				if !slices.Contains(allow.Names, name) {
					allow.Names = append(allow.Names, name)
				}
				continue
			}
			cond, err := conditions(rule.Args)
			if err != nil {
				return f, fmt.Errorf("system call filter: %s: %w", name, err)
			}
			allow.NamesWithCondtions = append(allow.NamesWithCondtions, seccomp.NameWithConditions{Name: name, Conditions: cond})
		}
	}
	// Init limits commands that it has started, from under the filter: any process
	// may be named but init, 1. The kernel reads the low half alone.
	allow.NamesWithCondtions = append(allow.NamesWithCondtions, seccomp.NameWithConditions{
		Name: "prlimit64", Conditions: seccomp.ArgumentConditions{{Argument: 0, Operation: seccomp.BitsSet, Value: 0xfffffffe}},
	})
	absent := seccomp.SyscallGroup{Action: seccomp.ActionErrno | seccomp.Action(unix.ENOSYS), Names: []string{"clone3"}}
	if f.strict, err = assemble(seccomp.ActionErrno, absent, allow); err != nil {
		return f, err
	}
	bare := absent
	bare.Names = append(slices.Clone(absent.Names), here(profile.MemoryFiles)...)
	if f.bare, err = assemble(seccomp.ActionErrno, bare, allow); err != nil {
		return f, err
	}
	nursery := seccomp.SyscallGroup{Action: seccomp.ActionAllow, Names: append(slices.Clone(allow.Names), append(here(births), "clone")...)}
	for _, c := range allow.NamesWithCondtions {
		if c.Name != "clone" {
			nursery.NamesWithCondtions = append(nursery.NamesWithCondtions, c)
		}
	}
	if f.nursery, err = assemble(seccomp.ActionErrno, absent, nursery); err != nil {
		return f, err
	}
	deny := seccomp.SyscallGroup{Action: seccomp.ActionErrno, Names: here(append(slices.Clone(births), profile.MemoryFiles...))}
	for bit := uint64(1); bit != 0; bit <<= 1 {
		if bit&namespaces != 0 {
			deny.NamesWithCondtions = append(deny.NamesWithCondtions, seccomp.NameWithConditions{
				Name: "clone", Conditions: seccomp.ArgumentConditions{{Argument: 0, Operation: seccomp.BitsSet, Value: bit}},
			})
		}
	}
	f.fork, err = assemble(seccomp.ActionAllow, deny)
	return f, err
}

func conditions(args []specs.LinuxSeccompArg) (out seccomp.ArgumentConditions, err error) {
	for _, a := range args {
		c := seccomp.Condition{Argument: uint32(a.Index), Value: a.Value}
		switch {
		case a.Op == specs.OpEqualTo:
			c.Operation = seccomp.Equal
		case a.Op == specs.OpLessThan:
			c.Operation = seccomp.LessThan
		case a.Op == specs.OpMaskedEqual && a.ValueTwo == 0:
			c.Operation = seccomp.BitsNotSet
		default:
			return nil, fmt.Errorf("a condition %s that is not known", a.Op)
		}
		out = append(out, c)
	}
	return out, nil
}

func assemble(otherwise seccomp.Action, groups ...seccomp.SyscallGroup) ([]byte, error) {
	policy := seccomp.Policy{DefaultAction: otherwise, Syscalls: groups}
	ins, err := policy.Assemble()
	if err != nil {
		return nil, fmt.Errorf("system call filter: %w", err)
	}
	raw, err := bpf.Assemble(ins)
	if err != nil {
		return nil, fmt.Errorf("system call filter: %w", err)
	}
	var out []byte
	for _, i := range raw { // struct sock_filter
		out = binary.NativeEndian.AppendUint16(out, i.Op)
		out = append(out, i.Jt, i.Jf)
		out = binary.NativeEndian.AppendUint32(out, i.K)
	}
	return out, nil
}
