import assert from "node:assert/strict";
import test from "node:test";
import { createJob, jobOrder } from "../src/job.js";

const run = () => {};

test("a job has defaults and is frozen", () => {
  const job = createJob({ name: "sweep", run });
  assert.equal(job.urgency, 5);
  assert.equal(job.deadline, Infinity);
  assert.ok(Object.isFrozen(job));
});

test("a job is checked", () => {
  assert.throws(() => createJob({ name: "", run }), TypeError);
  assert.throws(() => createJob({ name: "sweep", urgency: 10, run }), TypeError);
  assert.throws(() => createJob({ name: "sweep" }), TypeError);
});

test("urgent jobs come first, then those with the earlier deadline", () => {
  const jobs = [
    createJob({ name: "later", run }),
    createJob({ name: "sooner", deadline: 100, run }),
    createJob({ name: "urgent", urgency: 9, run }),
  ];
  assert.deepEqual(jobs.sort(jobOrder).map((job) => job.name), ["urgent", "sooner", "later"]);
});
