package judge

import (
	"strings"
	"testing"
)

// slugs checks Make for each title at that limit.
func slugs(s *S, limit int, cases map[string]string) {
	for title, want := range cases {
		if got := s.Call("Make", title, limit).Str(); got != want {
			s.Errorf("Make(%q, %d) = %q, want %q", title, limit, got, want)
		}
	}
}

func TestTypicalTitles(t *testing.T) {
	s := subject(t)
	slugs(s, 0, map[string]string{
		"Hello, World":                 "hello-world",
		"Go 1.22 release notes":        "go-1-22-release-notes",
		"  What  --  is this?! ":       "what-is-this",
		"README":                       "readme",
		"Plan (draft): part 2 of 3...": "plan-draft-part-2-of-3",
	})
}

func TestTypicalLetters(t *testing.T) {
	s := subject(t)
	slugs(s, 0, map[string]string{
		"Über Öl & Gas":       "ueber-oel-and-gas",
		"Straße nach Žďár":    "strasse-nach-z-ar",
		"Ærø, Łódź, São João": "aero-lod-sao-joao",
		"Crème brûlée":        "creme-brulee",
	})
}

func TestTypicalFits(t *testing.T) {
	s := subject(t)
	slugs(s, 40, map[string]string{
		"Hello, World": "hello-world",
		"About us":     "about-us",
	})
}

func TestEdgeCutsWholeWords(t *testing.T) {
	s := subject(t)
	slugs(s, 11, map[string]string{
		"hello world":         "hello-world",
		"hello worlds":        "hello",
		"hello world again":   "hello-world",
		"one two three":       "one-two",
		"one two thr":         "one-two-thr",
		"a b c d e f g h":     "a-b-c-d-e-f",
		"öööö öö now":         "oeoeoeoe",
		"it's a long title":   "its-a-long",
		"abcdefghijk lmnopqr": "abcdefghijk",
	})
}

func TestEdgeCutsOneLongWord(t *testing.T) {
	s := subject(t)
	slugs(s, 5, map[string]string{
		"abcdefgh":     "abcde",
		"abcdefgh ijk": "abcde",
		"äöüäöü":       "aeoeu",
		"abcde":        "abcde",
	})
	slugs(s, 1, map[string]string{"abc": "a", "a b": "a"})
}

func TestEdgeNoLimit(t *testing.T) {
	s := subject(t)
	long := strings.Repeat("word ", 200)
	want := strings.TrimSuffix(strings.Repeat("word-", 200), "-")
	slugs(s, 0, map[string]string{long: want})
	slugs(s, -1, map[string]string{long: want})
}

func TestEdgeSilentRunes(t *testing.T) {
	s := subject(t)
	slugs(s, 0, map[string]string{
		"Don't panic":            "dont-panic",
		"It’s Joe’s":             "its-joes",
		"cafe\u0301 noir":        "cafe-noir",
		"Donau\u00addampfer":     "donaudampfer",
		"' quoted '":             "quoted",
		"rock 'n' roll":          "rock-n-roll",
		"a\u0301\u0302b c\u030c": "ab-c",
	})
}

func TestEdgeAmpersand(t *testing.T) {
	s := subject(t)
	slugs(s, 0, map[string]string{
		"R&D":      "r-and-d",
		"&":        "and",
		"A & B":    "a-and-b",
		"&&":       "and-and",
		"Q&A's":    "q-and-as",
		"x &amp y": "x-and-amp-y",
	})
	slugs(s, 5, map[string]string{"R&D": "r-and"})
}

func TestEdgeNothingLeft(t *testing.T) {
	s := subject(t)
	slugs(s, 3, map[string]string{
		"":       "untitled",
		"   ":    "untitled",
		"?!...":  "untitled",
		"中文":     "untitled",
		"'’'":    "untitled",
		"中文 abc": "abc",
	})
}

func TestEdgeReserved(t *testing.T) {
	s := subject(t)
	slugs(s, 6, map[string]string{
		"Index":          "index-page",
		"search!":        "search-page",
		"Feed":           "feed-page",
		"Search engines": "search-page",
		"Feed me":        "feed-page",
		"searching":      "search-page",
		"indexes":        "indexe",
	})
	slugs(s, 0, map[string]string{"Index cards": "index-cards", "Admin": "admin-page"})
}

func TestEdgeBrokenEncoding(t *testing.T) {
	s := subject(t)
	slugs(s, 0, map[string]string{"a\x00b": "a-b", "tab\tnew\nline": "tab-new-line"})
}

func TestStateAddressesStayApart(t *testing.T) {
	s := subject(t)
	site := s.Call("NewSite").Handle()
	for _, c := range [][2]string{
		{"Hello", "hello"},
		{"hello!", "hello-2"},
		{"Hello 2", "hello-2-2"},
		{"HELLO", "hello-3"},
		{"?", "untitled"},
		{"!", "untitled-2"},
		{"Feed", "feed-page"},
		{"feed", "feed-page-2"},
	} {
		site.Call("Add", c[0]).Want(c[1])
	}
	site.Call("Title", "hello-3").Want("HELLO", true)
	site.Call("Addresses").Want([]string{
		"feed-page", "feed-page-2", "hello", "hello-2", "hello-2-2", "hello-3", "untitled", "untitled-2",
	})
}

func TestStateLongTitlesStayApart(t *testing.T) {
	s := subject(t)
	site := s.Call("NewSite").Handle()
	site.Call("Add", "Minutes of the general assembly of May").Want("minutes-of-the-general-assembly")
	site.Call("Add", "Minutes of the general assembly of June").Want("minutes-of-the-general-assembly-2")
}
