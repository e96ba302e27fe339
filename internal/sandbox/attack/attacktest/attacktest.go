// Package attacktest holds a backend to what it promises against the corpus of
// package attack, in the backend's own tests.
package attacktest

import (
	"slices"
	"testing"

	"metr/internal/sandbox"
	"metr/internal/sandbox/attack"
)

// Run tries the corpus, or the attacks named, each in a subtest of its own: what
// the backend does not except must hold. The test's main must call attack.Payload.
func Run(t *testing.T, b sandbox.Backend, only ...string) {
	t.Helper()
	traits := attack.Of(b)
	for name, why := range traits.Not {
		if why == "" || !slices.ContainsFunc(attack.All(), func(a *attack.Attack) bool { return a.Name == name }) {
			t.Errorf("traits except %q for %q: no such attack, or no reason", name, why)
		}
	}
	for _, a := range attack.All() {
		if len(only) > 0 && !slices.Contains(only, a.Name) {
			continue
		}
		t.Run(a.Name, func(t *testing.T) {
			var found []attack.Finding
			err := attack.Run(t.Context(), b, attack.Options{Traits: traits, Only: []string{a.Name}}, func(f attack.Finding) { found = append(found, f) })
			if err != nil || len(found) != 1 {
				t.Fatalf("%d findings, %v", len(found), err)
			}
			f := found[0]
			t.Logf("%.2f s %s %s", f.WallS, f.Status, f.Detail)
			excepted := traits.Not[a.Name] != "" || slices.Contains(traits.Lacks, a.Needs) || a.Fenced && slices.Contains(traits.Lacks, attack.Isolation)
			if ok := f.Status == attack.Held || f.Status == attack.NotHere; excepted && f.Status != attack.NotPromised || !excepted && !ok {
				t.Errorf("%s, which %s\n%s: %s", f.Attack, f.Tries, f.Status, f.Detail)
			}
		})
	}
}
