import { deepStrictEqual, ok } from "node:assert";
import { describe, it } from "node:test";
import * as envFile from "../src/env-file.js";

/** What comes of a text: its settings as one line, or the line of the error. */
function outcome(text) {
  try {
    return [...envFile.parseEnv(text)].map(([name, value]) => `${name}:${value}`).join("|");
  } catch (error) {
    ok(error instanceof envFile.EnvError, String(error));
    return error.line;
  }
}

const table = [
  ["A=1\n\n # x\n#y\n B = 2 \r\nexport C=3", "A:1|B:2|C:3"],
  ["A=\nA1_=b=#c # d\nB=#e", "A:|A1_:b=#c|B:"],
  ["A=' \\n\"' # b\nB=\" \\n\\t\\\"\\\\n \"#", 'A: \\n"|B: \n\t"\\n '],
  ["A=1\nB=2\nA=3", "A:3|B:2"],
  ["A='1\r2'", "A:1\r2"],
  ["\n#\nA", 3],
  ["A-=1", 1],
  ["1A=1", 1],
  ["A='b", 1],
  ['A="b', 1],
  ["A='b'c", 1],
  ['A="\\r"', 1],
];

describe("parseEnv", () => {
  for (const [text, want] of table) {
    it(JSON.stringify(text), () => deepStrictEqual(outcome(text), want));
  }
});
