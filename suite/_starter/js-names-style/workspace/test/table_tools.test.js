import assert from "node:assert/strict";
import test from "node:test";
import { format_rows, parse_rows, sort_rows, sum_up_column } from "../src/table_tools.js";

const text = "name,age\nann,9\nbob,10\n";

test("a table is read and written", () => {
	const rows = parse_rows(text);
	assert.deepEqual(rows, [{ name: "ann", age: "9" }, { name: "bob", age: "10" }]);
	assert.equal(format_rows(rows), text);
});

test("numbers are sorted by size", () => {
	const sorted_rows = sort_rows(parse_rows(text), { column: "age", is_descending: true });
	assert.deepEqual(sorted_rows.map((row) => row.name), ["bob", "ann"]);
});

test("a column is summed up", () => {
	assert.equal(Object.values(sum_up_column(parse_rows(text), "age"))[0], 2);
});
