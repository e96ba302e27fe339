package judge

import (
	"strings"
	"testing"
)

const secret = "the neighbour's diary"

// open makes a world with a store on anna's folder and secrets beside it.
func open(s *S) *Handle {
	w := s.Call("NewWorld", "anna", false).Handle()
	w.Call("Put", "anna/note.txt", "anna's note").OK()
	w.Call("Put", "anna/sub/deep.txt", "anna's deep note").OK()
	w.Call("Put", "anna-private/diary.txt", secret).OK()
	w.Call("Put", "bert/diary.txt", secret).OK()
	w.Call("Put", "top.txt", secret).OK()
	return w
}

// refuse checks that the store neither reads, lists nor writes through names,
// and that the files beside the root are as before.
func refuse(s *S, w *Handle, names ...string) {
	for _, n := range names {
		if r := w.Call("Read", n); !r.Failed() {
			s.Errorf("Read(%q) gave %q, want an error", n, r.Str())
		}
		if r := w.Call("List", n); !r.Failed() {
			s.Errorf("List(%q) succeeded, want an error", n)
		}
		if r := w.Call("Write", n, "overwritten"); !r.Failed() {
			s.Errorf("Write(%q) succeeded, want an error", n)
		}
	}
	for _, file := range []string{"top.txt", "bert/diary.txt", "anna-private/diary.txt"} {
		if got := w.Call("Look", file).Str(); got != secret {
			s.Errorf("%s was changed to %q", file, got)
		}
	}
	for _, file := range []string{"new.txt", "bert/new.txt", "bert/new/a.txt", "anna-private/new.txt"} {
		if got := w.Call("Look", file).Str(); got != "" {
			s.Errorf("%s was created outside the root", file)
		}
	}
}

func TestTypicalReadWriteList(t *testing.T) {
	s := subject(t)
	w := open(s)
	w.Call("Read", "note.txt").Want("anna's note")
	w.Call("Read", "sub/deep.txt").Want("anna's deep note")
	w.Call("Write", "new/folder/a.txt", "fresh").OK()
	w.Call("Look", "anna/new/folder/a.txt").Want("fresh")
	w.Call("Write", "note.txt", "changed").OK()
	w.Call("Read", "note.txt").Want("changed")
	w.Call("List", ".").Want([]string{"new/", "note.txt", "sub/"})
	w.Call("List", "sub").Want([]string{"deep.txt"})
}

func TestEdgeOddButHarmlessNames(t *testing.T) {
	s := subject(t)
	w := open(s)
	for _, n := range []string{"notes..txt", "..a", "a..", "...", ".hidden", "sub/..b", "a b~c", "sub/.../x"} {
		if w.Call("Write", n, "text of "+n).Failed() {
			s.Errorf("Write(%q) failed", n)
			continue
		}
		if got := w.Call("Read", n).Str(); got != "text of "+n {
			s.Errorf("Read(%q) = %q", n, got)
		}
	}
}

func TestEdgeUncleanNames(t *testing.T) {
	s := subject(t)
	w := open(s)
	for _, n := range []string{"sub//deep.txt", "./sub/deep.txt", "sub/./deep.txt", ".//sub/deep.txt"} {
		w.Call("Read", n).Want("anna's deep note")
	}
}

func TestEdgeLinksInside(t *testing.T) {
	s := subject(t)
	w := open(s)
	w.Call("Link", "anna/same.txt", "note.txt").OK()
	w.Call("Link", "anna/folder", "sub").OK()
	w.Call("Link", "anna/sub/up.txt", "../note.txt").OK()
	w.Call("Link", "anna/twice", "folder").OK()
	w.Call("Read", "same.txt").Want("anna's note")
	w.Call("Read", "folder/deep.txt").Want("anna's deep note")
	w.Call("Read", "sub/up.txt").Want("anna's note")
	w.Call("Read", "twice/up.txt").Want("anna's note")
	w.Call("List", "folder").Want([]string{"deep.txt", "up.txt"})
	w.Call("Write", "folder/new.txt", "fresh").OK()
	w.Call("Look", "anna/sub/new.txt").Want("fresh")
}

func TestEdgeRootByLink(t *testing.T) {
	s := subject(t)
	w := s.Call("NewWorld", "link-to-anna", false).Handle()
	w.Call("Write", "a/b.txt", "fresh").OK()
	w.Call("Read", "a/b.txt").Want("fresh")
	w.Call("Look", "anna/a/b.txt").Want("fresh")
	w.Call("Put", "top.txt", secret).OK()
	w.Call("Link", "anna/out", "../top.txt").OK()
	if !w.Call("Read", "out").Failed() {
		s.Errorf("a link leads out of a root that is reached through a link")
	}
}

func TestEdgeRootWrittenOtherwise(t *testing.T) {
	s := subject(t)
	for _, root := range []string{"anna/", "anna", "./anna//", "anna/."} {
		w := s.Call("NewWorld", root, true).Handle()
		w.Call("Write", "a/b.txt", "fresh").OK()
		w.Call("Read", "a/b.txt").Want("fresh")
		w.Call("List", ".").Want([]string{"a/"})
	}
}

func TestErrorForbidden(t *testing.T) {
	s := subject(t)
	w := open(s)
	w.Call("Link", "anna/out", "../bert").OK()
	for _, n := range []string{"", "..", "../top.txt", "sub/../note.txt", "/etc/passwd", `sub\deep.txt`, "a\x00b", "out/diary.txt"} {
		if err := w.Call("Read", n).Err(); !err.Is("ErrForbidden") {
			s.Errorf("Read(%q): %v, want ErrForbidden", n, err)
		}
		if err := w.Call("Write", n, "x").Err(); !err.Is("ErrForbidden") {
			s.Errorf("Write(%q): %v, want ErrForbidden", n, err)
		}
	}
	if err := w.Call("List", "out").Err(); !err.Is("ErrForbidden") {
		s.Errorf("List(out): %v, want ErrForbidden", err)
	}
}

func TestErrorNotThere(t *testing.T) {
	s := subject(t)
	w := open(s)
	for _, n := range []string{"none.txt", "none/at/all.txt", "sub/none.txt"} {
		err := w.Call("Read", n).Err()
		if !err.Is("ErrNotExist") || err.Is("ErrForbidden") {
			s.Errorf("Read(%q): %v, want ErrNotExist", n, err)
		}
	}
	if err := w.Call("List", "none").Err(); !err.Is("ErrNotExist") {
		s.Errorf("List(none): %v, want ErrNotExist", err)
	}
	if err := w.Call("ReadLink", "0").Err(); !err.Is("ErrNoLink") {
		s.Errorf("ReadLink: %v, want ErrNoLink", err)
	}
}

func TestStateLinkAppearsLater(t *testing.T) {
	s := subject(t)
	w := open(s)
	w.Call("Read", "note.txt").Want("anna's note")
	w.Call("Read", "sub/deep.txt").Want("anna's deep note")
	w.Call("Link", "anna/note.txt", "../top.txt").OK()
	w.Call("Link", "anna/sub", "../bert").OK()
	for _, n := range []string{"note.txt", "sub/diary.txt", "sub/deep.txt"} {
		if r := w.Call("Read", n); !r.Failed() {
			s.Errorf("Read(%q) gave %q after a link was put there", n, r.Str())
		}
	}
	if !w.Call("Write", "note.txt", "x").Failed() {
		s.Errorf("Write went through a link that was put there later")
	}
	w.Call("Link", "anna/note.txt", "other.txt").OK()
	w.Call("Put", "anna/other.txt", "harmless").OK()
	w.Call("Read", "note.txt").Want("harmless")
}

func TestStateSharedLink(t *testing.T) {
	s := subject(t)
	w := open(s)
	token := w.Call("AddLink", "note.txt").Str()
	w.Call("ReadLink", token).Want("anna's note")
	w.Call("Link", "anna/note.txt", "WORLD/top.txt").OK()
	if r := w.Call("ReadLink", token); !r.Failed() {
		s.Errorf("a shared link gave %q after its file became a symbolic link", r.Str())
	}
}

func TestExploitDotDot(t *testing.T) {
	s := subject(t)
	w := open(s)
	refuse(s, w, "../top.txt", "../bert/diary.txt", "sub/../../top.txt", "..", "../bert", "../new.txt",
		"./../top.txt", "sub/../../bert/new.txt", "..//top.txt", "sub/..//../top.txt")
}

func TestExploitStrippedDots(t *testing.T) {
	s := subject(t)
	w := open(s)
	for _, n := range []string{"....//top.txt", "..././top.txt", "....//....//top.txt", "..../top.txt", "sub/....//....//top.txt", "....//bert/diary.txt"} {
		if r := w.Call("Read", n); !r.Failed() {
			s.Errorf("Read(%q) gave %q", n, r.Str())
		}
	}
}

func TestExploitNeighbourWithSamePrefix(t *testing.T) {
	s := subject(t)
	w := open(s)
	w.Call("Link", "anna/peek", "../anna-private").OK()
	w.Call("Link", "anna/diary.txt", "../anna-private/diary.txt").OK()
	refuse(s, w, "../anna-private/diary.txt", "../anna-private/new.txt", "../anna-private",
		"peek/diary.txt", "peek/new.txt", "peek", "diary.txt")
}

func TestExploitAbsolute(t *testing.T) {
	s := subject(t)
	w := open(s)
	top := w.Call("Abs", "top.txt").Str()
	refuse(s, w, top, "/"+top, w.Call("Abs", "bert/new.txt").Str(), "/etc/passwd", "/")
	inside := w.Call("Abs", "anna/note.txt").Str()
	if !w.Call("Read", inside).Failed() {
		s.Errorf("Read(%q) succeeded though the name is absolute", inside)
	}
	w.Call("Write", strings.TrimPrefix(top, "/"), "below the root").OK()
	w.Call("Look", "top.txt").Want(secret)
}

func TestExploitLinks(t *testing.T) {
	s := subject(t)
	w := open(s)
	w.Call("Link", "anna/file", "../top.txt").OK()
	w.Call("Link", "anna/dir", "../bert").OK()
	w.Call("Link", "anna/full", "WORLD/bert").OK()
	w.Call("Link", "anna/world", "..").OK()
	w.Call("Link", "anna/sub/far", "../../bert").OK()
	w.Call("Link", "anna/chain", "sub/far").OK()
	refuse(s, w, "file", "dir", "dir/diary.txt", "dir/new.txt", "dir/new/a.txt", "full/diary.txt", "full/new.txt",
		"world/top.txt", "world/new.txt", "sub/far/diary.txt", "chain/diary.txt", "chain", "dir/.", "dir//diary.txt")
}

func TestExploitLinkToNothing(t *testing.T) {
	s := subject(t)
	w := open(s)
	w.Call("Link", "anna/fresh.txt", "../new.txt").OK()
	w.Call("Link", "anna/full.txt", "WORLD/bert/new.txt").OK()
	w.Call("Link", "anna/folder", "../bert/new").OK()
	refuse(s, w, "fresh.txt", "full.txt", "folder/a.txt")
}
