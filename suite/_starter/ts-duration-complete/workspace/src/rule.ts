import { parseDuration } from "./duration";
import { ParseError } from "./parse-error";

/** Copies are kept for `keep` milliseconds, one for every `every` milliseconds. */
export interface Rule {
  readonly keep: number;
  readonly every: number;
}

/**
 * Reads one line of a rules file: "keep 2w every 1d". Throws a ParseError for anything else, its
 * offset counted from the start of the line.
 */
export function parseRule(line: string): Rule {
  const found = /^keep\b(.*)\bevery\b(.*)$/d.exec(line);
  if (found === null) throw new ParseError('"keep ... every ..." expected', line, 0);
  const [keep, every] = [1, 2].map((group) => {
    const [from] = found.indices![group]!;
    try {
      return parseDuration(found[group]);
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      throw new ParseError("bad duration", line, from + error.offset);
    }
  });
  if (every <= 0 || keep < every) throw new ParseError("nothing would be kept", line, 0);
  return { keep, every };
}
