import assert from "node:assert/strict";
import test from "node:test";
import { PipelineError, runPipeline } from "../src/pipeline.js";
import { writeReport } from "../src/report.js";

const text = "name,town\nbob,York\nann,Bath\n";

test("a pipeline sorts and picks", () => {
  const steps = [
    { step: "sort_rows", column: "name" },
    { step: "pick_columns", columns: ["name"] },
  ];
  assert.equal(runPipeline(text, steps), "name\nann\nbob\n");
});

test("an unknown step is refused", () => {
  assert.throws(() => runPipeline(text, [{ step: "drop_rows" }]), PipelineError);
});

test("a report is JSON", () => {
  assert.equal(typeof JSON.parse(writeReport(text, "town")), "object");
});
