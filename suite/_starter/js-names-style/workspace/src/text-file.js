/** The lines of a text, without their ends. Empty lines are left out. */
export function toLines(text) {
  return text.split(/\r?\n/).filter((line) => line !== "");
}

/** A text of these lines, each with its end. */
export function fromLines(lines) {
  return lines.map((line) => `${line}\n`).join("");
}
