import test from "node:test";
import assert from "node:assert/strict";
import { subject } from "metr";

const { PriorityQueue, Ticket } = subject.load("src/priority-queue.js");
const { by, reverse } = subject.load("src/compare.js");
const { runShift } = subject.load("src/shift.js");
const { numbers, ranks, shift } = subject.exec(`
  const numbers = (a, b) => a - b;
  const ranks = (a, b) => a[0] - b[0];
  async function shift(queue, runShift) {
    const ran = [];
    for (const name of ["c", "a", "b"]) queue.push({ name, run: () => void ran.push(name) });
    return [await runShift(queue), ran];
  }
`);

const popAll = (queue) => {
  const out = [];
  while (queue.size > 0) out.push(queue.pop());
  return out;
};

/** The same numbers on every run. */
const random = (seed) => {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % below;
  };
};

test("typical: values come out in order", () => {
  const queue = new PriorityQueue(numbers);
  for (const n of [5, 1, 4, 8, 2, 7, 3, 6]) queue.push(n);
  assert.equal(queue.size, 8);
  assert.equal(queue.peek(), 1);
  assert.equal(queue.size, 8);
  assert.deepEqual(popAll(queue), [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal(queue.size, 0);
});

test("typical: a comparator the other way round", () => {
  const queue = new PriorityQueue(reverse(by((word) => word.length)));
  for (const word of ["fig", "banana", "pear"]) queue.push(word);
  assert.deepEqual(popAll(queue), ["banana", "pear", "fig"]);
});

test("typical: remove and update by handle", () => {
  const queue = new PriorityQueue(numbers);
  const handles = [10, 20, 30, 40].map((n) => queue.push(n));
  for (const handle of handles) assert.ok(handle instanceof Ticket, "a handle is a Ticket");
  assert.equal(queue.has(handles[1]), true);
  assert.equal(queue.remove(handles[1]), 20);
  assert.equal(queue.has(handles[1]), false);
  queue.update(handles[3], 5);
  queue.update(handles[0], 35);
  assert.equal(queue.size, 3);
  assert.deepEqual(popAll(queue), [5, 30, 35]);
});

test("typical: toArray has pop's order and changes nothing", () => {
  const queue = new PriorityQueue(numbers);
  for (const n of [3, 9, 1, 7, 5]) queue.push(n);
  assert.deepEqual(queue.toArray(), [1, 3, 5, 7, 9]);
  assert.deepEqual(queue.toArray(), [1, 3, 5, 7, 9]);
  assert.deepEqual(popAll(queue), [1, 3, 5, 7, 9]);
});

test("typical: a shift runs its jobs from the queue", async () => {
  const queue = new PriorityQueue(by((job) => job.name));
  const [names, ran] = await shift(queue, runShift);
  assert.deepEqual(names, ["a", "b", "c"]);
  assert.deepEqual(ran, ["a", "b", "c"]);
});

test("edge: an empty queue", () => {
  const queue = new PriorityQueue(numbers);
  assert.equal(queue.size, 0);
  assert.equal(queue.peek(), undefined);
  assert.equal(queue.pop(), undefined);
  assert.deepEqual(queue.toArray(), []);
  assert.equal(queue.size, 0);
});

test("edge: one entry, removed and pushed again", () => {
  const queue = new PriorityQueue(numbers);
  const handle = queue.push(1);
  assert.equal(queue.remove(handle), 1);
  assert.equal(queue.size, 0);
  queue.push(2);
  assert.equal(queue.pop(), 2);
});

test("edge: undefined and null are values like others", () => {
  const queue = new PriorityQueue((a, b) => (a ?? 0) - (b ?? 0));
  const first = queue.push(undefined);
  queue.push(null);
  queue.push(-1);
  assert.equal(queue.size, 3);
  assert.equal(queue.has(first), true);
  assert.deepEqual(popAll(queue), [-1, undefined, null]);
  assert.equal(queue.has(first), false);
});

test("edge: the same value twice has two handles", () => {
  const queue = new PriorityQueue(numbers);
  const one = queue.push(7);
  const two = queue.push(7);
  queue.remove(one);
  assert.equal(queue.has(one), false);
  assert.equal(queue.has(two), true);
  assert.equal(queue.remove(two), 7);
});

test("state: equals come out in the order of push", () => {
  const queue = new PriorityQueue(ranks);
  const rows = [];
  for (let i = 0; i < 24; i += 1) rows.push([i % 3, i]);
  for (const row of rows) queue.push(row);
  const want = [...rows].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  assert.deepEqual(queue.toArray(), want);
  assert.deepEqual(popAll(queue), want);
});

test("edge: no more comparisons than the contract allows", () => {
  let count = 0;
  const queue = new PriorityQueue((a, b) => {
    count += 1;
    return a - b;
  });
  const bounded = (what, call) => {
    const most = 4 * Math.ceil(Math.log2(queue.size + 2)); // n counts the entry that comes
    count = 0;
    const result = call();
    assert.ok(count <= most, `${what} with ${queue.size} entries: ${count} comparisons, at most ${most}`);
    return result;
  };
  const next = random(3);
  const handles = [];
  for (let i = 0; i < 160; i += 1) handles.push(bounded("push", () => queue.push(1000 - next(900))));
  for (let i = 0; i < 40; i += 1) bounded("update", () => queue.update(handles[i], next(2000)));
  for (let i = 0; i < 40; i += 1) bounded("remove", () => queue.remove(handles[i * 4]));
  for (let i = 0; i < 40; i += 1) bounded("pop", () => queue.pop());
  count = 0;
  queue.peek();
  queue.has(handles[1]);
  assert.equal(queue.size, 80);
  assert.equal(count, 0, "peek, has and size compare nothing");
});

test("state: order holds through a long mixture of calls", () => {
  const queue = new PriorityQueue(numbers);
  const next = random(11);
  const model = []; // { value, handle } that should be in the queue; values are never equal
  let serial = 0;
  const fresh = () => {
    serial += 1;
    return next(1000) * 1000 + serial;
  };
  for (let step = 0; step < 500; step += 1) {
    const what = next(6);
    if (what <= 2 || model.length === 0) {
      const value = fresh();
      model.push({ value, handle: queue.push(value) });
    } else if (what === 3) {
      const least = model.reduce((a, b) => (a.value < b.value ? a : b));
      assert.equal(queue.pop(), least.value, `pop at step ${step}`);
      model.splice(model.indexOf(least), 1);
    } else if (what === 4) {
      const [gone] = model.splice(next(model.length), 1);
      assert.equal(queue.remove(gone.handle), gone.value, `remove at step ${step}`);
    } else {
      const item = model[next(model.length)];
      item.value = fresh();
      queue.update(item.handle, item.value);
    }
    assert.equal(queue.size, model.length, `size at step ${step}`);
  }
  assert.deepEqual(popAll(queue), model.map((item) => item.value).sort((a, b) => a - b));
});

test("state: removing from the middle keeps the order", () => {
  // In a binary heap the last entry, 6, belongs above the place that 103 leaves.
  const queue = new PriorityQueue(numbers);
  const handles = [1, 100, 2, 101, 102, 3, 4, 103, 104, 105, 106, 5, 6].map((n) => queue.push(n));
  queue.remove(handles[7]);
  queue.remove(handles[3]);
  assert.deepEqual(popAll(queue), [1, 2, 3, 4, 5, 6, 100, 102, 104, 105, 106]);
});

test("state: an updated entry keeps its age", () => {
  const queue = new PriorityQueue(ranks);
  const a = queue.push([1, "a"]);
  queue.push([1, "b"]);
  queue.push([2, "c"]);
  queue.update(a, [2, "a"]);
  assert.deepEqual(queue.toArray(), [[1, "b"], [2, "a"], [2, "c"]]);
  queue.update(a, [1, "a again"]);
  assert.equal(queue.has(a), true);
  assert.deepEqual(popAll(queue), [[1, "a again"], [1, "b"], [2, "c"]]);
});

test("state: two queues do not know each other", () => {
  const left = new PriorityQueue(numbers);
  const right = new PriorityQueue(numbers);
  const handle = left.push(1);
  right.push(2);
  assert.equal(left.size, 1);
  assert.equal(right.size, 1);
  assert.equal(left.pop(), 1);
  assert.equal(left.has(handle), false);
  assert.equal(right.pop(), 2);
});

test("error: the comparator must be a function", () => {
  assert.throws(() => new PriorityQueue(), { name: "TypeError" });
  assert.throws(() => new PriorityQueue("asc"), { name: "TypeError" });
});

test("error: a handle whose entry has left", () => {
  const queue = new PriorityQueue(numbers);
  const popped = queue.push(1);
  const removed = queue.push(3);
  queue.push(2);
  queue.push(4);
  queue.pop();
  queue.remove(removed);
  for (const handle of [popped, removed]) {
    assert.equal(queue.has(handle), false);
    assert.throws(() => queue.remove(handle), { name: "RangeError" });
    assert.throws(() => queue.update(handle, 0), { name: "RangeError" });
  }
  assert.deepEqual(queue.toArray(), [2, 4]);
});

test("error: a handle of another queue and things that are no handles", () => {
  const queue = new PriorityQueue(numbers);
  const other = new PriorityQueue(numbers);
  queue.push(1);
  for (const handle of [other.push(1), undefined, null, 0, "x", {}]) {
    assert.equal(queue.has(handle), false);
    assert.throws(() => queue.remove(handle), { name: "RangeError" });
    assert.throws(() => queue.update(handle, 2), { name: "RangeError" });
  }
  assert.deepEqual(queue.toArray(), [1]);
  assert.deepEqual(other.toArray(), [1]);
});

const calls = {
  push: (queue) => queue.push(0),
  pop: (queue) => queue.pop(),
  remove: (queue, handles) => queue.remove(handles[3]),
  "update to the front": (queue, handles) => queue.update(handles[4], 0),
  "update to the back": (queue, handles) => queue.update(handles[3], 10),
};

for (const [name, call] of Object.entries(calls)) {
  test(`error: a comparator that throws in ${name} leaves the queue as it was`, () => {
    for (let at = 1; at <= 4; at += 1) {
      let left = Infinity;
      const queue = new PriorityQueue((a, b) => {
        left -= 1;
        if (left === 0) throw new Error("no order");
        return a - b;
      });
      const handles = [5, 3, 8, 1, 9, 2, 7, 4, 6].map((n) => queue.push(n));
      left = at;
      try {
        call(queue, handles);
        break; // it needs fewer comparisons
      } catch (error) {
        assert.match(error.message, /no order/);
      }
      left = Infinity;
      assert.equal(queue.size, 9, `size after comparison ${at} threw`);
      for (const handle of handles) assert.equal(queue.has(handle), true);
      const all = [1, 2, 3, 4, 5, 6, 7, 8, 9];
      assert.deepEqual(queue.toArray(), all, `order after comparison ${at} threw`);
      queue.update(handles[3], 0);
      assert.deepEqual(popAll(queue), [0, ...all.slice(1)]);
    }
  });
}
