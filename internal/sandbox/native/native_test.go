package native_test

import (
	"testing"

	"metr/internal/sandbox"
	"metr/internal/sandbox/native"
	"metr/internal/sandbox/sandboxtest"
)

func backend(t testing.TB) sandbox.Backend {
	b, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func TestConformance(t *testing.T) { sandboxtest.Run(t, backend(t), sandboxtest.Traits{}) }

func BenchmarkTrue(b *testing.B) {
	s := backend(b)
	for b.Loop() {
		box, err := s.Open(b.Context(), sandbox.Spec{})
		if err != nil {
			b.Fatal(err)
		}
		if r, err := sandbox.Exec(b.Context(), box, sandbox.Cmd{Args: []string{"true"}}); err != nil || !r.OK() {
			b.Fatal(r, err)
		}
		box.Close()
	}
}
