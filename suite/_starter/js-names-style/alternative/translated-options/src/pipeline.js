import * as tableTools from "./table-tools.js";

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
 * table as text again. sort_rows takes the options column and is_descending, filter_rows column and
 * wanted, pick_columns columns.
 */
export function runPipeline(text, steps, { hasHeader = true } = {}) {
  let rows = tableTools.parseRows(text, { hasHeader });
  for (const { step, ...options } of steps) {
    if (!STEP_NAMES.includes(step)) throw new PipelineError(`unknown step ${step}`);
    const translated = Object.entries(options).map(([name, value]) => [toCamelCase(name), value]);
    rows = tableTools[toCamelCase(step)](rows, Object.fromEntries(translated));
  }
  return tableTools.formatRows(rows);
}

/** Partners write snake_case. */
function toCamelCase(name) {
  return name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
}
