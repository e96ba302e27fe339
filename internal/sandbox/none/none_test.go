package none_test

import (
	"testing"

	"metr/internal/sandbox/none"
	"metr/internal/sandbox/sandboxtest"
)

func TestConformance(t *testing.T) {
	sandboxtest.Run(t, none.Backend{}, sandboxtest.Traits{NoIsolation: true})
}
