package js_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"metr/internal/grade/oracle/js"
	"metr/internal/task"
)

func TestDeclared(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"function", "function add(a, b = 2, ...rest) { return a / b / 2 }", "function add 1, parameter a 1, parameter b 1, parameter rest 1"},
		{"generator and async", "async function *gen_one({ x, y: z, w = 1 }, [p, , q]) {}", "function gen_one 1, parameter x 1, parameter z 1, parameter w 1, parameter p 1, parameter q 1"},
		{"variables", "let a = 1, b = f(1, 2), { c, d: { e } } = x;\nconst g = (h, i) => h, j = k => k\nvar l", "variable a 1, variable b 1, variable c 1, variable e 1, const g 2, const j 2, parameter h 2, parameter i 2, parameter k 2, variable l 3"},
		{"no semicolons", "const a = 1\nconst b = 2\nlet c\nfoo()", "const a 1, const b 2, variable c 3"},
		{"class", "class A extends B {\n #m = new Map();\n constructor(n) { if (n > 0) { x() } }\n get size() { return 1 }\n static async *make_it(q) {}\n }\nconst C = class {}", "class A 1, method constructor 3, parameter n 3, method size 4, method make_it 5, parameter q 5, const C 7"},
		{"loops and catch", "for (const [k, v] of m) { try { } catch (e) { } }\nwhile (x) { }\nfor (let i = 0; i < 3; i++) {}", "const k 1, const v 1, parameter e 1, variable i 3"},
		{"strings hide", "const s = 'let a', t = `function f(){${ {b: 1}.b }} let`, r = /let q/g; // let c\n/* class D */ let u = a / b; let w = 1 / 2", "const s 1, const t 1, const r 1, variable u 2, variable w 2"},
		{"imports", "import d, { a as b, c } from 'x'; import * as ns from 'y'; import type { T } from 'z'; import 'w'; const m = await import('v')", "import d 1, import b 1, import c 1, import ns 1, import T 1, const m 1"},
		{"types", "interface Shape<T> { area(): number }\ntype Id = string\nenum Color { Red }\nfunction f<T>(a: Map<string, number>, b?: T): void {}\nclass P { constructor(private readonly x: number, public y = 2) {} }",
			"type Shape 1, type Id 2, type Color 3, function f 4, parameter a 4, parameter b 4, class P 5, method constructor 5, parameter x 5, parameter y 5"},
		{"keys and properties", "const o = { let: 1, class: 2, function: 3 }; o.class = o.function; o.let", "const o 1"},
		{"arrow with braces", "xs.map(({ id, name }) => ({ id }))", "parameter id 1, parameter name 1"},
		{"unicode", "const größe = 1, \u00e9t\u00e9 = 2", "const größe 1, const été 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if ps := js.Check("a.ts", []byte(tt.src)); tt.name != "strings hide" && len(ps) > 0 {
				t.Fatalf("the test's source does not parse: %v", ps)
			}
			var got []string
			for _, n := range js.Declared([]byte(tt.src)) {
				got = append(got, fmt.Sprintf("%s %s %d", n.Kind, n.Name, n.Line))
			}
			if s := strings.Join(got, ", "); s != tt.want {
				t.Errorf("got  %s\nwant %s", s, tt.want)
			}
		})
	}
}

func TestIdentifiers(t *testing.T) {
	got := js.Identifiers([]byte("let a = b;\n// a\n'a'; f(a)"))
	if !slices.Equal(got["a"], []int{1, 3}) || got["let"] != nil || len(got["b"]) != 1 {
		t.Errorf("%v", got)
	}
}

func TestIndents(t *testing.T) {
	in := js.Indents([]byte("a {\n  b {\n    c;\n   d;\n\te;\n \tf;\n  }\n}  \n`\n     x\n`\n/*\n\t\ty\n*/\nconst s = '/*';\n  t;\n"))
	got := fmt.Sprint(in.Tabs, in.Spaces, in.Mixed, in.Width, in.Off, in.Trailing)
	if want := "[5] [2 3 4 7 16] [6] 2 [4] [8]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if in := js.Indents(nil); in.Width != 0 || in.Tabs != nil {
		t.Errorf("of nothing: %+v", in)
	}
}

func TestCheck(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"a.js", "export const a = 1;", ""},
		{"a.js", "let x: number = 1", "a.js:1:6"},
		{"a.ts", "let x: number = 1; export type T = string", ""},
		{"a.ts", "let x = (;\n", "a.ts:1:10"},
		{"a.tsx", "const a = <b>{1}</b>", ""},
		{"a.cjs", "module.exports = {}; return", ""},
		{"a.js", "\n\nclass {", "a.js:3:"},
	}
	for _, tt := range tests {
		got := ""
		if ps := js.Check(tt.name, []byte(tt.src)); len(ps) > 0 {
			got = ps[0].String()
		}
		if (tt.want == "") != (got == "") || !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s %q: %q, want %q", tt.name, tt.src, got, tt.want)
		}
	}
}

func TestTypeScript(t *testing.T) {
	work, out := t.TempDir(), t.TempDir()
	for p, s := range map[string]string{
		"src/counter.ts": "import fs from 'node:fs';\nlet n: number = 0;\nexport function next(): number { return ++n }\nexport const has = fs.existsSync('.');",
		"src/a.ts":       "import { next } from './counter';\nexport class Box<T> { constructor(private v: T) {} get(): T { return this.v } }\nexport const a = (): number => next();",
		"src/b.ts":       "import { next } from './counter.js';\nexport enum E { A, B }\nexport const b = (): number => next();",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(work, p)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(work, p), []byte(s), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	problems, err := js.Bundle(work, []string{"src/a.ts", "src/b.ts"}, out)
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	j, err := js.Judge(t.TempDir(), task.Tree{"a.test.mjs": {Data: []byte(`
import test from "node:test";
import assert from "node:assert/strict";
import { subject } from "metr";
const { Box, a } = subject.load("src/a.ts");
const { b, E } = subject.load("src/b.ts");
test("state: shared", () => { assert.equal(a(), 1); assert.equal(b(), 2); assert.equal(new Box("x").get(), "x"); assert.equal(E.B, 1); assert.equal(subject.className(new Box(1)), "Box"); });
`)}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := js.Subject(t.TempDir(), work, out)
	if err != nil {
		t.Fatal(err)
	}
	if v := run(t, j, patience, s); len(v.tests) != 1 || v.tests["state: shared"] != "" {
		t.Errorf("%+v", v)
	}
	if err := os.WriteFile(filepath.Join(work, "src/a.ts"), []byte("import './none'"), 0o644); err != nil {
		t.Fatal(err)
	}
	problems, err = js.Bundle(work, []string{"src/a.ts"}, out)
	if err != nil || len(problems) != 1 || problems[0].Line != 1 || problems[0].File != "src/a.ts" {
		t.Errorf("a missing import: %v, %v", problems, err)
	}
}

// What is read from foreign sources neither crashes nor names lines that are not there.
func FuzzDeclared(f *testing.F) {
	for _, s := range []string{"function f(a){}", "`${`", "/[/", "class A{a(){}}", "let {a:[b", "const a=1\nb", "x=>", ")=>", "#!x", "import{", "\xff\xfe let a"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 1<<14 {
			return
		}
		lines := strings.Count(string(src), "\n") + 1
		for _, n := range js.Declared(src) {
			if n.Line < 1 || n.Line > lines || n.Name == "" || !strings.Contains(string(src), n.Name) {
				t.Fatalf("%+v in %d lines", n, lines)
			}
		}
		js.Indents(src)
		js.Check("a.ts", src)
	})
}
