package docker

import "os"

// alive reports whether the process exists.
func alive(pid int) bool {
	p, err := os.FindProcess(pid) // opens it, and fails where there is none
	if err != nil {
		return false
	}
	_ = p.Release()
	return true
}
