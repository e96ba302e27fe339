import assert from "node:assert/strict";
import test from "node:test";
import { by, chain, reverse } from "../src/compare.js";

test("by sorts by key", () => {
  const words = ["pear", "fig", "banana"].sort(by((word) => word.length));
  assert.deepEqual(words, ["fig", "pear", "banana"]);
});

test("reverse turns the order round", () => {
  assert.deepEqual([2, 3, 1].sort(reverse(by((n) => n))), [3, 2, 1]);
});

test("chain asks the next comparator among equals", () => {
  const rows = [["b", 1], ["a", 2], ["a", 1]];
  rows.sort(chain(by((row) => row[0]), by((row) => row[1])));
  assert.deepEqual(rows, [["a", 1], ["a", 2], ["b", 1]]);
});
