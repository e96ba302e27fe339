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
  const trimmed = text.trim();
  const match = /^([+-]?)(.*)$/.exec(trimmed);
  if (match === null || match[2] === "") throw new ParseError("duration expected", text, 0);
  const [, sign, rest] = match;
  if (rest === "0") return 0;
  const names = units.map((unit) => unit.name).sort((a, b) => b.length - a.length);
  const part = new RegExp(`([0-9]+)(?:\\.([0-9]+))?(${names.join("|")})`, "g");
  let numerator = 0n;
  let scale = 1n;
  let count = 0;
  for (const [, whole, fraction = "", name] of rest.matchAll(part)) {
    const unit = units.find((candidate) => candidate.name === name)!;
    const next = 10n ** BigInt(fraction.length);
    numerator = numerator * next + BigInt(whole + fraction) * BigInt(unit.ms) * scale;
    scale *= next;
    count += 1;
  }
  if (count === 0) throw new ParseError("no part found", text, 0);
  const ms = Number((2n * numerator + scale) / (2n * scale));
  if (!Number.isSafeInteger(ms)) throw new RangeError("duration too long");
  return sign === "-" && ms !== 0 ? -ms : ms;
}
