import test from "node:test";
import assert from "node:assert/strict";
import { subject } from "metr";

const { parseDuration, formatDuration } = subject.load("src/duration.ts");
const { parseRule } = subject.load("src/rule.ts");
const { failure } = subject.exec(`
  function failure(call, text) {
    try {
      return { returned: String(call(text)) };
    } catch (error) {
      return { name: error.name, offset: error.offset };
    }
  }
`);

const reads = (label, rows) => {
  for (const [text, want] of rows) {
    test(`${label}: ${JSON.stringify(text)}`, () => assert.equal(parseDuration(text), want));
  }
};

const fails = (rows) => {
  for (const [text, offset] of rows) {
    test(`error: ${JSON.stringify(text)}`, () => {
      assert.deepEqual(failure(parseDuration, text), { name: "ParseError", offset });
    });
  }
};

reads("typical", [
  ["90s", 90_000],
  ["1h 30m", 5_400_000],
  ["1h30m", 5_400_000],
  ["2w", 1_209_600_000],
  ["1w 1d 1h 1m 1s 1ms", 694_861_001],
  ["1.5h", 5_400_000],
  ["5ms", 5],
  ["-90s", -90_000],
  ["+90s", 90_000],
]);

reads("edge", [
  ["0", 0],
  ["-0", 0],
  ["-0s", 0],
  [" \t0 ", 0],
  ["00m", 0],
  ["007s", 7_000],
  ["  1h\t 30m  ", 5_400_000],
  ["-1h 30m", -5_400_000],
  ["1d 12.25h", 130_500_000],
  ["1s5ms", 1_005],
  ["1.0005s", 1_001],
  ["-1.0005s", -1_001],
  ["8.1005s", 8_101],
  ["0.4ms", 0],
  ["-0.4ms", 0],
  ["0.5ms", 1],
  ["1.49999999999999999999ms", 1],
  ["9007199254740991ms", Number.MAX_SAFE_INTEGER],
  ["-9007199254740991ms", Number.MIN_SAFE_INTEGER],
]);

fails([
  ["", 0],
  ["   ", 3],
  ["-", 1],
  ["h", 0],
  ["90", 2],
  ["90 s", 2],
  ["- 90s", 1],
  ["--90s", 1],
  ["1h -5m", 3],
  ["1.", 2],
  ["1.h", 2],
  [".5h", 0],
  ["1,5h", 1],
  ["1.5.5h", 3],
  ["1h 5x", 4],
  ["5min", 1],
  ["5M", 1],
  ["1h5", 3],
  ["5m 1h", 4],
  ["5m 5m", 4],
  ["1.5h 30m", 5],
  ["1.5h30m", 4],
  ["1h, 30m", 2],
  ["1h\n", 2],
  ["1e3s", 1],
]);

test("error: longer than a safe integer", () => {
  assert.throws(() => parseDuration("9007199254740992ms"), { name: "RangeError" });
  assert.throws(() => parseDuration("9007199254740991.5ms"), { name: "RangeError" });
  assert.throws(() => parseDuration("-99999999999999999999w"), { name: "RangeError" });
});

test("typical: reads back what formatDuration writes", () => {
  const numbers = [0, 1, 999, 1_000, 59_999, 86_400_000, 604_799_999, 987_654_321_012];
  for (const n of numbers) assert.equal(parseDuration(formatDuration(n)), n);
});

test("edge: reads back what formatDuration writes of negative numbers", () => {
  const numbers = [-1, -1_001, -86_401_000, -987_654_321_012];
  for (const n of numbers) assert.equal(parseDuration(formatDuration(n)), n);
});

test("typical: parseRule reads a rule", () => {
  assert.deepEqual(parseRule("keep 2w every 1d"), { keep: 1_209_600_000, every: 86_400_000 });
});

test("error: parseRule tells where in the line", () => {
  assert.deepEqual(failure(parseRule, "keep 2w every 1x"), { name: "ParseError", offset: 15 });
});
