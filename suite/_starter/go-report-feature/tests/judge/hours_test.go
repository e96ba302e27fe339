package judge

import "testing"

// Line mirrors summary.Line.
type Line struct {
	Name    string
	Minutes int
}

// Entry mirrors entry.Entry.
type Entry struct {
	Day     string
	Minutes int
	Project string
	Note    string
	Tags    []string
}

const sheet = `2026-03-03 90 website fix the header #urgent #css
2026-03-02 30 office sort letters
2026-03-02 45 website #css colours

2026-02-28 15 office call #urgent
`

func TestTypicalAsBefore(t *testing.T) {
	s := subject(t)
	s.Call("Run", []string{}, sheet).Want("website       2:15\noffice        0:45\ntotal         3:00\n")
	s.Call("Run", []string{"-project", "office"}, sheet).Want("office        0:45\ntotal         0:45\n")
	s.Call("Run", []string{"-by", "project", "-format", "text"}, sheet).
		Want("website       2:15\noffice        0:45\ntotal         3:00\n")
}

func TestTypicalTagsOfEntries(t *testing.T) {
	s := subject(t)
	var got []Entry
	s.Call("Entries", sheet).Into(&got)
	want := []Entry{
		{"2026-03-03", 90, "website", "fix the header", []string{"urgent", "css"}},
		{"2026-03-02", 30, "office", "sort letters", nil},
		{"2026-03-02", 45, "website", "colours", []string{"css"}},
		{"2026-02-28", 15, "office", "call", []string{"urgent"}},
	}
	compare(s, got, want)
}

// compare takes no tags and an empty list of tags for the same.
func compare(s *S, got, want []Entry) {
	for i := range got {
		if len(got[i].Tags) == 0 {
			got[i].Tags = nil
		}
	}
	s.Equal(got, want, "entries")
}

func TestTypicalByTag(t *testing.T) {
	s := subject(t)
	s.Call("Lines", sheet, []string{"tag"}).Want([][]Line{{{"css", 135}, {"urgent", 105}, {"(none)", 30}}})
}

func TestTypicalByDay(t *testing.T) {
	s := subject(t)
	s.Call("Lines", sheet, []string{"day"}).
		Want([][]Line{{{"2026-02-28", 15}, {"2026-03-02", 75}, {"2026-03-03", 90}}})
	s.Call("Run", []string{"-by", "day"}, sheet).
		Want("2026-02-28    0:15\n2026-03-02    1:15\n2026-03-03    1:30\ntotal         3:00\n")
}

func TestTypicalCSV(t *testing.T) {
	s := subject(t)
	s.Call("CSV", []Line{{"website", 135}, {"office", 45}}, 180).
		Want("name,minutes\nwebsite,135\noffice,45\ntotal,180\n")
	s.Call("Run", []string{"-format", "csv"}, sheet).
		Want("name,minutes\nwebsite,135\noffice,45\ntotal,180\n")
}

func TestEdgeWordsThatAreNoTags(t *testing.T) {
	s := subject(t)
	var got []Entry
	s.Call("Entries", `2026-03-02 1 #home a # b #a,b ##c #d! e#f #g_h #i.
2026-03-02 2 p #X-1 #überfall #x-1 #ÜBERFALL rest #2
2026-03-02 3 p #- #a`).Into(&got)
	compare(s, got, []Entry{
		{"2026-03-02", 1, "#home", "a # b #a,b ##c #d! e#f #g_h #i.", nil},
		{"2026-03-02", 2, "p", "rest", []string{"x-1", "überfall", "2"}},
		{"2026-03-02", 3, "p", "", []string{"-", "a"}},
	})
}

func TestEdgeTagTwiceInOneEntry(t *testing.T) {
	s := subject(t)
	s.Call("Lines", "2026-03-02 10 p #a #A x #a\n2026-03-02 15 p #b", []string{"tag"}).
		Want([][]Line{{{"b", 15}, {"a", 10}}})
}

func TestEdgeSameSums(t *testing.T) {
	s := subject(t)
	s.Call("Lines", "2026-03-02 10 p #b #c\n2026-03-02 10 q\n2026-03-02 10 p #a", []string{"tag"}).
		Want([][]Line{{{"(none)", 10}, {"a", 10}, {"b", 10}, {"c", 10}}})
}

func TestEdgeEmptySheet(t *testing.T) {
	s := subject(t)
	for _, by := range []string{"project", "tag", "day"} {
		s.Call("Run", []string{"-by", by}, "\n\n").Want("total         0:00\n")
		s.Call("Run", []string{"-by", by, "-format", "csv"}, "").Want("name,minutes\ntotal,0\n")
	}
}

func TestEdgeQuotesInCSV(t *testing.T) {
	s := subject(t)
	s.Call("CSV", []Line{{"a,b", 1}, {`say "hi"`, 2}, {"two\nlines", 3}, {"", 4}, {"x y", 5}, {"'", 6}}, 21).
		Want("name,minutes\n\"a,b\",1\n\"say \"\"hi\"\"\",2\n\"two\nlines\",3\n,4\nx y,5\n',6\ntotal,21\n")
	s.Call("Run", []string{"-format", "csv"}, `2026-03-02 7 r"d,x note`).
		Want("name,minutes\n\"r\"\"d,x\",7\ntotal,7\n")
}

func TestEdgeNoTime(t *testing.T) {
	s := subject(t)
	s.Call("Lines", "2026-03-02 0 p #a\n2026-03-03 0 p", []string{"tag", "day"}).
		Want([][]Line{{{"(none)", 0}, {"a", 0}}, {{"2026-03-02", 0}, {"2026-03-03", 0}}})
}

func TestStateTotalCountsOnce(t *testing.T) {
	s := subject(t)
	s.Call("Run", []string{"-by", "tag"}, sheet).
		Want("css           2:15\nurgent        1:45\n(none)        0:30\ntotal         3:00\n")
	s.Call("Run", []string{"-by", "tag", "-format", "csv"}, sheet).
		Want("name,minutes\ncss,135\nurgent,105\n(none),30\ntotal,180\n")
}

func TestStateOptionsTogether(t *testing.T) {
	s := subject(t)
	want := "name,minutes\ncss,135\nurgent,90\ntotal,135\n"
	for _, args := range [][]string{
		{"-project", "website", "-by", "tag", "-format", "csv"},
		{"-format", "csv", "-by", "tag", "-project", "website"},
		{"-by", "tag", "-project", "website", "-format", "csv"},
	} {
		s.Call("Run", args, sheet).Want(want)
	}
	s.Call("Run", []string{"-project", "office", "-by", "day"}, sheet).
		Want("2026-02-28    0:15\n2026-03-02    0:30\ntotal         0:45\n")
	s.Call("Run", []string{}, sheet).Want("website       2:15\noffice        0:45\ntotal         3:00\n")
}

func TestStateEntriesStay(t *testing.T) {
	s := subject(t)
	project := []Line{{"website", 135}, {"office", 45}}
	day := []Line{{"2026-02-28", 15}, {"2026-03-02", 75}, {"2026-03-03", 90}}
	tag := []Line{{"css", 135}, {"urgent", 105}, {"(none)", 30}}
	s.Call("Lines", sheet, []string{"tag", "day", "project", "tag", "day", "project"}).
		Want([][]Line{tag, day, project, tag, day, project})
}

func TestErrorUsage(t *testing.T) {
	s := subject(t)
	for _, args := range [][]string{
		{"-by", "week"}, {"-by", ""}, {"-by"}, {"-format", "xml"}, {"-format"}, {"-format", "CSV"},
		{"-by", "tag", "-format", "html"}, {"-by", "tags"}, {"-x", "y"},
	} {
		if err := s.Call("Run", args, sheet).Err(); !err.Is("ErrUsage") {
			s.Errorf("Run(%q): %v, want ErrUsage", args, err)
		}
		s.Call("Output", args, sheet).Want("")
	}
}

func TestErrorBadSheetWritesNothing(t *testing.T) {
	s := subject(t)
	for _, args := range [][]string{{}, {"-by", "tag"}, {"-format", "csv"}, {"-by", "day", "-format", "csv"}} {
		for _, in := range []string{"nonsense", sheet + "2026-03-02 x y #z\n", "2026-03-02 5"} {
			if err := s.Call("Run", args, in).Err(); !err.Is("ErrLine") {
				s.Errorf("Run(%q) of %q: %v, want ErrLine", args, in, err)
			}
			s.Call("Output", args, in).Want("")
		}
	}
}
