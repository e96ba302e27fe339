package config

import (
	"errors"
	"testing"

	"example.com/rota/plan"
)

func TestParse(t *testing.T) {
	jobs, err := Parse(`
template base needs checkout set REGION=eu
job api from base set PORT=80
job checkout priority 3   # first of all
`)
	if err != nil {
		t.Fatal(err)
	}
	ordered, err := plan.Order(jobs)
	if err != nil {
		t.Fatal(err)
	}
	if got := plan.Print(ordered); got != "checkout\napi after checkout PORT=80 REGION=eu\n" {
		t.Errorf("got %q", got)
	}
}

func TestParseErrors(t *testing.T) {
	for _, text := range []string{"job", "task a", "job a from x", "job a priority x", "job a set X", "template t priority 3"} {
		if _, err := Parse(text); !errors.Is(err, ErrSyntax) {
			t.Errorf("Parse(%q): %v, want ErrSyntax", text, err)
		}
	}
}
