import assert from "node:assert/strict";
import test from "node:test";
import { AsyncCache } from "../src/cache.js";

const setUp = (options = {}) => {
  const clock = { time: 0 };
  const loads = [];
  const load = async (key) => {
    loads.push(key);
    return `${key}${loads.length}`;
  };
  const cache = new AsyncCache({ load, ttl: 10, now: () => clock.time, ...options });
  return { cache, clock, loads };
};

test("loads once and keeps the value", async () => {
  const { cache, loads } = setUp();
  assert.equal(await cache.get("a"), "a1");
  assert.equal(await cache.get("a"), "a1");
  assert.equal(cache.peek("a"), "a1");
  assert.deepEqual(loads, ["a"]);
});

test("loads again when the value has expired", async () => {
  const { cache, clock } = setUp();
  await cache.get("a");
  clock.time = 10;
  assert.equal(cache.peek("a"), undefined);
  assert.equal(await cache.get("a"), "a2");
});

test("loads again after invalidate", async () => {
  const { cache } = setUp();
  await cache.get("a");
  cache.invalidate("a");
  assert.equal(await cache.get("a"), "a2");
});

test("set puts a value in", async () => {
  const { cache, loads } = setUp();
  cache.set("a", 5);
  assert.equal(await cache.get("a"), 5);
  assert.deepEqual(loads, []);
});

test("the error of a load goes to the caller", async () => {
  const { cache } = setUp({ load: () => Promise.reject(new Error("offline")) });
  await assert.rejects(cache.get("a"), /offline/);
});
