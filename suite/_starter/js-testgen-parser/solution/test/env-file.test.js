import assert from "node:assert/strict";
import test from "node:test";
import { EnvError, parseEnv } from "../src/env-file.js";

const reads = (text, want) => assert.deepEqual([...parseEnv(text)], want);

const refuses = (text, line) => {
  assert.throws(
    () => parseEnv(text),
    (error) => error instanceof EnvError && error.line === line,
    `expected an EnvError in line ${line} of ${JSON.stringify(text)}`,
  );
};

test("settings, comments and blank lines", () => {
  reads("", []);
  reads("HOST=a\n\n# note=1\nPORT=80\n", [["HOST", "a"], ["PORT", "80"]]);
  reads("export A=1\n", [["A", "1"]]);
});

test("quotes", () => {
  reads("A='one two'\n", [["A", "one two"]]);
  reads('A="one\\ntwo"\n', [["A", "one\ntwo"]]);
});

test("white space", () => {
  reads("  A \t=  1 \t\n", [["A", "1"]]);
  reads(" \texport\t A = 1", [["A", "1"]]);
  reads("   # note\n \t \nA=1", [["A", "1"]]);
  reads("A=1\r\n\r\nB=2\r\n", [["A", "1"], ["B", "2"]]);
  reads("A='1\r2'\r\n", [["A", "1\r2"]]);
});

test("names", () => {
  reads("_a1_Z9=x", [["_a1_Z9", "x"]]);
  reads("export=1", [["export", "1"]]);
  reads("exported=1", [["exported", "1"]]);
});

test("values without quotes", () => {
  reads("A=", [["A", ""]]);
  reads("A=b=c==", [["A", "b=c=="]]);
  reads("A=b#c", [["A", "b#c"]]);
  reads("A=b # c", [["A", "b"]]);
  reads("A=b\t# c # d", [["A", "b"]]);
  reads("A=#c", [["A", ""]]);
  reads("A= # c", [["A", ""]]);
  reads("A=it's \"so\" \\n", [["A", "it's \"so\" \\n"]]);
});

test("values in single quotes", () => {
  reads("A=''", [["A", ""]]);
  reads("A=' # \\n \" = '", [["A", " # \\n \" = "]]);
  reads("A='b' # c", [["A", "b"]]);
  reads("A='b'#c", [["A", "b"]]);
  reads("A='b\\' # c", [["A", "b\\"]]);
});

test("values in double quotes", () => {
  reads('A=""', [["A", ""]]);
  reads('A=" b\'# "', [["A", " b'# "]]);
  reads('A="\\n\\t\\"\\\\"', [["A", '\n\t"\\']]);
  reads('A="\\\\n"', [["A", "\\n"]]);
  reads('A="b"  # "c"', [["A", "b"]]);
});

test("the last setting of a name counts, in the place of the first", () => {
  reads("A=1\nB=2\nA=3\n", [["A", "3"], ["B", "2"]]);
});

test("files know nothing of each other", () => {
  reads("A=1", [["A", "1"]]);
  reads("B=2", [["B", "2"]]);
});

test("lines that are no settings", () => {
  refuses("A", 1);
  refuses("A=1\n\n# note\nB\n", 4);
  refuses("=1", 1);
  refuses("1A=1", 1);
  refuses("A-B=1", 1);
  refuses("A B=1", 1);
  refuses("export A B=1", 1);
});

test("quotes that are not right", () => {
  refuses("A='b", 1);
  refuses('A=1\nB="c', 2);
  refuses("A='b\n'", 1);
  refuses('A="b\\"', 1);
  refuses("A='b' c", 1);
  refuses('A="b"c', 1);
  refuses('A="\\x"', 1);
  refuses('A="\\', 1);
});
