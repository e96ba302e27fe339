// Package mbxp judges answers to MBXP's problems in the languages whose values do
// not cross to a judge of their own: Java, C++, Go and Perl. As the data set's own
// harness does, it makes one program of prompt, completion and test, builds it in
// one box and runs it in another; unlike it, it does not believe the exit status.
//
//	prompt + completion + test ──Build──> program ──Grade──> it ends in order, and says the nonce
//
// The test shares a process with the candidate, so verdicts say in-process: weak.
// What is not believed: an exit with status 0, whatever is printed, handlers at
// exit. The program has to come back from the test's own main function; a few
// lines of ours run then, read a nonce that was drawn for this run, and write it
// to a descriptor. Code that knows this, finds the two descriptors in its own
// process and copies the nonce from one to the other can forge a pass, and so can
// code that changes the test's comparisons (macros in C++, functions in Perl).
//
// It is not for Python, JavaScript and TypeScript, whose judges never share a
// process with an answer.
package mbxp

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"metr/internal/environment"
	"metr/internal/grade"
	"metr/internal/grade/program"
	"metr/internal/sandbox"
	"metr/internal/task"
)

//go:embed compare.pm
var comparePM string

// Judges reports whether this package judges the task.
func Judges(t *task.Task) bool {
	return t.Function != nil && t.Function.Dataset == "mbxp" && slices.Contains([]task.Language{task.Java, task.Cpp, task.Go, task.Perl}, t.Language)
}

// where the built program lies in the box that runs it.
const bin = "/metr/bin"

// outcome is a program that was built, or why there is none.
type outcome struct {
	made      task.Tree
	complaint string
}

// Build makes the program of the case's answer, once an attempt: whether it
// builds is the answer to the build grader's question. complaint is what the
// compiler said.
func Build(ctx context.Context, lab *grade.Lab, c grade.Case) (complaint string, err error) {
	o, err := build(ctx, lab, c)
	return o.complaint, err
}

func build(ctx context.Context, lab *grade.Lab, c grade.Case) (outcome, error) {
	return grade.Once(lab, "mbxp", func() (outcome, error) {
		f, ok := c.Tree[c.Task.Function.File]
		if !ok || f.Link != "" {
			return outcome{complaint: fmt.Sprintf("the answer has no file %s", c.Task.Function.File)}, nil
		}
		tool, err := lab.Host.For(ctx, c.Task.Language)
		if err != nil {
			return outcome{}, err
		}
		r, err := recipes[c.Task.Language](ctx, lab, tool, string(f.Data), c.Task.Function.Test)
		if err != nil {
			return outcome{}, fmt.Errorf("task %s: %w", c.Task.ID, err)
		}
		return r.build(ctx, lab, c.Task)
	})
}

// recipe is how a program is built: its files, a shell script that runs among
// them, leaving the program in $OUT, and what the box needs beside the tool chain.
type recipe struct {
	files  task.Tree
	script string
	layers []sandbox.Layer
}

var recipes = map[task.Language]func(ctx context.Context, lab *grade.Lab, tool environment.Toolchain, answer, test string) (recipe, error){
	task.Java: java, task.Cpp: cpp, task.Go: golang, task.Perl: perl,
}

// entry is the class that a Java program is started by, not MBXP's own Main.
const entry = "MetrEntry"

func java(_ context.Context, _ *grade.Lab, tool environment.Toolchain, answer, test string) (recipe, error) {
	flags := "-J-XX:+UseSerialGC -J-XX:TieredStopAtLevel=1 -J-XX:ActiveProcessorCount=2 -J-XX:-UsePerfData -J-Xshare:auto -proc:none -nowarn -encoding UTF-8"
	return recipe{
		files: tree("Main.java", answer+test, entry+".java", `class `+entry+` {
  public static void main(String[] args) throws Throwable {
    java.io.InputStream in = new java.io.BufferedInputStream(new java.io.FileInputStream(java.io.FileDescriptor.in));
    java.io.OutputStream out = new java.io.FileOutputStream(java.io.FileDescriptor.out);
    System.setOut(System.err);
    Main.main(args);
    out.write(in.readAllBytes());
    out.flush();
    Runtime.getRuntime().halt(0);
  }
}
`),
		script: tool.Program + " " + flags + ` -d "$OUT" Main.java ` + entry + ".java",
	}, nil
}

func cpp(ctx context.Context, lab *grade.Lab, tool environment.Toolchain, answer, test string) (recipe, error) {
	layers, err := lab.Host.CppHeader(ctx)
	return recipe{
		files: tree("main.cpp", answer+test, "entry.c", `#include <stdio.h>
#include <unistd.h>

int metr_test_main(int argc, char **argv);

int main(int argc, char **argv) {
    char nonce[64];
    ssize_t n;
    if (metr_test_main(argc, argv)) return 1;
    n = read(3, nonce, sizeof nonce);
    fflush(0);
    _exit(n > 0 && write(4, nonce, n) == n ? 0 : 70);
}
`),
		script: tool.Program + " " + strings.Join(environment.CppFlags, " ") + " -I" + environment.CppHeaders + " -c main.cpp -o main.o\n" +
			"objcopy --redefine-sym main=metr_test_main main.o\n" +
			tool.Program + " -x c -c entry.c -o entry.o\n" +
			tool.Program + ` main.o entry.o -o "$OUT"/program -pthread`,
		layers: layers,
	}, err
}

var goMain = regexp.MustCompile(`(?m)^func main\(\)`)

// golang gives the test's main function a name that is drawn for this run, and
// calls it from a main function of ours.
func golang(_ context.Context, _ *grade.Lab, tool environment.Toolchain, answer, test string) (recipe, error) {
	if len(goMain.FindAllString(test, -1)) != 1 {
		return recipe{}, errors.New("the test has no func main() of its own")
	}
	name := "metr" + rand.Text()
	return recipe{
		files: tree("main.go", answer+goMain.ReplaceAllString(test, "func "+name+"()"), "entry.go", `package main

import (
	metrIO "io"
	metrOS "os"
)

func main() {
	`+name+`()
	nonce, _ := metrIO.ReadAll(metrOS.NewFile(3, "nonce"))
	metrOS.NewFile(4, "out").Write(nonce)
	metrOS.Exit(0)
}
`),
		script: tool.Program + ` build -o "$OUT"/program main.go entry.go`,
	}, nil
}

// perl has nothing to build: -c compiles. Data::Compare, which the tests use and
// few machines have, is one of ours.
func perl(_ context.Context, _ *grade.Lab, tool environment.Toolchain, answer, test string) (recipe, error) {
	text := answer + test + `
{
    open(my $in, '<&=', 3) or die "no descriptor 3";
    open(my $out, '>&=', 4) or die "no descriptor 4";
    local $/;
    print {$out} scalar(<$in>);
    close($out);
}
`
	return recipe{
		files:  tree("main.pl", text, "lib/Data/Compare.pm", comparePM),
		script: tool.Program + ` -Ilib -c main.pl` + "\n" + `cp -r main.pl lib "$OUT"/`,
	}, nil
}

func tree(texts ...string) task.Tree {
	out := task.Tree{}
	for i := 0; i < len(texts); i += 2 {
		out[texts[i]] = task.File{Mode: 0o644, Data: []byte(texts[i+1])}
	}
	return out
}

// build runs the recipe in a fresh box.
func (r recipe) build(ctx context.Context, lab *grade.Lab, t *task.Task) (outcome, error) {
	box, tool, err := lab.Open(ctx, t, r.files, r.layers...)
	if err != nil {
		return outcome{}, err
	}
	defer box.Close()
	if err := box.Put(ctx, "/tmp/out", task.Tree{".metr": {Mode: 0o644}}); err != nil {
		return outcome{}, err
	}
	limits := sandbox.WithDefaults(task.Limits{})
	res, err := sandbox.Exec(ctx, box, sandbox.Cmd{
		Args: []string{"sh", "-c", "set -e\n" + r.script}, Dir: sandbox.Work, Limits: limits,
		Env: append(slices.Clone(tool.Env), "OUT="+box.Path("/tmp/out")),
	})
	switch {
	case err != nil:
		return outcome{}, err
	case res.End == sandbox.NotStarted, res.End == sandbox.Exited && res.Code == 127:
		return outcome{}, fmt.Errorf("the compiler cannot be started: %s", res.Stderr)
	case !res.OK():
		return outcome{complaint: complaint(res)}, nil
	}
	made, err := box.Get(ctx, "/tmp/out", 256<<20)
	delete(made, ".metr")
	return outcome{made: made}, err
}

// complaint is the first error that a compiler reported, else its last line.
func complaint(r sandbox.Result) string {
	if r.End != sandbox.Exited {
		return r.String()
	}
	last := ""
	for line := range strings.Lines(string(r.Stderr)) {
		line = strings.TrimSpace(line)
		if strings.Contains(line, "error") || strings.HasPrefix(line, "./main.go:") {
			return grade.First(line, 300)
		}
		if line != "" && !strings.HasPrefix(line, "#") && last == "" {
			last = line
		}
	}
	if last == "" {
		return r.String()
	}
	return grade.First(last, 300)
}

// Grade runs the program.
func Grade(ctx context.Context, lab *grade.Lab, c grade.Case) (task.Verdict, error) {
	v := c.Verdict(task.Semantics, task.InProcess)
	v.Status = task.Fail
	o, err := build(ctx, lab, c)
	if err != nil {
		return v, err
	}
	if o.complaint != "" {
		v.Oracle, v.Reason = task.Static, "does not build: "+o.complaint
		return v, nil
	}
	box, tool, err := lab.Open(ctx, c.Task, nil)
	if err != nil {
		return v, err
	}
	defer box.Close()
	if f, ok := o.made["program"]; ok {
		f.Mode = 0o755
		o.made["program"] = f
	}
	if err := box.Put(ctx, bin, o.made); err != nil {
		return v, err
	}
	nonce := rand.Text()
	cmd := sandbox.Cmd{Dir: sandbox.Work, Env: tool.Env, Limits: c.Task.Limits, Stdin: strings.NewReader(nonce)}
	at := box.Path(bin)
	switch c.Task.Language {
	case task.Java:
		cmd.Args = []string{strings.TrimSuffix(tool.Program, "javac") + "java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:ActiveProcessorCount=2", "-XX:-UsePerfData", "-Xshare:auto", "-cp", at, entry}
	case task.Perl:
		cmd.Args = []string{"sh", "-c", `exec 3<&0 4>&1 0</dev/null 1>&2; exec "$@"`, "sh", tool.Program, "-I" + at + "/lib", at + "/main.pl"}
	default:
		cmd.Args = program.Line(at + "/program")
	}
	res, err := sandbox.Exec(ctx, box, cmd)
	if err != nil {
		return v, err
	}
	if res.End == sandbox.NotStarted {
		return v, fmt.Errorf("the program cannot be started: %s", res.Stderr)
	}
	said := string(res.Stdout) == nonce && res.OK()
	switch {
	case said:
		v.Status = task.Pass
	case res.OK():
		v.Reason = "the program ended before its test did"
	default:
		v.Reason = why(res)
	}
	v.Tests = []task.Test{{Name: c.Task.Function.EntryPoint, Label: task.Typical, Status: v.Status, Message: v.Reason}}
	return v, nil
}

// why is what a failed program said: the line with the exception, if any.
func why(r sandbox.Result) string {
	first := ""
	for line := range strings.Lines(string(r.Stderr)) {
		line = strings.TrimSpace(line)
		if strings.Contains(line, "xception") || strings.HasPrefix(line, "panic: ") || strings.Contains(line, "what():") {
			return grade.First(strings.ToValidUTF8(line, "?"), 300)
		}
		if first == "" {
			first = line
		}
	}
	if r.End == sandbox.Exited && first != "" {
		return grade.First(strings.ToValidUTF8(first, "?"), 300)
	}
	return r.String()
}
