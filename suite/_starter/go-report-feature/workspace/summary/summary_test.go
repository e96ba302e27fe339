package summary

import (
	"slices"
	"testing"

	"example.com/hours/entry"
)

func TestByProject(t *testing.T) {
	entries := []entry.Entry{
		{Project: "b", Minutes: 10},
		{Project: "c", Minutes: 30},
		{Project: "a", Minutes: 5},
		{Project: "a", Minutes: 5},
	}
	want := []Line{{"c", 30}, {"a", 10}, {"b", 10}}
	if got := ByProject(entries); !slices.Equal(got, want) {
		t.Errorf("ByProject = %v, want %v", got, want)
	}
	if got := Total(entries); got != 50 {
		t.Errorf("Total = %d, want 50", got)
	}
}
