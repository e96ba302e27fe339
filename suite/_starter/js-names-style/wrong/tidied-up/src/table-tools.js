import { fromLines, toLines } from "./text-file.js";

const DEFAULT_SEPARATOR = ",";

function isNumber(cell) {
  return cell.trim() !== "" && !Number.isNaN(Number(cell));
}

function compareCells(leftCell, rightCell) {
  if (isNumber(leftCell) && isNumber(rightCell)) return Number(leftCell) - Number(rightCell);
  return leftCell.localeCompare(rightCell, "en");
}

function columnNames(firstCells, hasHeader) {
  if (hasHeader) return firstCells;
  return firstCells.map((_, columnIndex) => `column_${columnIndex + 1}`);
}

/**
 * Reads a table. Without a header the columns are called column_1, column_2 and so on. Missing
 * cells are empty, those too many are left out.
 */
export function parseRows(text, { hasHeader = true, separator = DEFAULT_SEPARATOR } = {}) {
  const allCells = toLines(text).map((line) => line.split(separator));
  if (allCells.length === 0) return [];
  const names = columnNames(allCells[0], hasHeader);
  const bodyCells = hasHeader ? allCells.slice(1) : allCells;
  return bodyCells.map((rowCells) => {
    const row = {};
    names.forEach((columnName, columnIndex) => {
      row[columnName] = rowCells[columnIndex] ?? "";
    });
    return row;
  });
}

/** Writes rows as a table with a header. */
export function formatRows(rows, { separator = DEFAULT_SEPARATOR } = {}) {
  if (rows.length === 0) return "";
  const headerCells = Object.keys(rows[0]);
  const textLines = rows.map((row) => headerCells.map((name) => row[name]).join(separator));
  return fromLines([headerCells.join(separator), ...textLines]);
}

/** A sorted copy: numbers by size if both cells are numbers, else texts by their characters. */
export function sortRows(rows, { column, isDescending = false }) {
  const sign = isDescending ? -1 : 1;
  return [...rows].sort((leftRow, rightRow) => {
    return sign * compareCells(leftRow[column], rightRow[column]);
  });
}

/** The rows that have this text in the column. */
export function filterRows(rows, { column, wanted }) {
  return rows.filter((row) => row[column] === wanted);
}

/** The rows with these columns alone, in this order. */
export function pickColumns(rows, { columns }) {
  return rows.map((row) => Object.fromEntries(columns.map((name) => [name, row[name] ?? ""])));
}

/** What is in a column: how many cells, how many different ones, the first and the last. */
export function sumUpColumn(rows, column) {
  const allCells = rows.map((row) => row[column] ?? "");
  return {
    row_count: allCells.length,
    distinct_count: new Set(allCells).size,
    first_seen: allCells[0] ?? null,
    last_seen: allCells[allCells.length - 1] ?? null,
  };
}
