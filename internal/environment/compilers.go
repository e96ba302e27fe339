package environment

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"metr/internal/sandbox"
	"metr/internal/task"
)

// rust finds cargo, with rustc and rustfmt beside it. A rustup home is a
// read-only layer of its tool chain alone; rustup itself is not needed.
func rust(ctx context.Context) (Toolchain, error) {
	missing := &Missing{task.Rust, "rustc with cargo", "apt-get install rustc cargo rustfmt, or rustup"}
	root, err := output(ctx, "rustc", "--print", "sysroot")
	if err != nil {
		return Toolchain{}, missing
	}
	cargo := root + "/bin/cargo"
	if _, err := exec.LookPath(cargo); err != nil {
		return Toolchain{}, missing
	}
	said, err := output(ctx, root+"/bin/rustc", "--version") // rustc 1.95.0 (…)
	f := strings.Fields(said)
	if err != nil || len(f) < 2 {
		return Toolchain{}, missing
	}
	if _, err := exec.LookPath("cc"); err != nil {
		return Toolchain{}, &Missing{task.Rust, "cc, which links for rustc,", "apt-get install gcc libc6-dev"}
	}
	return Toolchain{
		Program: cargo, Version: f[1], Layers: outside(root),
		Env: []string{
			"PATH=" + root + "/bin:/usr/local/bin:/usr/bin:/bin", "RUSTC=" + root + "/bin/rustc", "RUSTC_WRAPPER=", "RUSTC_WORKSPACE_WRAPPER=",
			"CARGO_NET_OFFLINE=true", "CARGO_INCREMENTAL=0", "CARGO_TERM_COLOR=never", "CARGO_BUILD_JOBS=2", "RUST_BACKTRACE=0",
		},
	}, nil
}

// java finds a JDK. Its program is javac; java lies beside it.
func java(ctx context.Context) (Toolchain, error) {
	missing := &Missing{task.Java, "javac", "apt-get install default-jdk-headless (version 17 or later)"}
	javac, err := whole("javac")
	if err != nil {
		return Toolchain{}, missing
	}
	home := filepath.Dir(filepath.Dir(javac))
	said, err := output(ctx, javac, "-version") // javac 17.0.15
	f := strings.Fields(said)
	if err != nil || len(f) < 2 {
		return Toolchain{}, missing
	}
	t := Toolchain{Program: javac, Version: f[1], Layers: outside(home)}
	// Debian keeps the settings of its JDK in a folder of /etc.
	if p, err := filepath.EvalSymlinks(home + "/conf/security/java.security"); err == nil && !strings.HasPrefix(p, home) {
		if parts := strings.SplitN(p, "/", 4); len(parts) == 4 && parts[1] == "etc" {
			t.Layers = append(t.Layers, sandbox.Layer{Host: "/etc/" + parts[2], Box: "/etc/" + parts[2]})
		}
	}
	return t, nil
}

// gnu finds gcc or g++, whichever compiler goes by that name.
func gnu(ctx context.Context, l task.Language, name, packages string) (Toolchain, error) {
	path, err := whole(name)
	if err != nil {
		return Toolchain{}, &Missing{l, name, "apt-get install " + packages}
	}
	v, err := output(ctx, path, "-dumpfullversion", "-dumpversion")
	if err != nil {
		return Toolchain{}, err
	}
	header := "stdio.h"
	if l == task.Cpp {
		header = "vector"
	}
	// The compiler may be there without its library's headers.
	check := exec.CommandContext(ctx, path, "-E", "-x", map[task.Language]string{task.C: "c", task.Cpp: "c++"}[l], "-")
	check.Stdin = strings.NewReader("#include <" + header + ">\n")
	var failed *exec.ExitError
	if err := check.Run(); errors.As(err, &failed) {
		return Toolchain{}, &Missing{l, "the header " + header, "apt-get install " + packages}
	} else if err != nil {
		return Toolchain{}, err
	}
	return Toolchain{Program: path, Version: v, Layers: outside(filepath.Dir(filepath.Dir(path)))}, nil
}

// perl finds the interpreter; data sets alone use it.
func perl(ctx context.Context) (Toolchain, error) {
	path, err := whole("perl")
	if err == nil {
		var v string
		if v, err = output(ctx, path, "-e", "print substr($^V, 1)"); err == nil {
			return Toolchain{Program: path, Version: v, Layers: outside(filepath.Dir(filepath.Dir(path)))}, nil
		}
	}
	return Toolchain{}, &Missing{task.Perl, "perl", "apt-get install perl"}
}

// CppHeaders is where boxes find the headers that CppHeader compiled.
const CppHeaders = "/cache/cpp"

// CppFlags are the flags that the compiled header holds for; a compilation with
// others reads the header as it is, at five times the cost.
var CppFlags = []string{"-std=gnu++17", "-O0", "-w"}

// CppHeader returns the layer that holds bits/stdc++.h compiled with CppFlags,
// which most C++ programs of data sets include. It is read-only and built once a
// machine, from the compiler's own header. A compiler without that header gives
// no layer.
func (h *Host) CppHeader(ctx context.Context) ([]sandbox.Layer, error) {
	tool, err := h.For(ctx, task.Cpp)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(h.cache, "cpp-header-"+short(tool.Program+tool.Version+strings.Join(CppFlags, " ")))
	err = once(dir, func(dir string) error {
		h.notice("compiling the C++ standard library's header for the sandbox (once, some seconds)")
		if err := os.Mkdir(filepath.Join(dir, "bits"), 0o755); err != nil {
			return err
		}
		src := filepath.Join(dir, "all.h")
		if err := os.WriteFile(src, []byte("#include <bits/stdc++.h>\n"), 0o644); err != nil {
			return err
		}
		cmd := exec.CommandContext(ctx, tool.Program, append(append([]string(nil), CppFlags...), "-x", "c++-header", "-o", filepath.Join(dir, "bits", "stdc++.h.gch"), src)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			// Not GNU's library: programs that include the header will fail to
			// compile, and say so.
			return os.WriteFile(filepath.Join(dir, "none"), out, 0o644)
		}
		return h.hand(dir)
	})
	if err != nil {
		return nil, fmt.Errorf("compile the C++ standard library's header: %w", err)
	}
	return []sandbox.Layer{{Host: dir, Box: CppHeaders}}, nil
}

// whole is where a program of the PATH lies, symbolic links followed: folders
// like /etc/alternatives need not be in a box then.
func whole(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(path)
}
