package dataset

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"metr/internal/task"
)

func mirror(t *testing.T, h http.HandlerFunc) *Opener {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return &Opener{Client: srv.Client(), Cache: filepath.Join(t.TempDir(), "cache"), Mirror: srv.URL}
}

// left lists what a fetch left in the cache.
func left(t *testing.T, o *Opener) []string {
	t.Helper()
	es, err := os.ReadDir(o.Cache)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var out []string
	for _, e := range es {
		out = append(out, e.Name())
	}
	return out
}

func TestFetch(t *testing.T) {
	body, err := os.ReadFile(sharedFile(t, "humaneval/HumanEval.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int32
	o := mirror(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.URL.Path != "/HumanEval.jsonl.gz" {
			t.Errorf("asked for %s", r.URL.Path)
		}
		w.Write(body)
	})
	var done int64
	o.Progress = func(file string, n, total int64) { done = n }
	for range 2 {
		set, err := o.Open(context.Background(), "humaneval", "")
		if err != nil {
			t.Fatal(err)
		}
		if len(set.Tasks) != 164 {
			t.Fatalf("%d tasks", len(set.Tasks))
		}
	}
	if asked.Load() != 1 || done != int64(len(body)) {
		t.Errorf("asked %d times, progress at %d of %d", asked.Load(), done, len(body))
	}
	cached := filepath.Join(o.Cache, left(t, o)[0])
	if err := os.WriteFile(cached, []byte("rotten"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Open(context.Background(), "humaneval", ""); err != nil || asked.Load() != 2 {
		t.Errorf("a damaged copy in the cache: %v after %d downloads", err, asked.Load())
	}
}

func TestFetchFailures(t *testing.T) {
	for _, c := range []struct {
		name string
		h    http.HandlerFunc
		want string
	}{
		{"changed", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte(heRow)) }, "HumanEval.jsonl.gz is not the published file: "},
		{"gone", func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }, "answered 404 Not Found; without a network, name a local copy with --data FILE"},
		{"broken off", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			w.Write([]byte("x"))
		}, "broke off after 1 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := mirror(t, c.h)
			_, err := o.Open(context.Background(), "humaneval", "")
			if err == nil || !strings.HasPrefix(err.Error(), "humaneval: ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v; expected %q", err, c.want)
			}
			if l := left(t, o); len(l) != 0 {
				t.Errorf("left %v in the cache", l)
			}
		})
	}
}

type offline struct{}

func (offline) Do(*http.Request) (*http.Response, error) { return nil, errors.New("no route to host") }

func TestFetchOffline(t *testing.T) {
	o := &Opener{Client: offline{}, Cache: t.TempDir()}
	_, err := o.Open(context.Background(), "mbpp+", "")
	want := "mbpp+: MbppPlus.jsonl.gz could not be fetched: no route to host; without a network, name a local copy with --data FILE"
	if err == nil || err.Error() != want {
		t.Errorf("error\n  %v\nexpected\n  %s", err, want)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := o.Open(ctx, "mbpp+", ""); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

func TestSelect(t *testing.T) {
	s := &openShared(t, "humaneval").Suite
	ids := func(f Filter) string {
		t.Helper()
		got, err := f.Select(s)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, x := range got.Tasks {
			out = append(out, lastPart(x.ID))
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct {
		f    Filter
		want string
	}{
		{Filter{Glob: "HumanEval/1?"}, "10 11 12 13 14 15 16 17 18 19"},
		{Filter{Glob: "16*"}, "16 160 161 162 163"},
		{Filter{Glob: "**/{3,5}", Kinds: []task.Kind{task.Complete}}, "3 5"},
		{Filter{Limit: 3, Languages: []task.Language{task.Python, task.Go}}, "0 1 2"},
	} {
		if got := ids(c.f); got != c.want {
			t.Errorf("%s: %s; expected %s", c.f, got, c.want)
		}
	}
	five, ten := ids(Filter{Sample: 5, Seed: 7}), " "+ids(Filter{Sample: 10, Seed: 7})+" "
	for _, id := range strings.Fields(five) {
		if !strings.Contains(ten, " "+id+" ") {
			t.Errorf("sample of 10 (%s) lacks %s of the sample of 5", ten, id)
		}
	}
	if len(strings.Fields(five)) != 5 || five == ids(Filter{Sample: 5, Seed: 8}) {
		t.Errorf("sample %s does not depend on the seed", five)
	}
	all, _ := Filter{Sample: 1000}.Select(s)
	part, _ := Filter{Limit: 1}.Select(s)
	if all.Digest != s.Digest || part.Digest == s.Digest {
		t.Error("the digest does not follow the selection")
	}
	for _, c := range []struct {
		f    Filter
		want string
	}{
		{Filter{Glob: "x*"}, `suite humaneval: no task of its 164 is left by the pattern "x*"`},
		{Filter{Kinds: []task.Kind{task.Debug}}, `suite humaneval: no task of its 164 is left by kind [debug]`},
		{Filter{Glob: "[x"}, `"[x" is not a valid pattern of task ids; escape [ and { with a backslash`},
		{Filter{Limit: -1}, `limit -1, sample 0: expected numbers from 0`},
	} {
		if _, err := c.f.Select(s); err == nil || err.Error() != c.want {
			t.Errorf("error %v; expected %s", err, c.want)
		}
	}
	if w, g := CutGlob("humaneval/HumanEval/1*", Known); w != "humaneval" || g != "HumanEval/1*" {
		t.Errorf("cut into %q and %q", w, g)
	}
	if w, g := CutGlob("./tasks/x", Known); w != "./tasks/x" || g != "" {
		t.Errorf("cut into %q and %q", w, g)
	}
}

// TestDigest holds what does and what does not change a suite's digest.
func TestDigest(t *testing.T) {
	read := func(edit func(*task.Task)) string {
		set, err := Read("x", strings.NewReader(plusRow))
		if err != nil {
			t.Fatal(err)
		}
		edit(set.Tasks[0])
		return Digest(set.Tasks)
	}
	same := read(func(*task.Task) {})
	if got := read(func(x *task.Task) { x.Title, x.Licence, x.HumanMinutes, x.Solution = "t", "l", 3, task.Patch{} }); got != same {
		t.Error("the digest depends on what is only shown")
	}
	for name, edit := range map[string]func(*task.Task){
		"instruction": func(x *task.Task) { x.Instruction += "." },
		"limit":       func(x *task.Task) { x.Limits.CPU++ },
		"grader":      func(x *task.Task) { x.Graders[0].Required = false },
		"workspace":   func(x *task.Task) { x.Workspace["a"] = task.File{} },
		"tests":       func(x *task.Task) { x.Tests = task.Tree{"a": {}} },
		"input":       func(x *task.Task) { x.Function.PlusInput = nil },
		"tolerance":   func(x *task.Task) { x.Function.Atol = 1 },
		"reference":   func(x *task.Task) { x.Function.Reference = "" },
		"no function": func(x *task.Task) { x.Function = nil },
	} {
		if read(edit) == same {
			t.Errorf("the digest does not depend on the %s", name)
		}
	}
}
