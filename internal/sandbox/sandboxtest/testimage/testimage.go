// Package testimage makes a container image for tests out of the host's own
// files, without a registry: busybox and Python with their libraries, in layers
// that use what layers can do. It needs Debian's busybox-static and python3.
package testimage

import (
	"archive/tar"
	"bytes"
	"debug/elf"
	"io"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// Name is the image's reference.
const Name = "metr-test:1"

// What the layers are to come to, as a shell command in the image tells it.
const (
	Probe    = "cat /layers/kept /layers/changed /layers/hard /layers/link; ls /layers /opaque; stat -c %Y /layers/kept; echo $FROM_IMAGE"
	Expected = "kept\nnew\nkept\nnew\n/layers:\nchanged\nhard\nkept\nlink\ntarget\n\n/opaque:\nc\n981173106\nyes\n"
)

var old = time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)

// New makes the image. What it lacks of the host fails the test.
func New(t testing.TB) v1.Image {
	t.Helper()
	one := &layer{seen: map[string]bool{}}
	one.dir("tmp", "work", "etc", "layers", "opaque", "proc", "dev")
	one.text("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")
	one.text("etc/group", "root:x:0:\n")
	one.text("layers/kept", "kept\n")
	one.text("layers/changed", "old\n")
	one.text("layers/gone", "gone\n")
	one.text("opaque/a", "a\n")
	one.text("opaque/b", "b\n")
	one.tree(t, "/bin/busybox")
	for _, applet := range strings.Fields("sh cat env sleep yes head tail ls grep cut wc tr touch mount id setsid nohup mkdir rm true false echo kill stat ln chmod seq dd printf") {
		one.link("bin/"+applet, "busybox")
	}
	python, err := filepath.EvalSymlinks("/usr/bin/python3")
	if err != nil {
		t.Fatalf("the test image needs Debian's python3: %v", err)
	}
	one.tree(t, python)
	one.link("usr/bin/python3", filepath.Base(python))
	lib := "/usr/lib/" + filepath.Base(python)
	for _, p := range []string{"*.py", "encodings/*.py", "collections/*.py", "re/*.py", "importlib/*.py", "lib-dynload/*.so"} {
		files, err := filepath.Glob(filepath.Join(lib, p))
		if err != nil || len(files) == 0 && p == "*.py" {
			t.Fatalf("no standard library of Python at %s: %v", lib, err)
		}
		for _, f := range files {
			one.tree(t, f)
		}
	}
	// The test's own program may be a box's init: its libraries are needed too.
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{self, python} {
		one.libraries(t, f)
	}
	two := &layer{seen: map[string]bool{}}
	two.text("layers/changed", "new\n")
	two.text("layers/.wh.gone", "")
	two.text("opaque/.wh..wh..opq", "")
	two.text("opaque/c", "c\n")
	two.text("layers/target", "kept\n")
	two.add(&tar.Header{Name: "layers/hard", Typeflag: tar.TypeLink, Linkname: "layers/target"}, nil)
	two.link("layers/link", "/layers/changed")
	img := v1.Image(empty.Image)
	for _, l := range []*layer{one, two} {
		img = l.onto(t, img)
	}
	config, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", runtime.GOARCH
	config.Config.Env = []string{"FROM_IMAGE=yes", "PATH=/opt/image/bin:/usr/bin:/bin"}
	config.Config.Entrypoint = []string{"/never/run"}
	if img, err = mutate.ConfigFile(img, config); err != nil {
		t.Fatal(err)
	}
	return img
}

// Tar writes the image as `docker save` does and returns the file's name.
func Tar(t testing.TB, img v1.Image) string {
	t.Helper()
	tag, err := name.NewTag(Name)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "image.tar")
	if err := tarball.WriteToFile(file, tag, img); err != nil {
		t.Fatal(err)
	}
	return file
}

// Layout writes the image as an OCI layout and returns the folder's name.
func Layout(t testing.TB, img v1.Image) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "layout")
	p, err := layout.Write(dir, empty.Index)
	if err == nil {
		err = p.AppendImage(img)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// layer is a tar in the making.
type layer struct {
	buf  bytes.Buffer
	w    *tar.Writer
	seen map[string]bool
}

func (l *layer) add(h *tar.Header, data []byte) {
	if l.w == nil {
		l.w = tar.NewWriter(&l.buf)
	}
	if l.seen[h.Name] {
		return
	}
	if up := path.Dir(h.Name); up != "." { // some engines give folders that are not told of no rights
		l.dir(up)
	}
	l.seen[h.Name] = true
	if h.Mode == 0 {
		h.Mode = 0o644
	}
	h.ModTime, h.Size = old, int64(len(data))
	_ = l.w.WriteHeader(h) // a bytes.Buffer takes all; a bad header shows at Close
	_, _ = l.w.Write(data)
}

func (l *layer) dir(names ...string) {
	for _, n := range names {
		l.add(&tar.Header{Name: n, Typeflag: tar.TypeDir, Mode: 0o755}, nil)
	}
}

func (l *layer) text(name, text string) {
	l.add(&tar.Header{Name: name, Typeflag: tar.TypeReg}, []byte(text))
}

func (l *layer) link(name, to string) {
	l.add(&tar.Header{Name: name, Typeflag: tar.TypeSymlink, Linkname: to, Mode: 0o777}, nil)
}

// tree adds a file of the host at its own place.
func (l *layer) tree(t testing.TB, file string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("the test image needs %s: %v (apt-get install busybox-static python3)", file, err)
	}
	l.add(&tar.Header{Name: file[1:], Typeflag: tar.TypeReg, Mode: 0o755}, data)
}

// libraries adds what the program is linked with.
func (l *layer) libraries(t testing.TB, program string) {
	t.Helper()
	f, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			b, _ := io.ReadAll(p.Open())
			l.tree(t, strings.TrimRight(string(b), "\x00"))
		}
	}
	names, _ := f.ImportedLibraries() // none: it is linked statically
	for _, n := range names {
		i := slices.IndexFunc(libraryDirs(), func(d string) bool { _, err := os.Stat(d + "/" + n); return err == nil })
		if i < 0 {
			t.Fatalf("library %s of %s not found", n, program)
		}
		file := libraryDirs()[i] + "/" + n
		if !l.seen[file[1:]] {
			l.tree(t, file)
			l.libraries(t, file)
		}
	}
}

func libraryDirs() []string {
	dirs, _ := filepath.Glob("/lib/*-linux-gnu*")
	return append(dirs, "/lib64", "/lib", "/usr/lib64", "/usr/lib")
}

func (l *layer) onto(t testing.TB, img v1.Image) v1.Image {
	t.Helper()
	if err := l.w.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(l.buf.Bytes())), nil })
	if err == nil {
		img, err = mutate.AppendLayers(img, got)
	}
	if err != nil {
		t.Fatal(err)
	}
	return img
}
