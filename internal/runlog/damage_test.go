package runlog

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"

	"metr/internal/task"
)

// files reads a folder's regular files by relative path.
func files(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	out := make(map[string][]byte)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		out[filepath.ToSlash(rel)], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// folder writes files into a new folder.
func folder(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// sample is a folder with three records, each in a segment of its own, as a
// killed writer leaves it, and the same after a Close.
func sample(t testing.TB) (killed, closed map[string][]byte) {
	t.Helper()
	dir := t.TempDir()
	l := must[*Log](t)(Create(ctx, dir, manifest()))
	for i := range 3 {
		a := attempt("a", i+1, task.Solved)
		a.Patch = must[string](t)(l.Put(ctx, []byte{byte(i)}))
		appendAll(t, l, a)
	}
	killed = files(t, dir)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return killed, files(t, dir)
}

// lastSegment is the name of the segment that sorts last.
func lastSegment(files map[string][]byte) string {
	names := segmentsIn(files)
	return names[len(names)-1]
}

func segmentsIn(files map[string][]byte) (out []string) {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if strings.HasPrefix(name, segmentDir) {
			out = append(out, name)
		}
	}
	return out
}

// memory puts files into a bucket in memory; each call of the returned
// function opens it again.
func memory(t testing.TB, files map[string][]byte) func() *place {
	t.Helper()
	at := &place{name: "mem://", bucket: memblob.OpenBucket(nil)}
	for name, data := range files {
		if err := at.writeBytes(ctx, "run/"+name, false, data); err != nil {
			t.Fatal(err)
		}
	}
	return func() *place { return &place{name: at.name, bucket: blob.PrefixedBucket(at.bucket, "run/")} }
}

// count opens dir and counts the attempts in it.
func count(dir string) (n int, warnings []Warning, err error) {
	p, err := openPlace(ctx, dir, false)
	if err != nil {
		return 0, nil, err
	}
	return countAt(p)
}

func countAt(p *place) (n int, warnings []Warning, err error) {
	l, err := open(ctx, p)
	if err != nil {
		return 0, nil, err
	}
	defer l.Close()
	as, err := read(l)
	return len(as), l.Warnings(), err
}

func TestTornTail(t *testing.T) {
	killed, closed := sample(t)
	for name, log := range map[string]map[string][]byte{"killed": killed, "closed": closed} {
		at := memory(t, log)
		segment := lastSegment(log)
		whole := log[segment]
		before := 0 // attempts in the other segments
		if name == "killed" {
			before = 2
		}
		for cut := range len(whole) {
			if err := at().writeBytes(ctx, segment, false, whole[:cut]); err != nil {
				t.Fatal(err)
			}
			// Every record whose line is whole counts.
			want := before + strings.Count(string(whole[:cut]), "\n")
			if cut > 0 && bytes.Contains(whole[:cut], []byte("\n")) {
				want-- // the head
			}
			n, warnings, err := countAt(at())
			if err != nil || n != want || len(warnings) != 1 || !strings.HasPrefix(warnings[0].String(), segment+" line ") {
				t.Fatalf("%s, cut at byte %d of %d: %d attempts, expected %d; warnings %v, error %v", name, cut, len(whole), n, want, warnings, err)
			}
		}
		// And the run goes on from there.
		l := must[*Log](t)(open(ctx, at()))
		for i := range 3 {
			appendAll(t, l, attempt("a", i+1, task.Solved))
		}
		if err := l.Compact(ctx); err != nil {
			t.Fatal(err)
		}
		l.Close()
		if n, _, err := countAt(at()); n != 3 || err != nil {
			t.Errorf("%s, gone on with: %d attempts, %v", name, n, err)
		}
	}
}

func TestTornInTheMiddle(t *testing.T) {
	killed, _ := sample(t)
	name := segmentsIn(killed)[1]
	killed[name] = killed[name][:len(killed[name])-1]
	var corrupt *CorruptError
	if _, _, err := count(folder(t, killed)); !errors.As(err, &corrupt) || corrupt.Object != name {
		t.Errorf("cut short in the middle: %v", err)
	}
	delete(killed, name)
	if _, _, err := count(folder(t, killed)); !errors.As(err, &corrupt) || corrupt.Object != name {
		t.Errorf("missing in the middle: %v", err)
	}
}

func TestBitFlips(t *testing.T) {
	killed, closed := sample(t)
	for kind, log := range map[string]map[string][]byte{"killed": killed, "closed": closed} {
		at := memory(t, log)
		l := must[*Log](t)(open(ctx, at()))
		want := must[[]byte](t)(l.Canonical(ctx))
		l.Close()
		for _, name := range slices.Sorted(maps.Keys(log)) {
			data := slices.Clone(log[name])
			for i := range len(data) * 8 {
				data[i/8] ^= 1 << (i % 8)
				if err := at().writeBytes(ctx, name, false, data); err != nil {
					t.Fatal(err)
				}
				checkFlip(t, at(), name, i, want)
				data[i/8] ^= 1 << (i % 8)
			}
			if err := at().writeBytes(ctx, name, false, data); err != nil {
				t.Fatal(err)
			}
		}
		if t.Failed() {
			t.Fatal(kind)
		}
	}
}

// checkFlip wants an error that names the object, or the right content with a
// warning that does.
func checkFlip(t *testing.T, at *place, name string, bit int, want []byte) {
	t.Helper()
	l, err := open(ctx, at)
	if err == nil {
		defer l.Close()
		var got []byte
		if got, err = l.Canonical(ctx); err == nil {
			if w := l.Warnings(); !bytes.Equal(got, want) || len(w) != 1 || w[0].Object != name {
				t.Errorf("%s bit %d went through: warnings %v", name, bit, w)
			}
			return
		}
	}
	var corrupt *CorruptError
	if !errors.As(err, &corrupt) || corrupt.Object != name {
		t.Errorf("%s bit %d: %v", name, bit, err)
	}
	if strings.HasPrefix(name, segmentDir) && corrupt != nil && corrupt.Line == 0 {
		t.Errorf("%s bit %d: no line in %v", name, bit, err)
	}
}

// TestCrashBetweenMergeSteps tries every set of parts that a merge can have
// left, the merged segment whole, and also half with all parts there.
func TestCrashBetweenMergeSteps(t *testing.T) {
	killed, closed := sample(t)
	merged, parts := lastSegment(closed), segmentsIn(killed)
	for set := range 1 << len(parts) {
		log := maps.Clone(closed)
		for i, p := range parts {
			if set&(1<<i) != 0 {
				log[p] = killed[p]
			}
		}
		dir := folder(t, log)
		for _, step := range []string{"as left", "merged again", "and again"} {
			if n, w, err := count(dir); n != 3 || len(w) != 0 || err != nil {
				t.Errorf("parts %03b, %s: %d attempts, warnings %v, error %v", set, step, n, w, err)
			}
			l := must[*Log](t)(Open(ctx, dir))
			if err := l.Compact(ctx); err != nil {
				t.Errorf("parts %03b: %v", set, err)
			}
			l.Close()
		}
		if left := segmentsIn(files(t, dir)); !slices.Equal(left, []string{merged}) {
			t.Errorf("parts %03b: %v are left", set, left)
		}
	}
	log := maps.Clone(killed)
	log[merged] = closed[merged][:len(closed[merged])/2]
	if n, w, err := count(folder(t, log)); n != 3 || len(w) != 0 || err != nil {
		t.Errorf("half a merge: %d attempts, warnings %v, error %v", n, w, err)
	}
}

func TestStrayFiles(t *testing.T) {
	killed, _ := sample(t)
	stray := lastSegment(killed) + ".18a1b2c3d4e5f607.tmp"
	fresh := "blobs/00.18a1b2c3d4e5f608.tmp"
	killed[stray], killed[fresh] = []byte("half a li"), []byte("x")
	killed[segmentDir+".DS_Store"] = nil
	dir := folder(t, killed)
	old := time.Now().Add(-2 * staleAfter)
	if err := os.Chtimes(filepath.Join(dir, stray), old, old); err != nil {
		t.Fatal(err)
	}
	n, w, err := count(dir)
	if n != 3 || err != nil || len(w) != 1 || w[0].Object != segmentDir+".DS_Store" {
		t.Errorf("%d attempts, warnings %v, error %v", n, w, err)
	}
	if _, ok := files(t, dir)[stray]; !ok {
		t.Error("reading removed a file")
	}
	l := must[*Log](t)(Open(ctx, dir))
	appendAll(t, l, attempt("b", 1, task.Solved))
	l.Close()
	left := files(t, dir)
	if _, ok := left[stray]; ok {
		t.Error("writing left the old half-written file")
	}
	if _, ok := left[fresh]; !ok {
		t.Error("writing removed a half-written file that may be in use")
	}
	for name := range left {
		if strings.HasSuffix(name, ".attrs") {
			t.Errorf("side-car file %s", name)
		}
	}
}

func TestManifestRefused(t *testing.T) {
	sealed := func(body string) []byte {
		return []byte(manifestPrefix + sum([]byte(body)) + manifestMiddle + body + "}\n")
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"newer":              {sealed(`{"schema":2,"news":1}`), "run log DIR: schema 2 was written by a newer metr, this one reads up to schema 1; update metr to read it"},
		"newer, other frame": {[]byte(`{"manifest":{"schema":7}}`), "run log DIR: schema 7 was written by a newer metr, this one reads up to schema 1; update metr to read it"},
		"unknown key":        {sealed(`{"schema":1,"news":1}`), `run log DIR: manifest.json: json: unknown field "news"; the log was damaged after it was written, restore it from a copy`},
		"no schema":          {sealed(`{}`), "run log DIR: manifest.json: schema is 0, expected 1 to 1; the log was damaged after it was written, restore it from a copy"},
		"empty":              {nil, "run log DIR: manifest.json: the content does not match its checksum; the log was damaged after it was written, restore it from a copy"},
		"foreign":            {[]byte("name = 1\n"), "run log DIR: manifest.json: the content does not match its checksum; the log was damaged after it was written, restore it from a copy"},
	} {
		dir := folder(t, map[string][]byte{manifestKey: c.data})
		_, err := Open(ctx, dir)
		if err == nil || strings.ReplaceAll(err.Error(), dir, "DIR") != c.want {
			t.Errorf("%s: %v\nexpected %s", name, err, c.want)
		}
	}
}

func TestUnknownKeyInRecord(t *testing.T) {
	s := segment{writer: "20260101000000000-00000000"}
	var b bytes.Buffer
	sw := must[*segmentWriter](t)(newSegmentWriter(&b, s))
	sw.record(encodeRecord([]byte(`{"task":"a","epoch":1,"agent":"gold","outcome":"solved","surprise":1}`)))
	sw.seal()
	data := must[[]byte](t)(encodeManifest(Manifest{Schema: Schema}))
	_, _, err := count(folder(t, map[string][]byte{manifestKey: data, s.key(): b.Bytes()}))
	if err == nil || !strings.Contains(err.Error(), `line 2: json: unknown field "surprise"`) {
		t.Errorf("%v", err)
	}
}

// TestWriteFails makes the folder of segments unusable for a while.
func TestWriteFails(t *testing.T) {
	dir := t.TempDir()
	l := must[*Log](t)(Create(ctx, dir, manifest()))
	appendAll(t, l, attempt("a", 1, task.Solved))
	segments := filepath.Join(dir, "segments")
	if err := os.Rename(segments, segments+".away"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(segments, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := l.Append(ctx, attempt("a", 2, task.Solved)); err == nil {
		t.Error("Append into nothing succeeded")
	}
	os.Remove(segments)
	if err := os.Rename(segments+".away", segments); err != nil {
		t.Fatal(err)
	}
	appendAll(t, l, attempt("a", 2, task.Solved), attempt("a", 3, task.Solved))
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if n, w, err := count(dir); n != 3 || len(w) != 0 || err != nil {
		t.Errorf("%d attempts, warnings %v, error %v", n, w, err)
	}
}
