//go:build !linux

package docker

// profile leaves the daemon its own: the library has the profile on Linux only.
func profile() (string, error) { return "", nil }
