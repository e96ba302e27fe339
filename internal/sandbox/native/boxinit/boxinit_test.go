package boxinit

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// A package that is imported here is initialised before every box's init does
// its first step.
func TestImportsStaySmall(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 5 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		src, err := parser.ParseFile(token.NewFileSet(), f, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, im := range src.Imports {
			if !slices.Contains([]string{`"syscall"`, `"strconv"`, `"unsafe"`}, im.Path.Value) {
				t.Errorf("%s imports %s; only syscall, strconv and unsafe are initialised soon enough", f, im.Path.Value)
			}
		}
	}
}

func TestMessagesComeBack(t *testing.T) {
	setup := Setup{
		Trees: []Tree{{Host: "/usr", Box: "/usr"}, {Host: "/x", Box: "/y", Passed: true, Device: true, Overlay: true}},
		Links: [][2]string{{"/bin", "usr/bin"}}, Files: [][2]string{{"/etc/passwd", "a\nb"}}, Writable: []string{"/work"},
		Disk: 1 << 40, Inodes: 7, Watch: true, Memory: -1, Filter: []byte{0, 255}, Landlock: true, CPUs: []int64{0, 3},
	}
	start := Start{Args: []string{"a", ""}, Env: []string{"K=V"}, Dir: "/", CPU: 1, Wall: 2, Memory: 3, FileSize: 4, Procs: 5, Files: 6}
	end := End{Why: ByWall, Status: 9, Wall: 1, CPU: 2, MaxRSS: 3, DiskFull: true, Message: "ü"}
	var m Message
	setup.Encode(&m)
	start.Encode(&m)
	end.Encode(&m)
	var setup2 Setup
	var start2 Start
	var end2 End
	setup2.Decode(&m)
	start2.Decode(&m)
	end2.Decode(&m)
	if m.Bad || len(m.B) != 0 || !reflect.DeepEqual(setup, setup2) || !reflect.DeepEqual(start, start2) || end != end2 {
		t.Errorf("%+v\n%+v\n%+v, %d bytes left, bad %v", setup2, start2, end2, len(m.B), m.Bad)
	}
}

func FuzzMessage(f *testing.F) {
	var m Message
	(&Setup{Trees: []Tree{{Host: "/usr"}}, Links: [][2]string{{"a", "b"}}}).Encode(&m)
	f.Add(m.B)
	f.Add([]byte{255, 255, 255, 255, 255, 255, 255, 127})
	f.Fuzz(func(t *testing.T, b []byte) {
		(&Setup{}).Decode(&Message{B: b})
		(&Start{}).Decode(&Message{B: b})
		(&End{}).Decode(&Message{B: b})
	})
}
