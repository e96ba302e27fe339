package main

import (
	"strings"
	"testing"

	"metr/internal/sandbox/attack"
)

// What broke is told with what must hold, and decides the exit status.
func TestAttackReport(t *testing.T) {
	for _, c := range []struct {
		statuses []attack.Status
		want     error
	}{
		{[]attack.Status{attack.Held, attack.NotPromised, attack.NotHere}, nil},
		{[]attack.Status{attack.Held, attack.Failed}, errInvalid},
		{[]attack.Status{attack.Failed, attack.Broken, attack.Held}, errNo},
	} {
		var out strings.Builder
		a := &app{stdout: &out}
		sum := attackSummary{Sandbox: "native"}
		var found []attack.Finding
		for _, s := range c.statuses {
			f := attack.Finding{Attack: "trial", Class: attack.Denial, Tries: "tries it", Holds: "it holds", Status: s, Detail: "the detail"}
			found = append(found, f)
			sum.add(f)
		}
		a.printFindings(found, sum)
		if got := sum.answer(); got != c.want {
			t.Errorf("%v: %v, want %v", c.statuses, got, c.want)
		}
		bad := strings.Contains(out.String(), "the detail\n    what must hold: it holds")
		if bad != (c.want != nil) || !strings.Contains(out.String(), "tries it") {
			t.Errorf("%v:\n%s", c.statuses, out.String())
		}
		if sum.Attacks != len(c.statuses) || sum.Held+sum.Broken+sum.Failed+sum.NotHere+sum.NotPromised != sum.Attacks {
			t.Errorf("%+v", sum)
		}
	}
}
