import assert from "node:assert/strict";
import test from "node:test";
import { formatRows, parseRows, sortRows, sumUpColumn } from "../src/table-tools.js";

const text = "name,age\nann,9\nbob,10\n";

test("a table is read and written", () => {
  const rows = parseRows(text);
  assert.deepEqual(rows, [{ name: "ann", age: "9" }, { name: "bob", age: "10" }]);
  assert.equal(formatRows(rows), text);
});

test("numbers are sorted by size", () => {
  const sortedRows = sortRows(parseRows(text), { column: "age", isDescending: true });
  assert.deepEqual(sortedRows.map((row) => row.name), ["bob", "ann"]);
});

test("a column is summed up", () => {
  assert.equal(Object.values(sumUpColumn(parseRows(text), "age"))[0], 2);
});
