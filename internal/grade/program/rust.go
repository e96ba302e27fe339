package program

import (
	"fmt"

	"github.com/pelletier/go-toml/v2"

	"metr/internal/environment"
	"metr/internal/task"
)

// rustCheck stops at metadata: it says whether all targets compile, at a fifth
// of the cost of building them.
func rustCheck(tool environment.Toolchain) Recipe {
	return Recipe{script: quote(tool.Program, "check", "--offline", "--quiet", "--all-targets", "--message-format", "short") + ` --target-dir "$OBJ"` + "\n"}
}

// rustSubject makes tests/subject a package of its own that depends on the
// workspace's library, which it sees as any user of it would.
func rustSubject(tool environment.Toolchain, t *task.Task, tree, own task.Tree) (Recipe, error) {
	name := manifest(t.Workspace).Name
	if name == "" {
		return Recipe{}, fmt.Errorf("the workspace's Cargo.toml names no package")
	}
	files := task.Tree{"src/metr.rs": asset("metr.rs")}
	for p, f := range own {
		files["src/"+p] = f
	}
	files["Cargo.toml"] = task.File{Mode: 0o644, Data: fmt.Appendf(nil, `[package]
name = "metr-subject"
version = "0.0.0"
edition = %q

[dependencies]
%s = { path = "@WORK@" }

[profile.dev]
debug = false

[workspace]
`, edition(tree), name)}
	return Recipe{lay: files, script: `cp -r "$LAY" "$OBJ"/package` + "\n" + // LAY is not for writing, and cargo writes a lock file
		`sed -i "s|@WORK@|$WORK|" "$OBJ"/package/Cargo.toml` + "\n" +
		quote(tool.Program, "build", "--offline", "--quiet", "--message-format", "short") + ` --manifest-path "$OBJ"/package/Cargo.toml --target-dir "$OBJ"` + "\n" +
		`cp "$OBJ"/debug/metr-subject "$OUT"/program` + "\n"}, nil
}

type cargoPackage struct{ Name, Edition string }

// manifest is the package that a Cargo.toml describes; what cannot be read cargo
// complains of.
func manifest(tree task.Tree) cargoPackage {
	var m struct{ Package cargoPackage }
	_ = toml.Unmarshal(tree["Cargo.toml"].Data, &m)
	return m.Package
}

// edition is Rust's edition of a workspace.
func edition(tree task.Tree) string {
	if e := manifest(tree).Edition; len(e) == 4 {
		return e
	}
	return "2015" // what cargo takes where none is named
}

// rustTests builds every test target and takes out the programs.
func rustTests(tool environment.Toolchain) Recipe {
	return Recipe{script: quote(tool.Program, "test", "--offline", "--quiet", "--no-run", "--config", "profile.test.debug=false", "--message-format", "json-render-diagnostics") +
		` --target-dir "$OBJ" >"$OBJ"/messages` + "\n" +
		`sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' "$OBJ"/messages | while read -r f; do cp "$f" "$OUT"/; done` + "\n"}
}
