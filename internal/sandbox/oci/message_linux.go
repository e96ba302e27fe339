package oci

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"metr/internal/sandbox"
	"metr/internal/task"
)

// request is what metr asks of a stage; descriptors ride beside it.
type request struct {
	Op     string // setup, start, kill, cpu, listen
	ID     int
	Setup  *setup      `json:",omitempty"`
	Args   []string    `json:",omitempty"`
	Dir    string      `json:",omitempty"`
	Env    []string    `json:",omitempty"`
	Limits task.Limits `json:",omitzero"`
	Write  []string    `json:",omitempty"` // folders that the command may write to
	Port   int         `json:",omitempty"` // to listen at; 0 for a free one
}

// setup is the first request: how to put the box's files together.
type setup struct {
	Rootfs    string // unpacked image; "" for System and Links
	System    []string
	Links     [][2]string
	Layers    []sandbox.Layer
	Users     string // passwd of the image, with the box's user added
	Groups    string
	Runtime   runtimeProgram
	Disk      int64
	UID       int // user and group of the box, who own what it may write, as the stage sees them
	Mapping   mapping
	UserXattr bool
	Watch     bool // no cgroup: the stage watches memory itself
	Memory    int64
	Seccomp   json.RawMessage
}

// reply answers the request of the same ID.
type reply struct {
	ID     int
	Err    string          `json:",omitempty"` // the sandbox failed
	Result *sandbox.Result `json:",omitempty"`
	CPU    time.Duration   `json:",omitempty"`

	files []*os.File // that came with it; for listen one
}

// pair is a socket with two ends that keeps messages apart.
func pair() (ours *net.UnixConn, theirs *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	for _, fd := range fds {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, 2*maxMessage)
	}
	theirs = os.NewFile(uintptr(fds[1]), "control")
	ours, err = conn(fds[0])
	if err != nil {
		theirs.Close()
	}
	return ours, theirs, err
}

// conn makes a connection of a socket's descriptor, which it takes over.
func conn(fd int) (*net.UnixConn, error) {
	f := os.NewFile(uintptr(fd), "control")
	defer f.Close()
	c, err := net.FileConn(f)
	if err != nil {
		return nil, err
	}
	u, ok := c.(*net.UnixConn)
	if !ok {
		return nil, fmt.Errorf("descriptor %d is no socket of ours", fd)
	}
	return u, nil
}

func send(c *net.UnixConn, v any, files ...*os.File) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if len(b) > maxMessage {
		return fmt.Errorf("sandbox oci: a message of %d bytes is over %d", len(b), maxMessage)
	}
	var oob []byte
	if len(files) > 0 {
		fds := make([]int, len(files))
		for i, f := range files {
			fds[i] = int(f.Fd())
		}
		oob = syscall.UnixRights(fds...)
	}
	_, _, err = c.WriteMsgUnix(b, oob, nil)
	return err
}

// receive reads one message into v and returns the files that came with it.
func receive(c *net.UnixConn, buf []byte, v any) (files []*os.File, err error) {
	oob := make([]byte, syscall.CmsgSpace(8*4))
	n, oobn, _, _, err := c.ReadMsgUnix(buf, oob)
	if err != nil {
		return nil, err
	}
	messages, err := syscall.ParseSocketControlMessage(oob[:oobn])
	if err != nil {
		return nil, err
	}
	for _, m := range messages {
		fds, err := syscall.ParseUnixRights(&m)
		if err != nil {
			return nil, err
		}
		for _, fd := range fds {
			syscall.CloseOnExec(fd)
			files = append(files, os.NewFile(uintptr(fd), "passed"))
		}
	}
	if n == 0 {
		return files, net.ErrClosed
	}
	return files, json.Unmarshal(buf[:n], v)
}
