package program

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"metr/internal/environment"
	"metr/internal/task"
)

// jvm is the command line of a virtual machine for one short program: no
// threads of its own that a small box would pay for.
func jvm(tool environment.Toolchain) []string {
	return []string{path.Dir(tool.Program) + "/java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:ActiveProcessorCount=2", "-XX:-UsePerfData", "-Xshare:auto", "-Xss8m"}
}

// javac is the compiler's command line up to the files. No annotation processor
// runs: it would be code of the candidate's.
func javac(tool environment.Toolchain, tree task.Tree) string {
	words := []string{tool.Program, "-J-XX:+UseSerialGC", "-J-XX:TieredStopAtLevel=1", "-J-XX:ActiveProcessorCount=2", "-J-XX:-UsePerfData", "-J-Xshare:auto",
		"-proc:none", "-nowarn", "-encoding", "UTF-8"}
	if jars := jars(tree); len(jars) > 0 {
		for i, j := range jars {
			jars[i] = "./" + j
		}
		words = append(words, "-cp", strings.Join(jars, ":"))
	}
	return quote(words...)
}

// jars lists the libraries that the workspace brings.
func jars(tree task.Tree) []string {
	return slices.DeleteFunc(tree.Paths(), func(p string) bool { return !strings.HasPrefix(p, "lib/") || path.Ext(p) != ".jar" })
}

// classpath is the classes at dir and the jars of a workspace at work.
func classpath(dir, work string, tree task.Tree) string {
	for _, j := range jars(tree) {
		dir += ":" + work + "/" + j
	}
	return dir
}

// javaCheck is the recipe of the tests too: the virtual machine of the compiler
// costs more than what it compiles.
func javaCheck(tool environment.Toolchain, tree task.Tree) Recipe {
	if len(units(task.Java, tree)) == 0 {
		return Recipe{script: "echo 'error: no java file is left' >&2\nexit 1\n"}
	}
	return javaTests(tool, tree)
}

func javaSubject(tool environment.Toolchain, tree, own task.Tree) Recipe {
	own["Metr.java"] = asset("Metr.java")
	laid := ""
	for _, p := range own.Paths() {
		if path.Ext(p) == ".java" {
			laid += ` "$LAY"/` + quote(p)
		}
	}
	return Recipe{lay: own, script: javac(tool, tree) + ` -d "$OUT" ` + filesOf(units(task.Java, tree)) + laid + "\n"}
}

func javaTests(tool environment.Toolchain, tree task.Tree) Recipe {
	return Recipe{
		lay:    task.Tree{"MetrTests.java": asset("MetrTests.java")},
		script: javac(tool, tree) + ` -d "$OUT" ` + filesOf(Files(task.Java, tree)) + ` "$LAY"/MetrTests.java` + "\n",
	}
}

func filesOf(paths []string) string {
	out := make([]string, len(paths))
	for i, p := range paths {
		out[i] = file(p)
	}
	return strings.Join(out, " ")
}

var javaPackage = regexp.MustCompile(`(?m)^\s*package\s+([\w.]+)\s*;`)

// className is the class that a source file is named for, with its package.
func className(p string, src []byte) string {
	name := strings.TrimSuffix(path.Base(p), ".java")
	if m := javaPackage.FindSubmatch(src); m != nil {
		name = string(m[1]) + "." + name
	}
	return name
}
