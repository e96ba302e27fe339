//go:build linux

package attack

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

var setuid = Attack{
	Name: "set-uid", Class: Escape, Needs: Isolation,
	Tries: "starts su, mount, sudo and others that are set-uid root, and makes a set-uid file of its own",
	Holds: "none of them gets another user or a capability",
	Payload: func(in *Inside) {
		in.Try("gain privileges by exec", func() error {
			if n, err := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0); err != nil || n == 1 {
				return errAbsent
			}
			return nil
		})
		in.Try("setuid(0)", func() error { return call(unix.SYS_SETUID, 0) })
		in.Try("setgid(0)", func() error { return call(unix.SYS_SETGID, 0) })
		in.Try("setgroups(0)", func() error { return unix.Setgroups([]int{0}) })
		own := in.Arg(0) + "/own"
		if b, err := os.ReadFile("/bin/sleep"); err == nil && os.WriteFile(own, b, 0o755) == nil {
			in.Try("chown to root", func() error { return os.Chown(own, 0, 0) })
			_ = os.Chmod(own, 0o755|os.ModeSetuid|os.ModeSetgid)
		}
		for _, c := range [][]string{{"/bin/su"}, {"/bin/mount"}, {"/usr/bin/sudo", "-S", "true"}, {"/usr/bin/newgrp"}, {"/usr/bin/chsh"}, {own, "0.2"}} {
			if _, err := os.Stat(c[0]); err != nil {
				continue
			}
			in.Try("become root by "+c[0], func() error { return effective(c) })
		}
	},
	Check: func(h *Host) {
		box := h.Open(specOf())
		h.Run(box, box.Path("/tmp"))
	},
}

// effective starts a program and is nil if it comes to run as root or with a
// capability. Its input stays open so that one that asks for a password waits.
func effective(args []string) error {
	c := exec.Command(args[0], args[1:]...)
	hold, _ := c.StdinPipe()
	c.Stdout, c.Stderr = io.Discard, io.Discard
	if err := c.Start(); err != nil {
		return err
	}
	defer func() { _ = c.Process.Kill(); hold.Close(); _ = c.Wait() }()
	for range 10 {
		b, _ := os.ReadFile("/proc/" + itoa(c.Process.Pid) + "/status")
		for line := range strings.Lines(string(b)) {
			f := strings.Fields(line)
			if len(f) > 2 && f[0] == "Uid:" && (f[1] == "0" || f[2] == "0") || len(f) == 2 && f[0] == "CapEff:" && strings.Trim(f[1], "0") != "" {
				return nil
			}
		}
		time.Sleep(3 * time.Millisecond)
	}
	return errAbsent
}
