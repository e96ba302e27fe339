import { filterRows, formatRows, parseRows, pickColumns, sortRows } from "./table-tools.js";

/** The steps by the names that partners use. */
const STEPS = new Map([
  [
    "sort_rows",
    (rows, { column, is_descending: isDescending }) => sortRows(rows, { column, isDescending }),
  ],
  ["filter_rows", filterRows],
  ["pick_columns", pickColumns],
]);

/** A pipeline that cannot be run. */
export class PipelineError extends Error {
  constructor(message) {
    super(message);
    this.name = "PipelineError";
  }
}

/**
 * Reads the table in text, carries out the steps, each { step, ...options }, and returns the
 * table as text again. sort_rows takes the options column and is_descending, filter_rows column and
 * wanted, pick_columns columns.
 */
export function runPipeline(text, steps, { hasHeader = true } = {}) {
  let rows = parseRows(text, { hasHeader });
  for (const { step, ...options } of steps) {
    const run = STEPS.get(step);
    if (run === undefined) throw new PipelineError(`unknown step ${step}`);
    rows = run(rows, options);
  }
  return formatRows(rows);
}
