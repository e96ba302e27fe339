// Package oci is the sandbox that takes an image and a container runtime, and
// no daemon: crun or runc, whichever is on PATH. The image comes from a registry,
// a docker-archive file or an OCI layout folder; it is unpacked once. Without an
// image the box has the host's own programs, read-only, as a native box has.
//
// The flow. Open starts a stage: this program, again, as process 1 of fresh
// mount, pid, network, ipc and uts namespaces (and of a user namespace, where
// metr is not root). The stage puts the box's files together on a tmpfs of
// limited size: the image below an overlay, the layers, /work, /home/metr and
// /tmp. For each command it writes a config.json and starts the runtime; process
// 1 of the container is this program once more, which starts the command, reaps
// orphans and tells how it ended over a pipe of its own.
//
//	metr ──socket──> stage ──crun run──> init (pid 1) ──> command
//
// A container for each command, over files that the box keeps, instead of one
// container with an exec for each command: what a command leaves running dies
// with its container, whatever it is; nothing of ours has to find it. The price
// is the runtime's start for each command and not for each box, and boxes of METR
// run one to three commands; bench/sandbox measures it.
//
// When metr dies, the socket closes, the stage exits, and the kernel takes
// the stage's pid namespace down, with the runtime and the container; all files
// but the unpacked image lie on the stage's tmpfs and go too.
//
// Limits are those of package native, by the same means: a cgroup around the
// stage where one can be made, resource limits and a watch over their sum
// otherwise.
//
// runsc (gVisor) is not driven yet: with a user namespace in its configuration
// it fails here to start its own helper.
//
// It is not for running an image's own entry point: entry point, user, volumes
// and ports of the image are ignored, its environment is kept.
package oci

// The names under which this program is started again. A program that opens
// boxes calls Init first thing in main.
const (
	stageName = "metr-oci-stage" // argv[0]
	initName  = "metr-oci-init"  // argv[1]; argv[0] is initPath
	limitName = "metr-oci-limit" // argv[1] of a command to be, in its container
	initPath  = "/proc/self/fd/3"
)

// Config says what boxes are made of.
type Config struct {
	Runtime string                        // crun, runc or a path of one; "" takes the first found
	Image   string                        // a reference, a docker-archive file, an OCI layout folder; "" for the host's programs
	Cache   string                        // a folder for unpacked images
	Notice  func(format string, a ...any) // told what takes long; may be nil
}
