//go:build linux

package attack

import "golang.org/x/sys/unix"

var mounting = Attack{
	Name: "mount", Class: Escape, Needs: Isolation, Fenced: true,
	Tries: "mounts file systems over its own, unmounts /proc, makes /usr writable, by the old calls and the new ones",
	Holds: "every call is refused",
	Payload: func(in *Inside) {
		in.Denied("mount a tmpfs", func() error { return unix.Mount("x", "/tmp", "tmpfs", 0, "") })
		in.Denied("mount a proc", func() error { return unix.Mount("x", "/tmp", "proc", 0, "") })
		in.Denied("bind /", func() error { return unix.Mount("/", "/tmp", "", unix.MS_BIND|unix.MS_REC, "") })
		in.Denied("make /usr writable", func() error { return unix.Mount("", "/usr", "", unix.MS_REMOUNT|unix.MS_BIND, "") })
		in.Denied("unmount /proc", func() error { return unix.Unmount("/proc", unix.MNT_DETACH) })
		in.Denied("fsopen", func() error { _, err := unix.Fsopen("tmpfs", 0); return err })
		in.Denied("open_tree", func() error {
			_, err := unix.OpenTree(unix.AT_FDCWD, "/usr", unix.OPEN_TREE_CLONE)
			return err
		})
		in.Denied("move_mount", func() error { return unix.MoveMount(unix.AT_FDCWD, "/usr", unix.AT_FDCWD, "/tmp", 0) })
		in.Denied("mount_setattr", func() error {
			return unix.MountSetattr(unix.AT_FDCWD, "/usr", 0, &unix.MountAttr{Attr_clr: unix.MOUNT_ATTR_RDONLY})
		})
	},
}
