//go:build linux

package attack

import "golang.org/x/sys/unix"

var keyrings = Attack{
	Name: "keyring", Class: Escape, Needs: Filter,
	Tries: "adds keys to the kernel's keyrings and asks for those of its user and session, which outlive a box",
	Holds: "every call is refused",
	Payload: func(in *Inside) {
		in.Denied("add_key", func() error {
			_, err := unix.AddKey("user", in.Token, []byte("x"), unix.KEY_SPEC_PROCESS_KEYRING)
			return err
		})
		in.Denied("request_key", func() error {
			_, err := unix.RequestKey("user", in.Token, "", unix.KEY_SPEC_PROCESS_KEYRING)
			return err
		})
		for name, ring := range map[string]int{"user": unix.KEY_SPEC_USER_KEYRING, "session": unix.KEY_SPEC_SESSION_KEYRING, "user session": unix.KEY_SPEC_USER_SESSION_KEYRING} {
			in.Denied("the "+name+" keyring", func() error { _, err := unix.KeyctlGetKeyringID(ring, false); return err })
		}
		in.Denied("a new session keyring", func() error { _, err := unix.KeyctlJoinSessionKeyring(in.Token); return err })
	},
}
