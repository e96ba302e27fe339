import test from "node:test";
import assert from "node:assert/strict";
import { subject } from "metr";

const { createApp } = subject.load("src/app.js");

// open makes an app whose letters are kept in the subject; letters to "nobody" cannot be sent.
const { open } = subject.exec(`
  class Opened {
    constructor(createApp, free) {
      this.sent = [];
      const send = async (to, text) => {
        await new Promise((resolve) => setImmediate(resolve));
        if (to === "nobody") throw new Error("no such address");
        this.sent.push(to + ": " + text);
      };
      this.app = createApp({ free, send });
      this.heard = [];
    }
    letters() { return [...this.sent]; }
    // listen keeps what a listener of ours is told; it fails with the message, if there is one.
    listen(topic, options, message) {
      const handler = async (envelope) => {
        this.heard.push({ topic: envelope.topic, payload: structuredClone(envelope.payload) });
        if (message) throw new Error(message);
      };
      if (topic.endsWith("*")) return this.app.bus.tap(topic, handler, options);
      return this.app.bus.subscribe(topic, handler, options);
    }
    told() { return [...this.heard]; }
  }
  const open = (createApp, free) => new Opened(createApp, free);
`);

const setUp = (free = { nail: 10, hinge: 1 }) => {
  const opened = open(createApp, free);
  return { opened, app: opened.app };
};

test("typical: an order is reserved, confirmed and noted", async () => {
  const { opened, app } = setUp();
  const { id, problems } = await app.desk.place("ann", [{ article: "nail", count: 4 }]);
  assert.deepEqual(problems, []);
  assert.equal(app.stock.free("nail"), 6);
  assert.deepEqual(opened.letters(), [`ann: Order ${id} is placed.`]);
  assert.deepEqual(app.journal.lines, [`order.placed ${id}`]);
  assert.equal(app.desk.state(id), "placed");
});

test("typical: an order is cancelled", async () => {
  const { opened, app } = setUp();
  const { id } = await app.desk.place("ann", [{ article: "nail", count: 4 }]);
  const cancelled = await app.desk.cancel(id);
  assert.deepEqual({ ...cancelled }, { id, problems: [] });
  assert.equal(app.stock.free("nail"), 10);
  assert.equal(opened.letters()[1], `ann: Order ${id} is cancelled.`);
  assert.deepEqual(app.journal.lines, [`order.placed ${id}`, `order.cancelled ${id}`]);
  assert.equal(app.desk.state(id), "cancelled");
});

test("typical: others hear of orders on the bus", async () => {
  const { opened, app } = setUp();
  opened.listen("order.placed", { name: "audit" });
  const { id } = await app.desk.place("ann", [{ article: "hinge", count: 3 }]);
  const payload = { id, customer: "ann", lines: [{ article: "hinge", count: 3 }], state: "placed" };
  assert.deepEqual(opened.told(), [{ topic: "order.placed", payload }]);
});

test("edge: the letter says what is missing, line by line", async () => {
  const { opened, app } = setUp();
  const lines = [
    { article: "hinge", count: 3 },
    { article: "nail", count: 2 },
    { article: "door", count: 1 },
    { article: "nail", count: 9 },
  ];
  const { id, problems } = await app.desk.place("ann", lines);
  assert.deepEqual(problems, []);
  const letter = `ann: Order ${id} is placed. Later: 2 hinge, 1 door, 1 nail.`;
  assert.deepEqual(opened.letters(), [letter]);
  await app.desk.cancel(id);
  assert.deepEqual(["hinge", "nail", "door"].map((name) => app.stock.free(name)), [1, 10, 0]);
});

test("edge: lines carry article and count alone", async () => {
  const { opened, app } = setUp();
  opened.listen("order.*", { name: "audit" });
  const { id } = await app.desk.place("ann", [{ article: "nail", count: 1, price: 7 }]);
  await app.desk.cancel(id);
  const payload = { id, customer: "ann", lines: [{ article: "nail", count: 1 }] };
  assert.deepEqual(opened.told(), [
    { topic: "order.placed", payload: { ...payload, state: "placed" } },
    { topic: "order.cancelled", payload: { ...payload, state: "cancelled" } },
  ]);
});

test("edge: an unknown topic is refused by the bus", async () => {
  const { app } = setUp();
  await assert.rejects(async () => app.bus.publish("order.lost", {}), { name: "TopicError" });
});

test("error: a letter that cannot be sent does not stop the order", async () => {
  const { app } = setUp();
  const { id, problems } = await app.desk.place("nobody", [{ article: "nail", count: 4 }]);
  assert.deepEqual(problems, ["mailer: no such address"]);
  assert.equal(app.stock.free("nail"), 6);
  assert.equal(app.desk.state(id), "placed");
  const cancelled = await app.desk.cancel(id);
  assert.deepEqual(cancelled.problems, ["mailer: no such address"]);
  assert.equal(app.stock.free("nail"), 10);
});

test("error: all who failed are named, in order, and the others are called", async () => {
  const { opened, app } = setUp();
  opened.listen("order.placed", { name: "audit" }, "disk full");
  opened.listen("order.placed", { name: "first", priority: 9 }, "not ready");
  const { problems } = await app.desk.place("nobody", [{ article: "nail", count: 1 }]);
  assert.deepEqual(problems, ["first: not ready", "mailer: no such address", "audit: disk full"]);
  assert.equal(app.stock.free("nail"), 9);
});

test("error: orders that are refused are not published", async () => {
  const { opened, app } = setUp();
  opened.listen("order.*", { name: "audit" });
  await assert.rejects(async () => app.desk.place("ann", []), { name: "OrderError" });
  const half = [{ article: "nail", count: 0.5 }];
  await assert.rejects(async () => app.desk.place("ann", half), { name: "OrderError" });
  await assert.rejects(async () => app.desk.cancel("order-7"), { name: "OrderError" });
  assert.deepEqual(opened.told(), []);
  assert.deepEqual(app.journal.lines, []);
});

test("error: an order is cancelled once", async () => {
  const { app } = setUp();
  const { id } = await app.desk.place("ann", [{ article: "nail", count: 4 }]);
  await app.desk.cancel(id);
  await assert.rejects(async () => app.desk.cancel(id), { name: "OrderError" });
  assert.equal(app.stock.free("nail"), 10);
  assert.equal(app.journal.lines.length, 2);
});

test("state: close ends the app's listeners and nobody else's", async () => {
  const { opened, app } = setUp();
  opened.listen("order.placed", { name: "audit" });
  await app.desk.place("ann", [{ article: "nail", count: 4 }]);
  app.close();
  app.close();
  const { id, problems } = await app.desk.place("bob", [{ article: "nail", count: 1 }]);
  assert.deepEqual(problems, []);
  assert.equal(app.desk.state(id), "placed");
  assert.equal(app.stock.free("nail"), 6);
  assert.equal(app.journal.lines.length, 1);
  assert.equal(opened.letters().length, 1);
  assert.equal(opened.told().length, 2);
});

test("state: two apps do not know each other", async () => {
  const one = setUp();
  const two = setUp();
  await one.app.desk.place("ann", [{ article: "nail", count: 4 }]);
  await two.app.desk.place("bob", [{ article: "nail", count: 1 }]);
  assert.deepEqual([one.app.stock.free("nail"), two.app.stock.free("nail")], [6, 9]);
  assert.equal(one.app.journal.lines.length, 1);
});
