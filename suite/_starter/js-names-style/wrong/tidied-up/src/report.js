import { parseRows, sumUpColumn } from "./table-tools.js";

/** What is in one column of the table, as JSON for partners. */
export function writeReport(text, column) {
  return JSON.stringify(sumUpColumn(parseRows(text), column));
}
