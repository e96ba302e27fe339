package render

import (
	"testing"

	"example.com/hours/summary"
)

func TestText(t *testing.T) {
	got := Text([]summary.Line{{Name: "website", Minutes: 90}, {Name: "x", Minutes: 605}}, 695)
	want := "website       1:30\nx            10:05\ntotal        11:35\n"
	if got != want {
		t.Errorf("Text = %q, want %q", got, want)
	}
}
