import test from "node:test";
import assert from "node:assert/strict";
import { subject } from "metr";

// Loaded within the tests, because the file has its name only when the work is done.
const load = () => ({
  tools: subject.load("src/table-tools.js"),
  runPipeline: subject.load("src/pipeline.js").runPipeline,
  writeReport: subject.load("src/report.js").writeReport,
});

const text = "name,age,town\nbob,10,York\nann,9,Bath\ncid,10,York\n";
const rows = [
  { name: "bob", age: "10", town: "York" },
  { name: "ann", age: "9", town: "Bath" },
  { name: "cid", age: "10", town: "York" },
];
const names = (list) => list.map((row) => row.name);

test("typical: parseRows and formatRows", () => {
  const { tools } = load();
  assert.deepEqual(tools.parseRows(text), rows);
  assert.equal(tools.formatRows(rows), text);
  assert.deepEqual(tools.parseRows("a;b\n1;2\n", { separator: ";" }), [{ a: "1", b: "2" }]);
  assert.equal(tools.formatRows([{ a: "1", b: "2" }], { separator: ";" }), "a;b\n1;2\n");
});

test("typical: sortRows, filterRows, pickColumns", () => {
  const { tools } = load();
  assert.deepEqual(names(tools.sortRows(rows, { column: "name" })), ["ann", "bob", "cid"]);
  assert.deepEqual(names(tools.sortRows(rows, { column: "age" })), ["ann", "bob", "cid"]);
  const down = tools.sortRows(rows, { column: "name", isDescending: true });
  assert.deepEqual(names(down), ["cid", "bob", "ann"]);
  assert.deepEqual(names(tools.filterRows(rows, { column: "town", wanted: "York" })), ["bob", "cid"]);
  const picked = tools.pickColumns([rows[0]], { columns: ["town", "name", "none"] });
  assert.deepEqual(Object.entries(picked[0]), [["town", "York"], ["name", "bob"], ["none", ""]]);
});

test("typical: a pipeline with every step", () => {
  const { runPipeline } = load();
  const steps = [
    { step: "filter_rows", column: "town", wanted: "York" },
    { step: "sort_rows", column: "name" },
    { step: "pick_columns", columns: ["town", "name"] },
  ];
  assert.equal(runPipeline(text, steps), "town,name\nYork,bob\nYork,cid\n");
});

test("edge: columns without a header keep their names", () => {
  const { tools, runPipeline } = load();
  assert.deepEqual(tools.parseRows("x,y\nz\n", { hasHeader: false }), [
    { column_1: "x", column_2: "y" },
    { column_1: "z", column_2: "" },
  ]);
  const steps = [{ step: "sort_rows", column: "column_2" }];
  assert.equal(runPipeline("b,2\na,1\n", steps, { hasHeader: false }), "column_1,column_2\na,1\nb,2\n");
});

test("edge: how cells are compared has not changed", () => {
  const { tools } = load();
  const cells = ["b", "B", "10", "9", "a", "\u00e9", "-1", "x2", "x10"];
  const table = cells.map((cell) => ({ cell }));
  const start = subject.start.load("src/table_tools.js");
  for (const isDescending of [false, true]) {
    const want = start.sort_rows(table, { column: "cell", is_descending: isDescending });
    assert.deepEqual(tools.sortRows(table, { column: "cell", isDescending }), want);
  }
  const texts = [{ cell: "x2" }, { cell: "B" }, { cell: "x10" }, { cell: "a" }];
  const sorted = tools.sortRows(texts, { column: "cell" }).map((row) => row.cell);
  assert.deepEqual(sorted, ["B", "a", "x10", "x2"]);
});

test("edge: equal rows keep their order, both ways", () => {
  const { tools } = load();
  for (const isDescending of [false, true]) {
    const list = [{ n: "1", i: "a" }, { n: "1.0", i: "b" }, { n: "1", i: "c" }];
    const sorted = tools.sortRows(list, { column: "n", isDescending });
    assert.deepEqual(sorted.map((row) => row.i), ["a", "b", "c"]);
  }
});

test("edge: empty tables", () => {
  const { tools, runPipeline } = load();
  assert.deepEqual(tools.parseRows(""), []);
  assert.equal(tools.formatRows([]), "");
  assert.equal(runPipeline("", [{ step: "sort_rows", column: "x" }]), "");
});

test("state: a partner's option stays", () => {
  const { runPipeline } = load();
  const steps = [{ step: "sort_rows", column: "name", is_descending: true }];
  const lines = runPipeline(text, steps).split("\n");
  assert.deepEqual(lines.slice(1, 4), ["cid,10,York", "bob,10,York", "ann,9,Bath"]);
});

test("state: partners' reports stay", () => {
  const { writeReport } = load();
  assert.deepEqual(JSON.parse(writeReport(text, "town")), {
    row_count: 3,
    distinct_count: 2,
    first_seen: "York",
    last_seen: "York",
  });
  assert.deepEqual(JSON.parse(writeReport("", "town")), {
    row_count: 0,
    distinct_count: 0,
    first_seen: null,
    last_seen: null,
  });
});

test("state: rows that are given are not changed", () => {
  const { tools } = load();
  const { args } = subject.inplace(tools.sortRows, rows, { column: "name" });
  assert.deepEqual(args[0], rows);
});

test("error: unknown steps are refused", () => {
  const { runPipeline } = load();
  for (const step of ["drop_rows", "parse_rows", "constructor", undefined]) {
    assert.throws(() => runPipeline(text, [{ step }]), { name: "PipelineError" });
  }
});
