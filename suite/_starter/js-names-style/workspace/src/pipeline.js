import * as tableTools from "./table_tools.js";

const STEP_NAMES = ["sort_rows", "filter_rows", "pick_columns"];

/** A pipeline that cannot be run. */
export class PipelineError extends Error {
  constructor(message) {
    super(message);
    this.name = "PipelineError";
  }
}

/**
 * Reads the table in text, carries out the steps, each { step, ...options }, and returns the
 * table as text again. The options of a step go to its function: sort_rows takes column and
 * is_descending, filter_rows column and wanted, pick_columns columns.
 */
export function runPipeline(text, steps, { hasHeader = true } = {}) {
  let rows = tableTools.parse_rows(text, { has_header: hasHeader });
  for (const { step, ...options } of steps) {
    if (!STEP_NAMES.includes(step)) throw new PipelineError(`unknown step ${step}`);
    rows = tableTools[step](rows, options);
  }
  return tableTools.format_rows(rows);
}
