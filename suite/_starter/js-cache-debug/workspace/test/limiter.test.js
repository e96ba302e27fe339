import assert from "node:assert/strict";
import test from "node:test";
import { Limiter } from "../src/limiter.js";

test("lets so many in and the others after them, in order", async () => {
  const limiter = new Limiter(2);
  const seen = [];
  const enter = async (name) => {
    await limiter.acquire();
    seen.push(name);
  };
  const all = Promise.all(["a", "b", "c", "d"].map(enter));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(seen, ["a", "b"]);
  limiter.release();
  limiter.release();
  await all;
  assert.deepEqual(seen, ["a", "b", "c", "d"]);
});

test("refuses less than one slot", () => {
  assert.throws(() => new Limiter(0), RangeError);
});
