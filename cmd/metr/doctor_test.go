package main

import (
	"runtime"
	"strings"
	"testing"
)

// What is not there comes with what to do, and does not make another sandbox
// unusable.
func TestSandboxChecks(t *testing.T) {
	c := runtimeCheck(t.Context(), "no-such-runtime")
	if c.OK || c.Needed || !strings.Contains(c.Fix, "`apt-get install no-such-runtime`") {
		t.Errorf("%+v", c)
	}
	for _, x := range []struct{ host, image, want string }{
		{"unix:///nowhere/docker.sock", "", "no daemon answers at unix:///nowhere/docker.sock: start Docker, or set DOCKER_HOST"},
		{"no address", "", ""},
	} {
		t.Setenv("DOCKER_HOST", x.host)
		t.Setenv(imageVariable, x.image)
		checks, any := (&app{}).sandboxChecks(t.Context())
		last := checks[len(checks)-1]
		if last.Name != "sandbox docker" || last.OK || !strings.Contains(last.Fix, x.want) || last.Fix == "" {
			t.Errorf("%+v", last)
		}
		if runtime.GOOS == "linux" && !any {
			t.Errorf("no sandbox works here: %+v", checks)
		}
	}
}
