package js_test

import (
	"testing"
)

func TestTestFile(t *testing.T) {
	const module = `
export class LRU {
  #m = new Map();
  constructor(n) { if (!(n > 0)) throw new RangeError("capacity must be positive"); this.n = n; }
  put(k, v) { this.#m.delete(k); this.#m.set(k, v); if (this.#m.size > this.n) this.#m.delete(this.#m.keys().next().value); return this; }
  get(k) { const v = this.#m.get(k); if (v !== undefined) this.put(k, v); return v; }
  get size() { return this.#m.size; }
  keys() { return this.#m.keys(); }
  *[Symbol.iterator]() { yield* this.#m; }
}
export class CapacityError extends Error {}
export const MAX = 5, nothing = undefined;
export function fail(code) { const e = new CapacityError("full"); e.code = code; throw e; }
export async function later(x) { await new Promise((ok) => setTimeout(ok, 5)); if (x === "") throw new TypeError("empty"); return x; }
export function each(xs, f) { return xs.map((x) => f(x, x * 2)); }
export async function retry(f, n) { for (;;) try { return await f(n); } catch (e) { if (--n === 0) throw e; } }
export function sort(xs) { xs.sort((a, b) => a - b); }
export function echo(...xs) { return xs.length === 1 ? xs[0] : xs; }
export function counter() { let n = 0; return { inc() { this.last = ++n; return this; }, get value() { return n; } }; }
export function* naturals() { for (let i = 0; ; i++) yield i; }
export async function* ticks(n) { for (let i = 0; i < n; i++) { await null; yield i; } }
export function ring() { const a = { name: "a" }; a.self = a; return a; }
export let count = 0;
export function tick() { count++; }
export function thrower() { throw "plain"; }
export default function main() { return "main"; }
`
	const test = `
import test, { describe } from "node:test";
import assert from "node:assert/strict";
import { subject } from "metr";
const m = subject.load("src/m.js");
const { LRU, CapacityError } = m;
test("edge: capacity one", () => {
  const c = new LRU(1);
  c.put("a", 1).put("b", 2);
  assert.equal(c.get("a"), undefined);
  assert.equal(c.get("b"), 2);
  assert.equal(c.size, 1);
  assert.deepEqual([...c.keys()], ["b"]);
  assert.deepEqual([...c], [["b", 2]]);
  assert.ok(c instanceof LRU);
  assert.ok(!(c instanceof CapacityError));
  assert.ok("get" in c);
  assert.ok(!("gone" in c));
  assert.equal(c.constructor.name, "LRU");
  assert.equal(c.constructor, LRU);
  assert.equal(subject.className(c), "LRU");
  c.n = 7;
  assert.equal(c.n, 7);
  assert.equal(m.MAX, 5);
  assert.equal(m.nothing, undefined);
  assert.equal(m.missing, undefined);
  assert.equal(m.default(), "main");
});
test("error: classes", () => {
  assert.throws(() => new LRU(0), { name: "RangeError", message: /positive/ });
  assert.throws(() => new LRU(0), RangeError);
  assert.throws(() => m.fail("E1"), CapacityError);
  assert.throws(() => m.fail("E1"), { name: "CapacityError", code: "E1" });
  assert.throws(() => m.fail({ a: [1] }), (e) => { assert.deepEqual(e.props.code, { a: [1] }); assert.deepEqual(e.mro, ["CapacityError", "Error"]); return e instanceof Error; });
  assert.throws(() => m.thrower(), (e) => e === "plain");
  assert.throws(() => m.missing(), TypeError);
});
test("typical: promises and callbacks", async () => {
  assert.equal(await m.later("x"), "x");
  await assert.rejects(async () => m.later(""), TypeError);
  assert.deepEqual(m.each([1, 2], (a, b) => a + b), [3, 6]);
  assert.throws(() => m.each([1], () => { throw new RangeError("mine"); }), { name: "RangeError", message: "mine" });
  let n = 0;
  assert.equal(m.retry(async () => { if (++n < 3) throw new Error("again"); return { n }; }, 5).n, 3);
  assert.throws(() => m.retry(async () => { throw new Error("never"); }, 2), /never/);
  assert.deepEqual(m.each([1], (x) => m.each([x], (y) => y + 1)), [[2]]);
});
describe("values", () => {
  for (const v of [undefined, null, true, 0, -0, 1.5, NaN, -Infinity, 2 ** 53, 12345678901234567890n, -3n, "", "\ud800x", "é😀", [1, [2, undefined]], { a: { b: [] }, "": 1 },
    new Map([["k", { x: 1 }], [{}, 2]]), new Set([1, "1"]), new Date(86400000), new Uint8Array([0, 255]), JSON.parse('{"__proto__": 1}')]) {
    test("typical: echo", () => assert.deepEqual(m.echo(v), v));
  }
  test("typical: invalid date", () => assert.ok(Number.isNaN(m.echo(new Date(NaN)).getTime())));
});
test("state: objects stay", () => {
  const c = m.counter();
  assert.equal(c.inc(), c);
  c.inc();
  assert.equal(c.value, 2);
  assert.equal(c.last, 2);
  assert.deepEqual(subject.inplace(m.sort, [3, 1, 2]), { value: undefined, args: [[1, 2, 3]] });
  const first = [];
  for (const x of m.naturals()) { if (x > 3) break; first.push(x); }
  assert.deepEqual(first, [0, 1, 2, 3]);
  assert.equal(m.ring().self.name, "a");
  m.tick();
  assert.equal(m.count, 1);
  subject.restart();
  assert.equal(m.count, 0);
  assert.equal(new LRU(2).size, 0);
  assert.throws(() => c.value, /ended/);
  const { both } = subject.exec("const n = 2; async function both(f) { return Promise.all([f(1), f(n)]) }");
  assert.deepEqual(both(m.later), [1, 2]);
  assert.equal(m.echo.call(null, 4), 4);
  assert.equal(subject.start.load("src/m.js").MAX, 5);
  assert.throws(() => subject.start.load("src/m.js").echo(m.counter()), /another/);
});
test("async iteration", async () => {
  const got = [];
  for await (const x of m.ticks(3)) got.push(x);
  assert.deepEqual(got, [0, 1, 2]);
});
test("handles are not values", () => {
  const c = new LRU(1);
  assert.throws(() => assert.deepEqual(c, {}));
  assert.throws(() => assert.deepEqual(c, { n: 1 }));
  assert.throws(() => String(c), /converted/);
  assert.throws(() => m.echo(Symbol()), /cannot be sent/);
});
test("speed", () => subject.measure("s", { sizes: [1, 2], rounds: 3, prepare: (s, n) => [s.load("src/m.js"), n], run: (s, [mm, n]) => mm.echo(n) }));
test("edge: wrong on purpose", () => assert.equal(new LRU(1).size, 3));
`
	v := judged(t, module, test, patience)
	for name, msg := range v.tests {
		if (msg != "") != (name == "edge: wrong on purpose") {
			t.Errorf("%s: %q", name, msg)
		}
	}
	if len(v.tests) != 10 {
		t.Errorf("%d names, want 10: %v", len(v.tests), v.tests)
	}
	if v.label["edge: capacity one"] != "edge" || v.label["async iteration"] != "typical" {
		t.Errorf("labels: %v", v.label)
	}
	if len(v.Pairs) != 1 || len(v.Pairs[0].Rows) != 6 {
		t.Errorf("pairs %v, want 6 rows", v.Pairs)
	}
}
