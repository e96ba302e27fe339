package entry

import (
	"errors"
	"testing"
)

func TestParse(t *testing.T) {
	got, err := Parse("2026-03-02 90 website fix  the header\n\n2026-03-03 5 office\n")
	if err != nil || len(got) != 2 {
		t.Fatalf("Parse = %v, %v", got, err)
	}
	if e := got[0]; e.Day != "2026-03-02" || e.Minutes != 90 || e.Project != "website" || e.Note != "fix the header" {
		t.Errorf("first entry is %+v", e)
	}
	if e := got[1]; e.Project != "office" || e.Note != "" {
		t.Errorf("second entry is %+v", e)
	}
}

func TestParseErrors(t *testing.T) {
	for _, text := range []string{"2026-03-02 90", "2026-13-02 90 x", "2026-03-02 x y", "2026-03-02 -1 y"} {
		if _, err := Parse(text); !errors.Is(err, ErrLine) {
			t.Errorf("Parse(%q): %v, want ErrLine", text, err)
		}
	}
}
