package js_test

import (
	"strings"
	"testing"
	"time"
)

// What a candidate may try instead of working. The task: sum(xs) adds numbers,
// class Stack has push, pop, size. No forgery passes a test whose answer it does
// not know; each fails with a reason.
func TestForgeries(t *testing.T) {
	const hidden = `
import test from "node:test";
import assert from "node:assert";
import { subject } from "metr";
const m = subject.load("src/m.js");
test("typical: sum", () => assert.equal(m.sum([2, 3]), 5));
test("edge: empty", () => assert.deepEqual(m.sum([]), 0));
test("state: stack", () => {
  const s = new m.Stack();
  s.push(1);
  s.push(2);
  assert.strictEqual(s.size, 2);
  assert.strictEqual(s.pop(), 2);
  assert.strictEqual(s.size, 1);
  assert.deepStrictEqual(s.items(), [1]);
});
test("error: pop of nothing", () => assert.throws(() => new m.Stack().pop(), { name: "RangeError" }));
`
	const wrong = `
export function sum() { return 1; }
export class Stack { push() {} pop() {} get size() { return 0; } items() { return []; } }
`
	const forged = `
import fs from "node:fs";
function frame(o) { const b = Buffer.from(JSON.stringify(o)); const h = Buffer.alloc(4); h.writeUInt32BE(b.length); return Buffer.concat([h, b]); }
const flood = [frame({ op: "result", name: "edge: empty", label: "edge", status: "pass", message: "" }), frame({ op: "done", tests: 4 })];
`
	tests := []struct{ name, module string }{
		{"wrong", wrong},
		{"exit on load", `process.exit(0);` + wrong},
		{"exit in a call", `export function sum() { process.exit(0) } export class Stack { constructor() { process.exit(0) } }`},
		{"abort on exit", wrong + `process.on("exit", () => { process.exitCode = 0; });`},
		{"printed passes", wrong + `console.log("ok 1 - edge: empty\n# pass 4\n# fail 0"); process.stdout.write("PASS\n");`},
		{"verdict frames on every descriptor", wrong + forged + `for (let fd = 0; fd < 12; fd++) for (const f of flood) try { fs.writeSync(fd, f); } catch {}`},
		{"verdict frames later", wrong + forged + `setInterval(() => { for (let fd = 1; fd < 12; fd++) for (const f of flood) try { fs.writeSync(fd, f); } catch {} }, 1);`},
		{"answers ahead of questions", wrong + forged + `for (let i = 0; i < 50; i++) try { fs.writeSync(4, frame({ ok: 5 })); } catch {}`},
		{"garbage on the channel", wrong + `import fs from "node:fs"; fs.writeSync(4, "PASS PASS PASS PASS");`},
		{"questions read away", wrong + `import fs from "node:fs"; setTimeout(() => { const b = Buffer.alloc(4096); fs.read(3, b, 0, 4096, null, () => {}); }, 1);`},
		{"always equal by valueOf", `
const all = { valueOf: () => 5, toString: () => "5", [Symbol.toPrimitive]: () => 5, equals: () => true };
export function sum() { return Object.create(all); }
export class Stack { push() {} pop() { return Object.create(all); } get size() { return Object.create(all); } items() { return Object.create(all); } }`},
		{"proxy equal to everything", `
const all = () => new Proxy(function () {}, { get: (t, k) => k === Symbol.toPrimitive ? () => 5 : all(), apply: () => all(), construct: () => all(), has: () => true,
  getPrototypeOf: () => Number.prototype, ownKeys: () => ["prototype"] });
export const sum = () => all();
export const Stack = all();`},
		{"lying getters", `
export function sum() { let n = 0; return { get value() { return n++; }, valueOf() { return [5, 0][n++]; } }; }
export class Stack { #n = 2; push() {} pop() { return { get x() { return 2; } }; } get size() { return 2; } items() { return new Proxy([1], {}); } }`},
		{"patched builtins", wrong + `
JSON.stringify = () => '{"ok":5}'; JSON.parse = () => ({ op: "none" });
Object.prototype.toJSON = () => 5; Array.prototype.toJSON = () => [1]; Number.prototype.toJSON = () => 5;
Array.prototype.push = function () { return 0; }; Array.prototype.join = () => "5"; Object.keys = () => []; Number.isSafeInteger = () => true;
Object.defineProperty(Array.prototype, 0, { set() {}, get() { return 5; } });
Map.prototype.get = () => () => 5; Number.prototype.toString = () => "5"; String.prototype.charCodeAt = () => 53;
Object.getPrototypeOf = () => Object.prototype; Reflect.apply = () => 5; Function.prototype.call = () => 5; Function.prototype.apply = () => 5; Buffer.from = () => Buffer.alloc(0);`},
		{"harness looked for", wrong + `
import { createRequire } from "node:module";
try { const a = createRequire("/")("node:assert"); for (const k of Object.keys(a)) try { a[k] = () => {}; } catch {} } catch {}
const old = Error.prepareStackTrace; Error.prepareStackTrace = (e, frames) => { for (const f of frames) { const fn = f.getFunction?.(); } return old; };
globalThis.assert = { equal() {} };`},
		{"children left behind", wrong + `
import { spawn } from "node:child_process";
spawn("sh", ["-c", "for i in 1 2 3; do printf PASS >&4; sleep 0.01; done"], { detached: true, stdio: ["ignore", 4, 4, 3, 4] }).unref();`},
		{"never an answer", `export function sum() { return new Promise(() => {}); } export class Stack { constructor() { process.reallyExit(0) } }`},
		{"endless iterator", `export function sum() { return { [Symbol.iterator]: () => ({ next: () => ({ done: false }) }) }; } export class Stack { constructor() { throw 0; } }`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			// Every answer given in time is wrong, so that a late one changes nothing.
			v := judged(t, tt.module, hidden, time.Second)
			if len(v.tests) != 4 {
				t.Fatalf("results %v", v.tests)
			}
			for name, msg := range v.tests {
				if msg == "" && !(tt.name == "answers ahead of questions" && name == "typical: sum") {
					t.Errorf("%s passed", name)
				}
			}
		})
	}
}

// A right answer stays right though it patches what it should not.
func TestPatchedGlobals(t *testing.T) {
	v := judged(t, `
Object.prototype.extra = 1; Array.prototype.last = function () { return this[this.length - 1]; };
Object.prototype.toJSON = () => 5; JSON.stringify = JSON.parse = undefined; Array.prototype.push = Array.prototype.splice = Map.prototype.get = Map.prototype.set = undefined; Object.keys = undefined;
globalThis.Map = globalThis.Set = globalThis.Buffer = globalThis.Promise = undefined;
export const sum = (xs) => xs.reduce((a, b) => a + b, 0);
export const wrap = (v) => ({ v: [v] });
export const later = async (v) => v;
export const fail = () => { throw new RangeError("no"); };
`, `
import test from "node:test";
import assert from "node:assert/strict";
import { subject } from "metr";
const m = subject.load("src/m.js");
test("typical: all", () => {
  assert.equal(m.sum([1, 2]), 3);
  assert.deepEqual(m.wrap(1), { v: [1] });
  assert.equal(m.later(4), 4);
  assert.throws(() => m.fail(), RangeError);
});
`, patience)
	if len(v.tests) != 1 || v.tests["typical: all"] != "" {
		t.Errorf("%+v", v)
	}
}

// Loading that fails fails the tests, not the judge.
func TestBrokenModules(t *testing.T) {
	for name, module := range map[string]string{
		"syntax": "export function sum( {", "throws": "throw new Error('at load')", "missing import": `import "./none.js"`, "exits": "process.exit(0)", "top-level loop": "process.kill(process.pid, 'SIGKILL')",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := judged(t, module, `
import test from "node:test";
import assert from "node:assert";
import { subject } from "metr";
const { sum } = subject.load("src/m.js");
test("typical: exists", () => assert.ok(typeof sum === "function"));
test("edge: other", () => { assert.ok(true); });
`, patience)
			if len(v.tests) != 2 {
				t.Fatalf("%+v", v)
			}
			for n, msg := range v.tests {
				if !strings.Contains(msg, "could not be loaded") {
					t.Errorf("%s: %q", n, msg)
				}
			}
		})
	}
}
