import { parse_rows, sum_up_column } from "./table_tools.js";

/** What is in one column of the table, as JSON for partners. */
export function writeReport(text, column) {
  return JSON.stringify(sum_up_column(parse_rows(text), column));
}
