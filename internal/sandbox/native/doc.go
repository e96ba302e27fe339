// Package native is the sandbox for a plain Linux machine: no daemon, no image,
// no privilege needed. It works as root and as an ordinary user.
//
// A box is an init process of ours (this program, started again under the name
// InitName) that is process 1 of fresh mount, pid, network, ipc and uts
// namespaces. It builds a root of its own on a tmpfs of limited size, with the
// host's system folders bound read-only, pivots into it, and then starts
// commands when asked over a socket. A command runs in a user namespace nested
// below init's, as uid 1000 there, which is an unprivileged id outside, with no
// capability over the namespaces that hold it. When a command ends, init kills
// everything else in the pid namespace; when metr dies, the socket closes, init
// exits, and the kernel takes the whole box down. Files live on the tmpfs, so
// nothing is left behind, even after kill -9.
//
//	metr ──socket, pipes──> init (pid 1) ──clone(NEWUSER)──> command
//
// Limits: wall and CPU time, memory and processes by cgroup where one can be
// made (root; v1 or v2) and by resource limits with a watchdog otherwise; disk
// by the size of the tmpfs; output by the reader.
package native

// InitName is argv[0] of the process that becomes a box's init. A program that
// opens boxes calls Init first thing in main when it finds itself so named.
const InitName = "metr-init"
