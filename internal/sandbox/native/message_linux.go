package native

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"

	"metr/internal/sandbox"
	"metr/internal/task"
)

// request is what metr asks of an init; files ride beside it.
type request struct {
	Op     string // setup, start, kill, cpu, put, get
	ID     int
	Setup  *setup      `json:",omitempty"`
	Args   []string    `json:",omitempty"`
	Dir    string      `json:",omitempty"`
	Env    []string    `json:",omitempty"`
	Limits task.Limits `json:",omitzero"`
	Max    int64       `json:",omitempty"` // get: bytes
}

// setup is the first request: how to build the box.
type setup struct {
	Layers    []sandbox.Layer
	System    []string // host paths bound read-only at the same place
	Links     [][2]string
	Disk      int64
	HostUID   int // what the box's uid 1000 is outside, in init's user namespace
	HostGID   int
	UserXattr bool
	Watch     bool // no cgroup: init watches memory itself
	Memory    int64
}

// reply answers the request of the same ID.
type reply struct {
	ID     int
	Err    string          `json:",omitempty"` // the sandbox failed
	Large  bool            `json:",omitempty"` // get: more than Max
	Result *sandbox.Result `json:",omitempty"`
	CPU    time.Duration   `json:",omitempty"`
}

const maxMessage = 256 << 10

func send(c *net.UnixConn, v any, files ...*os.File) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if len(b) > maxMessage {
		return fmt.Errorf("sandbox: message of %d bytes is over %d", len(b), maxMessage)
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
func receive(c *net.UnixConn, buf []byte, v any) ([]*os.File, error) {
	oob := make([]byte, syscall.CmsgSpace(8*4))
	n, oobn, _, _, err := c.ReadMsgUnix(buf, oob)
	if err != nil {
		return nil, err
	}
	var files []*os.File
	if oobn > 0 {
		msgs, err := syscall.ParseSocketControlMessage(oob[:oobn])
		if err != nil {
			return nil, err
		}
		for _, m := range msgs {
			fds, err := syscall.ParseUnixRights(&m)
			if err != nil {
				return nil, err
			}
			for _, fd := range fds {
				syscall.CloseOnExec(fd)
				files = append(files, os.NewFile(uintptr(fd), "passed"))
			}
		}
	}
	if n == 0 {
		return files, net.ErrClosed
	}
	return files, json.Unmarshal(buf[:n], v)
}

// conn makes a net.UnixConn of a socket descriptor, which it takes over.
func conn(fd int) (*net.UnixConn, error) {
	f := os.NewFile(uintptr(fd), "control")
	defer f.Close()
	c, err := net.FileConn(f)
	if err != nil {
		return nil, err
	}
	return c.(*net.UnixConn), nil
}
