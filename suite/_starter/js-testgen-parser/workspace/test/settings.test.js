import assert from "node:assert/strict";
import test from "node:test";
import { readSettings } from "../src/settings.js";

test("the environment counts more than the file", () => {
  const settings = readSettings("HOST=a\nPORT=80\n", { PORT: "81", HOME: "/" });
  assert.deepEqual([...settings], [["HOST", "a"], ["PORT", "81"]]);
});
