package program

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"metr/internal/environment"
	"metr/internal/task"
)

// Flags of every compilation. What newer compilers refuse by themselves is
// refused by all.
var (
	cFlags   = []string{"-std=gnu17", "-O1", "-Werror=implicit-function-declaration", "-Werror=implicit-int", "-Werror=int-conversion", "-Werror=incompatible-pointer-types", "-Werror=return-type"}
	cppFlags = []string{"-std=gnu++17", "-O1", "-Werror=return-type"}
)

// compile is the command line of the compiler up to the files: every folder that
// holds headers is searched for them.
func compile(tool environment.Toolchain, l task.Language, tree task.Tree) string {
	flags := cFlags
	if l == task.Cpp {
		flags = cppFlags
	}
	dirs := []string{"."}
	for _, p := range Files(l, tree) {
		if d := path.Dir(p); slices.Contains(headers, path.Ext(p)) && !slices.Contains(dirs, d) {
			dirs = append(dirs, d)
		}
	}
	for _, d := range []string{"include", "src"} {
		if !slices.Contains(dirs, d) && slices.ContainsFunc(tree.Paths(), func(p string) bool { return strings.HasPrefix(p, d+"/") }) {
			dirs = append(dirs, d)
		}
	}
	words := append([]string{tool.Program, "-fdiagnostics-color=never"}, flags...)
	for _, d := range dirs {
		words = append(words, "-I./"+d)
	}
	return quote(words...)
}

// libraries that every program is linked with.
const libraries = " -pthread -lm\n"

// objects is the recipe of the code that is neither test nor main, which checks,
// subjects and tests have in common, and the objects that it leaves them.
func objects(cc string, l task.Language, tree task.Tree) (r *Recipe, made string) {
	r = &Recipe{script: ":\n"}
	for i, p := range slices.DeleteFunc(units(l, tree), isMain) {
		r.script += fmt.Sprintf("%s -c %s -o \"$OUT\"/%d.o\n", cc, file(p), i)
		made += fmt.Sprintf(` "$LAY"/base/%d.o`, i)
	}
	return r, made
}

// cCheck compiles everything and links the program, if there is a main.
func cCheck(tool environment.Toolchain, l task.Language, tree task.Tree) Recipe {
	files := units(l, tree)
	if len(files) == 0 {
		return Recipe{script: "echo 'error: no " + string(l) + " file is left' >&2\nexit 1\n"}
	}
	cc := compile(tool, l, tree)
	base, made := objects(cc, l, tree)
	script := ":\n"
	for _, p := range files {
		if isMain(p) { // one program for each: a workspace may have several
			script += cc + " " + file(p) + made + ` -o "$OBJ"/program` + libraries
		}
	}
	for _, p := range Files(l, tree) {
		if IsTest(l, p) {
			script += cc + " -fsyntax-only " + file(p) + "\n"
		}
	}
	return Recipe{base: base, script: script}
}

// cSubject links tests/subject with all code that is neither test nor main.
func cSubject(tool environment.Toolchain, l task.Language, tree, own task.Tree) Recipe {
	cc := compile(tool, l, tree)
	base, made := objects(cc, l, tree)
	own["metr.h"] = asset("metr.h")
	files := ""
	for _, p := range own.Paths() {
		if slices.Contains(extensions[l], path.Ext(p)) {
			files += ` "$LAY"/` + quote(p)
		}
	}
	return Recipe{base: base, lay: own, script: cc + ` -I"$LAY"` + files + made + ` -o "$OUT"/program` + libraries}
}

// cTests links each test file with all code that is neither test nor main. The
// test's own main function is renamed, in the object: it may have been declared
// in any way. A test that does not build is missing in OUT.
func cTests(tool environment.Toolchain, l task.Language, tree task.Tree, files []string) Recipe {
	cc := compile(tool, l, tree)
	base, made := objects(cc, l, tree)
	script := quote(tool.Program) + ` -x c -c "$LAY"/test_main.c -o "$OBJ"/main.o` + "\n"
	for i, p := range files {
		script += fmt.Sprintf(`{ %s -c %s -o "$OBJ"/t%d.o && objcopy --redefine-sym main=metr_test_main "$OBJ"/t%d.o && %s "$OBJ"/t%d.o "$OBJ"/main.o%s -o "$OUT"/%d%s} || :`,
			cc, file(p), i, i, cc, i, made, i, strings.TrimSuffix(libraries, "\n")+"; ") + "\n"
	}
	return Recipe{base: base, lay: task.Tree{"test_main.c": asset("test_main.c")}, script: script}
}
