import { fromLines, toLines } from "./text-file.js";

const DEFAULT_SEPARATOR = ",";

function is_number(cell) {
	return cell.trim() !== "" && !Number.isNaN(Number(cell));
}

function compare_cells(left_cell, right_cell) {
	if (is_number(left_cell) && is_number(right_cell)) return Number(left_cell) - Number(right_cell);
	if (left_cell === right_cell) return 0;
	return left_cell < right_cell ? -1 : 1;
}

function column_names(first_cells, has_header) {
	if (has_header) return first_cells;
	return first_cells.map((_, column_index) => `column_${column_index + 1}`);
}

// Reads a table. Without a header the columns are called column_1, column_2 and so on. Missing
// cells are empty, those too many are left out.
function parse_rows(text, { has_header = true, separator = DEFAULT_SEPARATOR } = {}) {
	const all_cells = toLines(text).map((line) => line.split(separator));
	if (all_cells.length === 0) return [];
	const names = column_names(all_cells[0], has_header);
	const body_cells = has_header ? all_cells.slice(1) : all_cells;
	return body_cells.map((row_cells) => {
		const row = {};
		names.forEach((column_name, column_index) => {
			row[column_name] = row_cells[column_index] ?? "";
		});
		return row;
	});
}

// Writes rows as a table with a header.
function format_rows(rows, { separator = DEFAULT_SEPARATOR } = {}) {
	if (rows.length === 0) return "";
	const header_cells = Object.keys(rows[0]);
	const text_lines = rows.map((row) => header_cells.map((name) => row[name]).join(separator));
	return fromLines([header_cells.join(separator), ...text_lines]);
}

// A sorted copy: numbers by size if both cells are numbers, else texts by their characters.
function sort_rows(rows, { column, is_descending = false }) {
	const sign = is_descending ? -1 : 1;
	return [...rows].sort((left_row, right_row) => {
		return sign * compare_cells(left_row[column], right_row[column]);
	});
}

// The rows that have this text in the column.
function filter_rows(rows, { column, wanted }) {
	return rows.filter((row) => row[column] === wanted);
}

// The rows with these columns alone, in this order.
function pick_columns(rows, { columns }) {
	return rows.map((row) => Object.fromEntries(columns.map((name) => [name, row[name] ?? ""])));
}

// What is in a column: how many cells, how many different ones, the first and the last.
function sum_up_column(rows, column) {
	const all_cells = rows.map((row) => row[column] ?? "");
	return {
		row_count: all_cells.length,
		distinct_count: new Set(all_cells).size,
		first_seen: all_cells[0] ?? null,
		last_seen: all_cells[all_cells.length - 1] ?? null,
	};
}

export { filter_rows, format_rows, parse_rows, pick_columns, sort_rows, sum_up_column };
