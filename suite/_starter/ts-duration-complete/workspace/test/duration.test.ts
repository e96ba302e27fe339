import assert from "node:assert/strict";
import test from "node:test";
import { formatDuration } from "../src/duration";
import { ParseError } from "../src/parse-error";
import { units } from "../src/units";

test("formatDuration writes the units that are not zero", () => {
  assert.equal(formatDuration(0), "0s");
  assert.equal(formatDuration(5_400_000), "1h 30m");
  assert.equal(formatDuration(-1_500), "-1s 500ms");
  assert.equal(formatDuration(694_861_001), "1w 1d 1h 1m 1s 1ms");
});

test("formatDuration refuses fractions", () => {
  assert.throws(() => formatDuration(1.5), RangeError);
});

test("units are sorted, largest first", () => {
  const sorted = [...units].sort((a, b) => b.ms - a.ms);
  assert.deepEqual(units, sorted);
});

test("a ParseError shows the place", () => {
  const error = new ParseError("digit expected", "x", 0);
  assert.equal(error.message, 'digit expected at 0 in "x"');
  assert.equal(error.offset, 0);
});
