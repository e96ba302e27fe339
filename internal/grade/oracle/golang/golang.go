// Package golang is the Go side of the oracle: sources that are laid beside a
// task's hidden tests, and what to lay where and which commands to run, as data.
// The grader that owns the sandboxes does both.
//
//	tests/subject/main.go + serve.go ──go build──> subject (in the candidate's module, with its code)
//	tests/judge/*_test.go + judge.go ──go test -c──> judge (a module of its own)
//	judge <—frames—> relay <—frames—> subject
//
// The sources are the package helper, whose clause is rewritten when they are
// laid; nothing of METR imports it.
//
// It starts no process itself, and it is not for running a workspace's own
// tests: those are plain commands in a box.
package golang

import (
	"bytes"
	"embed"
	"fmt"
	"path"
	"strings"

	"metr/internal/sandbox"
	"metr/internal/task"
)

//go:embed helper/codec.go helper/decode.go helper/serve.go helper/judge.go helper/result.go helper/run.go
var sources embed.FS

// Env is the environment of the builds, beside the sandbox's own: no network, no
// settings of the candidate's, no other tool chain.
func Env() []string {
	return []string{
		"CGO_ENABLED=0", "GO111MODULE=on", "GOENV=off", "GOFLAGS=", "GOWORK=off", "GOEXPERIMENT=",
		"GOPROXY=off", "GOSUMDB=off", "GOTOOLCHAIN=local", "GOTELEMETRY=off",
	}
}

// Build is one program to be built: files to lay below Dir, then the command.
type Build struct {
	Dir   string
	Files task.Tree
	Cmd   sandbox.Cmd
}

// Subject lays tests/subject of a task's hidden tests into a candidate's
// workspace and returns the whole tree to be built. folder is a name that the
// candidate cannot foresee; whatever its patch left there is dropped. The
// program is written to out. The error says what is wrong with the task.
func Subject(workspace, tests task.Tree, dir, folder, out string) (Build, error) {
	files := make(task.Tree, len(workspace)+4)
	for p, f := range workspace {
		if p != folder && !strings.HasPrefix(p, folder+"/") {
			files[p] = f
		}
	}
	own := under(tests, "subject/")
	if _, ok := own["main.go"]; !ok {
		return Build{}, fmt.Errorf("hidden tests: tests/subject/main.go is missing; it must list what the judge may touch")
	}
	for p, f := range own {
		files[path.Join(folder, p)] = f
	}
	if err := lay(files, folder, "main", "codec.go", "decode.go", "serve.go"); err != nil {
		return Build{}, err
	}
	// Read-only module files: a manifest left wrong is a build that fails. The
	// vendor folder, where there is one, is the candidate's to keep right.
	args := []string{"go", "build", "-trimpath", "-buildvcs=false", "-o", out, "./" + folder}
	return Build{Dir: dir, Files: files, Cmd: sandbox.Cmd{Args: args, Dir: dir, Env: Env()}}, nil
}

// Judge lays tests/judge as a module of its own in dir and builds it to out.
func Judge(tests task.Tree, dir, out string) (Build, error) {
	files := task.Tree{}
	n := 0
	for p, f := range under(tests, "judge/") {
		files[p] = f
		if strings.HasSuffix(p, "_test.go") {
			n++
		}
	}
	if n == 0 {
		return Build{}, fmt.Errorf("hidden tests: no file tests/judge/*_test.go")
	}
	if err := lay(files, "", "judge", "codec.go", "decode.go", "judge.go", "result.go", "run.go"); err != nil {
		return Build{}, err
	}
	files["metr_main_test.go"] = file("package judge\n\nimport (\n\t\"os\"\n\t\"testing\"\n)\n\nfunc TestMain(m *testing.M) { os.Exit(wireMain(m)) }\n")
	files["go.mod"] = file("module judge\n\ngo 1.24\n")
	args := []string{"go", "test", "-c", "-vet=off", "-trimpath", "-buildvcs=false", "-o", out, "."}
	return Build{Dir: dir, Files: files, Cmd: sandbox.Cmd{Args: args, Dir: dir, Env: Env()}}, nil
}

// channel moves the oracle's channel from descriptors 0 and 1 to 3 and 4 before
// any foreign code runs, so that prints cannot enter it.
const channel = `exec 3<&0 4>&1 0</dev/null 1>&2; exec "$@"`

// Run is the command that runs a program that Subject or Judge built, with the
// channel on its standard input and output.
func Run(program, dir string) sandbox.Cmd {
	return sandbox.Cmd{Args: []string{"sh", "-c", channel, "sh", program}, Dir: dir}
}

// under is the part of a tree below prefix.
func under(t task.Tree, prefix string) task.Tree {
	out := task.Tree{}
	for p, f := range t {
		if rest, ok := strings.CutPrefix(p, prefix); ok {
			out[rest] = f
		}
	}
	return out
}

// lay adds sources to files as members of package name.
func lay(files task.Tree, folder, name string, sourceNames ...string) error {
	for _, n := range sourceNames {
		b, err := sources.ReadFile("helper/" + n)
		if err != nil {
			return err
		}
		b = bytes.Replace(b, []byte("\npackage helper\n"), []byte("\npackage "+name+"\n"), 1)
		if bytes.HasPrefix(b, []byte("package helper\n")) {
			b = append([]byte("package "+name), b[len("package helper"):]...)
		}
		files[path.Join(folder, "metr_"+n)] = file(string(b))
	}
	return nil
}

func file(s string) task.File { return task.File{Mode: 0o644, Data: []byte(s)} }
