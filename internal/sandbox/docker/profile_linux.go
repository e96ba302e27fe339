package docker

import (
	"encoding/json"

	shared "metr/internal/sandbox/profile"
)

// profile is the profile that all backends share, as a daemon on a machine like
// this one takes it.
func profile() (string, error) {
	p, err := shared.New()
	if err != nil {
		return "", err
	}
	b, err := json.Marshal(p)
	return string(b), err
}
