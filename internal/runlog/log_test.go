package runlog

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"

	"metr/internal/task"
)

var ctx = context.Background()

// attempt makes the record of one attempt; its times differ from call to call.
func attempt(name string, epoch int, o task.Outcome) task.Attempt {
	return task.Attempt{
		Task: name, Epoch: epoch, Agent: "gold", Kind: task.Debug, Language: task.Go, Outcome: o,
		Verdicts: []task.Verdict{{Grader: "tests", Axis: task.Semantics, Required: true, Status: task.Pass, Figures: json.RawMessage(`{"cpu":1}`)}},
		Started:  time.Now().UTC(), WallS: 1.5,
	}
}

func manifest() Manifest {
	return Manifest{
		Metr: "dev", Epochs: 2, Agents: []string{"gold", "nop"}, Sandbox: Sandbox{Backend: "native"},
		Suites: []Suite{SuiteOf(&task.Suite{Name: "starter", Digest: "sha256:00", Tasks: []*task.Task{{ID: "a", Version: 1}}})},
		Limits: LimitsOf(task.Limits{CPU: 1500 * time.Millisecond, Memory: 1 << 30}),
		Config: json.RawMessage(`{"jobs":2,"note":"<&>"}`), Platform: Platform{OS: "linux", Arch: "amd64"},
		Toolchains: map[string]string{"go": "1.26"},
	}
}

// must returns a function that ends the test on an error.
func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func appendAll(t testing.TB, l *Log, as ...task.Attempt) {
	t.Helper()
	for _, a := range as {
		if err := l.Append(ctx, a); err != nil {
			t.Fatal(err)
		}
	}
}

func read(l *Log) ([]task.Attempt, error) {
	var out []task.Attempt
	for a, err := range l.Attempts(ctx) {
		if err != nil {
			return out, err
		}
		out = append(out, a)
	}
	return out, nil
}

// stores are the kinds of place that every test of behaviour runs against. Each
// call of the inner function opens the same place again.
var stores = map[string]func(t *testing.T) func() *place{
	"mem": func(t *testing.T) func() *place {
		bucket := memblob.OpenBucket(nil)
		// A prefixed view may be closed without closing what it looks at.
		return func() *place { return &place{name: "mem://", bucket: blob.PrefixedBucket(bucket, "run/")} }
	},
	"file": func(t *testing.T) func() *place {
		dir := filepath.Join(t.TempDir(), "deep", "run")
		return func() *place { return must[*place](t)(openPlace(ctx, dir, true)) }
	},
	"file URL": func(t *testing.T) func() *place {
		dir := filepath.Join(t.TempDir(), "run")
		return func() *place { return must[*place](t)(openPlace(ctx, "file://"+filepath.ToSlash(dir), true)) }
	},
}

func TestConformance(t *testing.T) {
	for name, store := range stores {
		t.Run(name, func(t *testing.T) {
			t.Run("manifest", func(t *testing.T) { testManifest(t, store(t)) })
			t.Run("records", func(t *testing.T) { testRecords(t, store(t)) })
			t.Run("blobs", func(t *testing.T) { testBlobs(t, store(t)) })
			t.Run("two writers", func(t *testing.T) { testTwoWriters(t, store(t)) })
			t.Run("many", func(t *testing.T) { testMany(t, store(t)) })
			t.Run("moving", func(t *testing.T) { testReadWhileMerging(t, store(t)) })
		})
	}
}

func testManifest(t *testing.T, at func() *place) {
	l := must[*Log](t)(create(ctx, at(), manifest()))
	l.Close()
	if _, err := create(ctx, at(), manifest()); !errors.Is(err, ErrExists) {
		t.Errorf("a second Create: %v, expected ErrExists", err)
	}
	l = must[*Log](t)(open(ctx, at()))
	defer l.Close()
	got, want := l.Manifest(), manifest()
	if got.Schema != Schema || got.Created.IsZero() {
		t.Errorf("schema %d, created %v", got.Schema, got.Created)
	}
	want.Schema, want.Created = got.Schema, got.Created
	// JSON may write < in another way; the value is the same.
	var a, b any
	json.Unmarshal(got.Config, &a)
	json.Unmarshal(want.Config, &b)
	if !reflect.DeepEqual(a, b) {
		t.Errorf("config %s, expected %s", got.Config, want.Config)
	}
	got.Config, want.Config = nil, nil
	if got.Limits.CPUS != 1.5 || got.Suites[0].Tasks[0] != (Task{"a", 1}) {
		t.Errorf("limits %+v, suites %+v", got.Limits, got.Suites)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("manifest\n%+v, expected\n%+v", got, want)
	}
}

func testRecords(t *testing.T, at func() *place) {
	l := must[*Log](t)(create(ctx, at(), manifest()))
	second := attempt("a", 1, task.Unsolved)
	second.Reason = "the later one"
	appendAll(t, l,
		attempt("a", 1, task.Solved),
		attempt("b", 1, task.Invalid),
		attempt("a", 2, task.Unsolved),
		second,                        // the later definitive one counts
		attempt("a", 2, task.Invalid), // never beats a definitive one
		attempt("c", 1, task.Invalid),
	)
	if err := l.Append(ctx, task.Attempt{Task: "a"}); err == nil {
		t.Error("a record without agent and epoch was taken")
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Append(ctx, second); !errors.Is(err, ErrClosed) {
		t.Errorf("Append after Close: %v", err)
	}

	l = must[*Log](t)(open(ctx, at()))
	l.now = func() time.Time { return time.Unix(0, 0) } // a clock that went back
	appendAll(t, l, attempt("b", 1, task.Solved))
	want := map[task.Key]task.Outcome{
		{Agent: "gold", Task: "a", Epoch: 1}: task.Unsolved,
		{Agent: "gold", Task: "a", Epoch: 2}: task.Unsolved,
		{Agent: "gold", Task: "b", Epoch: 1}: task.Solved,
	}
	check := func() {
		t.Helper()
		if got := must[map[task.Key]task.Outcome](t)(l.Done(ctx)); !reflect.DeepEqual(got, want) {
			t.Errorf("Done: %v, expected %v", got, want)
		}
		as := must[[]task.Attempt](t)(read(l))
		if len(as) != 4 {
			t.Fatalf("%d attempts, expected 4", len(as))
		}
		i := slices.IndexFunc(as, func(a task.Attempt) bool { return a.Key() == second.Key() })
		if !reflect.DeepEqual(as[i], second) {
			t.Errorf("read %+v, wrote %+v", as[i], second)
		}
		if w := l.Warnings(); len(w) != 0 {
			t.Errorf("warnings: %v", w)
		}
	}
	check()
	before := must[[]byte](t)(l.Canonical(ctx))
	for range 2 {
		if err := l.Compact(ctx); err != nil {
			t.Fatal(err)
		}
		check()
	}
	if after := must[[]byte](t)(l.Canonical(ctx)); !bytes.Equal(before, after) {
		t.Errorf("merging changed the content:\n%s\n%s", before, after)
	}
	for a, err := range l.Attempts(ctx) { // a reader may stop early
		if err != nil || a.Task == "" {
			t.Errorf("%v %v", a, err)
		}
		break
	}
	l.Close()
}

func testBlobs(t *testing.T, at func() *place) {
	l := must[*Log](t)(create(ctx, at(), manifest()))
	defer l.Close()
	for _, data := range [][]byte{nil, []byte("x"), bytes.Repeat([]byte("long "), 10_000)} {
		digest := must[string](t)(l.Put(ctx, data))
		if again := must[string](t)(l.Put(ctx, data)); again != digest || digest != Digest(data) {
			t.Errorf("digests %s, %s, %s", digest, again, Digest(data))
		}
		m := must[*Log](t)(open(ctx, at()))
		if got := must[[]byte](t)(m.Get(ctx, digest)); !bytes.Equal(got, data) {
			t.Errorf("got %d bytes, expected %d", len(got), len(data))
		}
		m.Close()
	}
	objects := must[[]object](t)(l.place.list(ctx, "blobs/"))
	if len(objects) != 3 || objects[0].size+objects[1].size+objects[2].size > 1000 {
		t.Errorf("blobs: %v, expected three, the long one compressed", objects)
	}
	var corrupt *CorruptError
	if _, err := l.Get(ctx, Digest([]byte("never put"))); !errors.As(err, &corrupt) {
		t.Errorf("a missing blob: %v", err)
	}
	if _, err := l.Get(ctx, "sha256:../../manifest.json"); err == nil {
		t.Error("a digest that is a path was taken")
	}
	for _, o := range objects {
		if err := l.place.writeBytes(ctx, o.key, false, []byte("something else")); err != nil {
			t.Fatal(err)
		}
		digest := digestPrefix + strings.TrimSuffix(strings.TrimPrefix(o.key, "blobs/"), ".zst")
		if _, err := l.Get(ctx, digest); !errors.As(err, &corrupt) {
			t.Errorf("a changed blob: %v", err)
		}
	}
}

func testTwoWriters(t *testing.T, at func() *place) {
	must[*Log](t)(create(ctx, at(), manifest())).Close()
	var wg sync.WaitGroup
	for w := range 2 {
		wg.Go(func() {
			l, err := open(ctx, at())
			if err != nil {
				t.Error(err)
				return
			}
			for i := range 20 {
				if err := l.Append(ctx, attempt(fmt.Sprintf("w%d", w), i+1, task.Solved)); err != nil {
					t.Error(err)
				}
			}
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	l := must[*Log](t)(open(ctx, at()))
	defer l.Close()
	if n := len(must[map[task.Key]task.Outcome](t)(l.Done(ctx))); n != 40 {
		t.Errorf("%d attempts, expected 40", n)
	}
	if n := len(must[[]object](t)(l.place.list(ctx, segmentDir))); n != 2 {
		t.Errorf("%d segments, expected one a writer", n)
	}
}

// testMany appends from many goroutines, past the merge that a writer makes as
// it runs.
func testMany(t *testing.T, at func() *place) {
	l := must[*Log](t)(create(ctx, at(), manifest()))
	const n = 2*mergeEvery + 44
	for i := range n / 2 {
		appendAll(t, l, attempt(fmt.Sprint("t", i), 1, task.Solved))
	}
	if len(must[[]object](t)(l.place.list(ctx, segmentDir))) > mergeEvery {
		t.Error("nothing was merged on the way")
	}
	var wg sync.WaitGroup
	for i := n / 2; i < n; i++ {
		wg.Go(func() {
			if err := l.Append(ctx, attempt(fmt.Sprint("t", i), 1, task.Solved)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := len(must[[]task.Attempt](t)(read(l))); got != n {
		t.Errorf("%d attempts, expected %d", got, n)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = must[*Log](t)(open(ctx, at()))
	defer l.Close()
	if got := len(must[[]task.Attempt](t)(read(l))); got != n {
		t.Errorf("after Close: %d attempts, expected %d", got, n)
	}
	if n := len(must[[]object](t)(l.place.list(ctx, segmentDir))); n != 1 {
		t.Errorf("%d segments after Close, expected 1", n)
	}
}

// testReadWhileMerging takes the segments away from a reader halfway.
func testReadWhileMerging(t *testing.T, at func() *place) {
	l := must[*Log](t)(create(ctx, at(), manifest()))
	defer l.Close()
	for i := range 10 {
		appendAll(t, l, attempt("a", i+1, task.Solved))
	}
	seen := make(map[int]int)
	for a, err := range l.Attempts(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		if seen[a.Epoch]++; len(seen) == 5 {
			if err := l.Compact(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range 10 {
		if seen[i+1] != 1 {
			t.Errorf("epoch %d came %d times", i+1, seen[i+1])
		}
	}
}

func TestPlaces(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ place, want string }{
		{"", "no place given"},
		{filepath.Join(dir, "missing"), "no run log there"},
		{dir, "no run log there"},
		{file, "it is a file, expected a folder"},
		{"s3://bucket/runs/1", "keeps run logs in folders (a path or file://), not in s3://"},
		{"file://host/x", "expected file:///absolute/folder"},
		{"file:///x?metadata=skip", "expected file:///absolute/folder"},
	} {
		_, err := Open(ctx, c.place)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("Open(%q): %v, expected %q", c.place, err, c.want)
		}
	}
	if _, err := Create(ctx, dir, manifest()); !errors.Is(err, ErrExists) {
		t.Errorf("Create in a folder with a file: %v", err)
	}
	t.Chdir(dir)
	for _, p := range []string{"runs/1", "file://./runs/2", "file://" + filepath.ToSlash(dir) + "/runs/3"} {
		must[*Log](t)(Create(ctx, p, manifest())).Close()
		must[*Log](t)(Open(ctx, p)).Close()
	}
	if got := must[[]string](t)(filepath.Glob(filepath.Join(dir, "runs/*/manifest.json"))); len(got) != 3 {
		t.Errorf("manifests at %v", got)
	}
	must[*Log](t)(Create(ctx, "mem://", manifest())).Close()
}
