// Package boxinit is process 1 of a native box: this very program, started
// again. It works in the package's own init function, before nearly all other
// packages of the program are initialised, which makes a box's start four times
// cheaper; so it may import nothing but syscall, strconv and unsafe, and a test
// holds that. It is single-threaded: one loop over the control socket and the
// end of the command under way.
//
//	metr ──Setup, Start, Kill, CPU, Listen──> init ──fork, exec──> command
//
// It builds the box's root, gives up every privilege, loads the system call
// filter, and only then starts commands. It is not for anything that can be
// done from outside: files are put and read by metr, through a descriptor.
package boxinit

// Env, set to 1 in a process's environment, makes it a box's init, with the
// control socket as descriptor ControlFD.
const (
	Env       = "METR_BOX_INIT"
	ControlFD = 3
)

// Environ is the environment that an init must be started with. Go's runtime is
// kept from starting threads: a command that forks until its limit could leave
// none, and would take init down.
var Environ = []string{Env + "=1", "GOGC=off", "GOMAXPROCS=1"}

// Name is argv[0] of an init, for people who look at processes.
const Name = "metr-init"

// UID is the user, and group, that commands run as, as they see it.
const UID = 1000

// The operations that metr asks for.
const (
	OpSetup  = 1 + iota // Setup; files: one for each Tree.Passed; answers with the descriptors of the box's / and of the files below it
	OpStart             // Start; files: standard input, output and error; answers with an End
	OpKill              // no answer
	OpCPU               // answers with nanoseconds
	OpListen            // a port; answers with a listening socket on the box's loopback
)

// MaxMessage is the size in bytes of the longest message.
const MaxMessage = 256 << 10

// Tree is a folder or file of the host that the box shows.
type Tree struct {
	Host, Box string
	Passed    bool // its descriptor rides with the message: init could not open it itself
	Device    bool
	Overlay   bool // writable on a layer of its own
}

// Setup says how to build the box.
type Setup struct {
	Trees    []Tree
	Links    [][2]string // path, target
	Files    [][2]string // path, text
	Writable []string    // folders for commands to write in
	Disk     int64       // bytes of everything written
	Inodes   int64       // files
	Watch    bool        // no cgroup: init watches memory itself
	Memory   int64       // bytes, where Watch
	Filter   []byte      // the system call filter as the kernel takes it; empty for none
	CPUs     []int64     // processors that commands run on; empty for all
	Landlock bool        // writing is confined to Writable by Landlock too
}

// Start says what to run.
type Start struct {
	Args, Env []string
	Dir       string
	CPU, Wall int64 // nanoseconds
	Memory    int64 // bytes of each process's data, where Setup.Watch
	FileSize  int64
	Procs     int64
	Files     int64 // open files
}

// Why a command ended by init's hand.
const (
	ByItself = iota
	ByWall
	ByCPU
	ByMemory
	ByKill
	NotStarted
)

// End says how a command ended.
type End struct {
	Why       int64
	Status    int64 // as wait4 gives it
	Wall, CPU int64 // nanoseconds
	MaxRSS    int64 // bytes
	DiskFull  bool  // no byte was left
	FilesFull bool  // no inode was left
	Message   string
}
