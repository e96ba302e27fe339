// Package native is the sandbox for a plain Linux machine: no daemon, no image,
// no privilege needed. It works as root and as an ordinary user.
//
// A box is an init process of ours (package boxinit: this program, started
// again) that is process 1 of fresh user, mount, pid, network, ipc and uts
// namespaces. Its user namespace holds one user, 1000, which outside is an
// unprivileged id that no other box has (as root) or the user who runs metr; so
// nothing in a box runs as root. Init builds a root of its own on a tmpfs of
// limited size, with the host's system folders bound read-only, pivots into it,
// gives up every capability, confines itself by Landlock and a system call
// filter, and then starts commands when asked over a socket. When a command
// ends, init kills everything else in the pid namespace; when metr dies, the
// socket closes, init exits, and the kernel takes the whole box down. Files live
// on the tmpfs, so nothing is left behind, even after kill -9.
//
//	metr ──socket, pipes──> init (pid 1) ──fork, exec──> command
//
// Limits: wall and CPU time, memory and processes by cgroup where one can be
// made (root; v1 or v2) and by resource limits with a watchdog otherwise; disk
// by the size of the tmpfs; output by the reader.
//
// A nursery (Backend.Warm) is a box whose command is a Python interpreter that
// has started already: each run is a fork of it in namespaces of its own.
package native
