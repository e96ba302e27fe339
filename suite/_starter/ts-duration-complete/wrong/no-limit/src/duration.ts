import { ParseError } from "./parse-error";
import { units } from "./units";

/**
 * Writes whole milliseconds as units from the largest to the smallest, those that are zero left
 * out: 5400000 is "1h 30m", -1500 is "-1s 500ms", 0 is "0s". Throws a RangeError unless ms is a
 * safe integer.
 */
export function formatDuration(ms: number): string {
  if (!Number.isSafeInteger(ms)) throw new RangeError(`not whole milliseconds: ${ms}`);
  const parts: string[] = [];
  let rest = Math.abs(ms);
  for (const unit of units) {
    const count = Math.floor(rest / unit.ms);
    rest -= count * unit.ms;
    if (count > 0) parts.push(`${count}${unit.name}`);
  }
  if (parts.length === 0) return "0s";
  return (ms < 0 ? "-" : "") + parts.join(" ");
}

/**
 * Reads a duration and returns it in whole milliseconds.
 *
 *     duration = [ "+" | "-" ] ( "0" | part { blank part } )
 *     part     = digit { digit } [ "." digit { digit } ] unit
 *     unit     = a name of `units`
 *     blank    = { space | tab }
 *
 * - Spaces and tabs around the whole are allowed, and between parts; nowhere else. Parts may also
 *   stand side by side: "1h30m".
 * - The sign counts for the whole: "-1h 30m" is minus ninety minutes.
 * - Each unit occurs at most once, larger ones before smaller ones.
 * - Only the last part may have a fraction. It is read as the decimal number that is written and
 *   rounded to the nearest millisecond, halves away from zero: "1.0005s" is 1001, "-1.0005s" is
 *   -1001, "0.4ms" is 0. Zero is 0, never -0.
 * - "0" needs no unit.
 *
 * Throws a ParseError for anything else. Its offset is the index of the first character that
 * cannot stand where it stands:
 * - where a unit is missing, unknown, repeated or larger than one before it: where the unit
 *   begins or should begin ("90" gives 2, "1h 5x" gives 4, "5m 1h" gives 4). A unit's name is
 *   all letters in a row: "5min" has the unknown unit "min";
 * - where a part follows a fraction: where that part begins ("1.5h 30m" gives 5);
 * - where the text ends too early: its length ("" gives 0, "1." gives 2).
 *
 * Throws a RangeError if the result, rounded, is no safe integer.
 */
export function parseDuration(text: string): number {
  const end = text.length - (/[ \t]*$/.exec(text)?.[0].length ?? 0);
  let at = skip(text, 0, /[ \t]/);
  const negative = text[at] === "-";
  if (negative || text[at] === "+") at += 1;
  if (text[at] === "0" && at + 1 === end) return 0;

  let total = 0n; // in parts of 1 / scale ms
  let scale = 1n;
  let nextUnit = 0;
  do {
    if (scale > 1n) throw new ParseError("nothing may follow a fraction", text, at);
    const whole = digits(text, at);
    at += whole.length;
    let fraction = "";
    if (text[at] === ".") {
      fraction = digits(text, at + 1);
      at += 1 + fraction.length;
    }
    const name = text.slice(at, skip(text, at, /\p{L}/u));
    const index = units.findIndex((unit) => unit.name === name);
    if (index < nextUnit) {
      const what = index < 0 ? "unit expected" : "units must be in order, each once";
      throw new ParseError(what, text, at);
    }
    scale = 10n ** BigInt(fraction.length);
    total = total * scale + BigInt(whole + fraction) * BigInt(units[index].ms);
    nextUnit = index + 1;
    at = skip(text, at + name.length, /[ \t]/);
  } while (at < text.length);

  const ms = Number((2n * total + scale) / (2n * scale));
  return negative && ms !== 0 ? -ms : ms;
}

/** The index of the first character from `at` on that is not of the class. */
function skip(text: string, at: number, characters: RegExp): number {
  while (at < text.length && characters.test(text[at])) at += 1;
  return at;
}

/** The digits at `at`, at least one. */
function digits(text: string, at: number): string {
  const end = skip(text, at, /[0-9]/);
  if (end === at) throw new ParseError("digit expected", text, at);
  return text.slice(at, end);
}
