package site

import "testing"

func TestEmptySite(t *testing.T) {
	var s Site
	if got := s.Addresses(); len(got) != 0 {
		t.Errorf("Addresses = %q, want none", got)
	}
	if _, ok := s.Title("start"); ok {
		t.Error("an empty site has a page")
	}
}
