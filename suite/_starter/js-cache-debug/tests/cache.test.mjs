import test from "node:test";
import assert from "node:assert/strict";
import { subject } from "metr";

const { AsyncCache } = subject.load("src/cache.js");
const { createRates } = subject.load("src/rates.js");

// play carries out steps on a cache whose loads end when a step says so. Steps in a list of their
// own are made in the same moment, else everything that can run runs between two steps.
const { play, basket } = subject.exec(`
  async function play(AsyncCache, options, steps) {
    let time = 0;
    const loads = [];
    const keys = [];
    const gets = [];
    const peeks = [];
    const load = (key) => {
      keys.push(key);
      if (options.throws === keys.length) throw new Error("thrown at once");
      return new Promise((resolve, reject) => loads.push({ resolve, reject }));
    };
    const cache = new AsyncCache({
      load,
      ttl: 10,
      parallel: options.parallel ?? 4,
      now: () => time,
    });
    const watch = (promise) => {
      const seen = { state: "waiting" };
      gets.push(seen);
      Promise.resolve(promise).then(
        (value) => Object.assign(seen, { state: "value", value }),
        (error) => Object.assign(seen, { state: "error", message: error.message }),
      );
    };
    const moves = {
      get: (key) => watch(cache.get(key)),
      peek: (key) => peeks.push(cache.peek(key)),
      set: (key, value) => cache.set(key, value),
      invalidate: (key) => cache.invalidate(key),
      resolve: (i, value) => loads[i].resolve(value),
      reject: (i, message) => loads[i].reject(new Error(message)),
      time: (to) => { time = to; },
    };
    for (const step of steps) {
      const together = Array.isArray(step[0]) ? step : [step];
      for (const [name, ...args] of together) moves[name](...args);
      for (let i = 0; i < 3; i += 1) await new Promise((resolve) => setImmediate(resolve));
    }
    const got = gets.map((seen) => {
      if (seen.state === "value") return ["value", seen.value];
      return seen.state === "error" ? ["error", seen.message] : ["waiting"];
    });
    return { keys, got, peeks };
  }

  async function basket(createRates, amounts) {
    const asked = [];
    const rates = createRates({
      fetchRate: async (from, to) => {
        asked.push([from, to]);
        await new Promise((resolve) => setImmediate(resolve));
        return 2;
      },
    });
    return { total: await rates.total(amounts, "USD"), asked };
  }
`);

const run = (steps, options = {}) => play(AsyncCache, options, steps);
const value = (v) => ["value", v];
const error = (message) => ["error", message];

test("typical: a value is loaded once and kept", async () => {
  const { keys, got } = await run([["get", "a"], ["resolve", 0, 1], ["get", "a"], ["get", "a"]]);
  assert.deepEqual(keys, ["a"]);
  assert.deepEqual(got, [value(1), value(1), value(1)]);
});

test("typical: who asks in the same moment shares a load", async () => {
  const three = [["get", "a"], ["get", "a"], ["get", "a"]];
  const { keys, got } = await run([three, ["resolve", 0, 1]]);
  assert.deepEqual(keys, ["a"]);
  assert.deepEqual(got, [value(1), value(1), value(1)]);
});

test("typical: who asks while it loads shares the load", async () => {
  const { keys, got } = await run([["get", "a"], ["get", "a"], ["resolve", 0, 1]]);
  assert.deepEqual(keys, ["a"]);
  assert.deepEqual(got, [value(1), value(1)]);
});

test("typical: a basket makes one request a pair", async () => {
  const { total, asked } = await basket(createRates, [[1, "EUR"], [2, "CHF"], [3, "EUR"], [4, "EUR"]]);
  assert.equal(total, 20);
  assert.deepEqual(asked, [["EUR", "USD"], ["CHF", "USD"]]);
});

test("typical: another key has a load of its own", async () => {
  const { keys, got } = await run([
    [["get", "a"], ["get", "b"]],
    ["resolve", 1, "B"],
    ["resolve", 0, "A"],
  ]);
  assert.deepEqual(keys, ["a", "b"]);
  assert.deepEqual(got, [value("A"), value("B")]);
});

test("typical: a load that waits for a slot is shared, too", async () => {
  const { keys, got } = await run(
    [["get", "a"], ["get", "b"], ["get", "b"], ["resolve", 0, 1], ["get", "b"], ["resolve", 1, 2]],
    { parallel: 1 },
  );
  assert.deepEqual(keys, ["a", "b"]);
  assert.deepEqual(got, [value(1), value(2), value(2), value(2)]);
});

test("edge: no more loads at once than allowed", async () => {
  const steps = [[["get", "a"], ["get", "b"], ["get", "c"]]];
  assert.deepEqual((await run(steps, { parallel: 2 })).keys, ["a", "b"]);
  steps.push(["resolve", 1, 1]);
  assert.deepEqual((await run(steps, { parallel: 2 })).keys, ["a", "b", "c"]);
});

test("edge: freshness counts from the end of the load", async () => {
  const steps = [["get", "a"], ["time", 8], ["resolve", 0, 1], ["time", 17], ["peek", "a"]];
  steps.push(["get", "a"], ["time", 18], ["peek", "a"], ["get", "a"], ["resolve", 1, 2]);
  const { keys, got, peeks } = await run(steps);
  assert.deepEqual(keys, ["a", "a"]);
  assert.deepEqual(peeks, [1, undefined]);
  assert.deepEqual(got, [value(1), value(1), value(2)]);
});

test("edge: undefined and null are kept", async () => {
  for (const nothing of [undefined, null, 0, ""]) {
    const { keys, got } = await run([["get", "a"], ["resolve", 0, nothing], ["get", "a"]]);
    assert.deepEqual(keys, ["a"]);
    assert.deepEqual(got, [value(nothing), value(nothing)]);
  }
});

test("error: a failure is not remembered", async () => {
  const { keys, got } = await run([
    ["get", "a"],
    ["reject", 0, "offline"],
    ["get", "a"],
    ["resolve", 1, 2],
    ["get", "a"],
  ]);
  assert.deepEqual(keys, ["a", "a"]);
  assert.deepEqual(got, [error("offline"), value(2), value(2)]);
});

test("error: all who wait get the error", async () => {
  const { keys, got } = await run([
    ["get", "a"],
    ["get", "a"],
    ["get", "a"],
    ["reject", 0, "offline"],
  ]);
  assert.deepEqual(keys, ["a"]);
  assert.deepEqual(got, [error("offline"), error("offline"), error("offline")]);
});

test("error: a failure when the old value has expired", async () => {
  const { got, peeks } = await run([
    ["get", "a"],
    ["resolve", 0, 1],
    ["time", 10],
    ["get", "a"],
    ["reject", 1, "offline"],
    ["peek", "a"],
  ]);
  assert.deepEqual(got, [value(1), error("offline")]);
  assert.deepEqual(peeks, [undefined]);
});

test("error: failures give their slots back", async () => {
  const { keys, got } = await run(
    [["get", "a"], ["get", "b"], ["reject", 0, "offline"], ["resolve", 1, 2]],
    { parallel: 1 },
  );
  assert.deepEqual(keys, ["a", "b"]);
  assert.deepEqual(got, [error("offline"), value(2)]);
});

test("error: a load that throws at once", async () => {
  const { keys, got } = await run([["get", "a"], ["get", "a"], ["resolve", 0, 2]], {
    parallel: 1,
    throws: 1,
  });
  assert.deepEqual(keys, ["a", "a"]);
  assert.deepEqual(got, [error("thrown at once"), value(2)]);
});

test("state: what was loaded before invalidate does not come back", async () => {
  const { keys, got, peeks } = await run([
    ["get", "a"],
    ["invalidate", "a"],
    ["resolve", 0, "old"],
    ["peek", "a"],
    ["get", "a"],
    ["resolve", 1, "new"],
    ["peek", "a"],
  ]);
  assert.deepEqual(keys, ["a", "a"]);
  assert.deepEqual(got, [value("old"), value("new")]);
  assert.deepEqual(peeks, [undefined, "new"]);
});

test("state: who asks after invalidate does not get the old load", async () => {
  const { keys, got, peeks } = await run([
    ["get", "a"],
    ["invalidate", "a"],
    ["get", "a"],
    ["resolve", 1, "new"],
    ["resolve", 0, "old"],
    ["peek", "a"],
  ]);
  assert.deepEqual(keys, ["a", "a"]);
  assert.deepEqual(got, [value("old"), value("new")]);
  assert.deepEqual(peeks, ["new"]);
});

for (const [how, end] of [["ends", ["resolve", 0, "old"]], ["fails", ["reject", 0, "old"]]]) {
  test(`state: an old load that ${how} leaves the new one alone`, async () => {
    const { keys, got } = await run([
      ["get", "a"],
      ["invalidate", "a"],
      ["get", "a"],
      end,
      ["get", "a"],
      ["resolve", 1, "new"],
      ["get", "a"],
    ]);
    assert.deepEqual(keys, ["a", "a"]);
    assert.deepEqual(got.slice(1), [value("new"), value("new"), value("new")]);
  });
}

test("state: a value that is set is newer than a load under way", async () => {
  const { keys, got, peeks } = await run([
    ["get", "a"],
    ["set", "a", "by hand"],
    ["get", "a"],
    ["resolve", 0, "old"],
    ["peek", "a"],
    ["get", "a"],
  ]);
  assert.deepEqual(keys, ["a"]);
  assert.deepEqual(got, [value("old"), value("by hand"), value("by hand")]);
  assert.deepEqual(peeks, ["by hand"]);
});

test("state: a load that is forgotten while it waits for a slot", async () => {
  const { got, peeks } = await run(
    [["get", "a"], ["get", "b"], ["set", "b", 5], ["resolve", 0, 1], ["peek", "b"], ["get", "b"]],
    { parallel: 1 },
  );
  assert.deepEqual(got[2], value(5));
  assert.deepEqual(peeks, [5]);
});
