import assert from "node:assert/strict";
import test from "node:test";
import { createApp } from "../src/app.js";

const setUp = () => {
  const letters = [];
  const send = async (to, text) => void letters.push(`${to}: ${text}`);
  return { ...createApp({ free: { nail: 10, hinge: 1 }, send }), letters };
};

test("an order reserves, writes and is noted", async () => {
  const { desk, stock, journal, letters } = setUp();
  const { id } = await desk.place("ann", [{ article: "nail", count: 4 }]);
  assert.equal(stock.free("nail"), 6);
  assert.deepEqual(letters, [`ann: Order ${id} is placed.`]);
  assert.deepEqual(journal.lines, [`order.placed ${id}`]);
  assert.equal(desk.state(id), "placed");
});

test("the letter says what is missing", async () => {
  const { desk, letters } = setUp();
  await desk.place("ann", [{ article: "hinge", count: 3 }]);
  assert.match(letters[0], /Later: 2 hinge\./);
});

test("cancelling gives back what was reserved", async () => {
  const { desk, stock, journal } = setUp();
  const { id } = await desk.place("ann", [{ article: "hinge", count: 3 }]);
  await desk.cancel(id);
  assert.equal(stock.free("hinge"), 1);
  assert.equal(desk.state(id), "cancelled");
  assert.deepEqual(journal.lines, [`order.placed ${id}`, `order.cancelled ${id}`]);
});

test("bad orders are refused", async () => {
  const { desk } = setUp();
  await assert.rejects(desk.place("ann", []), { name: "OrderError" });
  await assert.rejects(desk.place("ann", [{ article: "nail", count: 0 }]), { name: "OrderError" });
  await assert.rejects(desk.cancel("order-9"), { name: "OrderError" });
});
