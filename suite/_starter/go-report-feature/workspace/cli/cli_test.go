package cli

import (
	"errors"
	"strings"
	"testing"

	"example.com/hours/entry"
)

const sheet = "2026-03-02 90 website fix the header\n2026-03-02 30 office sort letters\n"

func TestRun(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "website       1:30\noffice        0:30\ntotal         2:00\n"},
		{[]string{"-project", "office"}, "office        0:30\ntotal         0:30\n"},
		{[]string{"-project", "none"}, "total         0:00\n"},
	} {
		var out strings.Builder
		if err := Run(c.args, strings.NewReader(sheet), &out); err != nil || out.String() != c.want {
			t.Errorf("Run(%q) = %q, %v, want %q", c.args, out.String(), err, c.want)
		}
	}
}

func TestRunErrors(t *testing.T) {
	var out strings.Builder
	if err := Run([]string{"-x", "y"}, strings.NewReader(sheet), &out); !errors.Is(err, ErrUsage) {
		t.Errorf("err = %v, want ErrUsage", err)
	}
	if err := Run(nil, strings.NewReader("nonsense"), &out); !errors.Is(err, entry.ErrLine) {
		t.Errorf("err = %v, want ErrLine", err)
	}
	if out.Len() > 0 {
		t.Errorf("wrote %q in spite of errors", out.String())
	}
}
