import { escapeHtml } from "./escape.js";
import { safeUrl } from "./url.js";

const tag = /\{\{#([\w.]+)\}\}([\s\S]*?)\{\{\/\1\}\}|\{\{([\w.]+)(?:\|(\w+))?\}\}/g;
const filters = new Map([["url", safeUrl]]);

/** A template that cannot be rendered. */
export class TemplateError extends Error {
  constructor(message) {
    super(message);
    this.name = "TemplateError";
  }
}

/**
 * Fills a template (see README). Throws a TemplateError for an unknown filter and for a section
 * whose value is there but no array.
 */
export function render(template, data) {
  // One pass: what has been filled in is not looked at again.
  return template.replace(tag, (_, list, body, path, filter) =>
    list === undefined ? renderField(path, filter, data) : renderSection(list, body, data),
  );
}

function renderSection(path, body, data) {
  const items = lookUp(data, path) ?? [];
  if (!Array.isArray(items)) throw new TemplateError(`${path} is no list`);
  return items.map((item) => render(body, { ...data, item })).join("");
}

function renderField(path, filter, data) {
  const value = lookUp(data, path);
  if (filter === undefined) return escapeHtml(value);
  if (!filters.has(filter)) throw new TemplateError(`no filter ${filter}`);
  return escapeHtml(filters.get(filter)(value));
}

function lookUp(data, path) {
  return path.split(".").reduce(
    (value, key) => (value != null && Object.hasOwn(value, key) ? value[key] : undefined),
    data,
  );
}
