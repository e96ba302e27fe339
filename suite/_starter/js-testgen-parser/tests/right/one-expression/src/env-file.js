/** A settings file that cannot be read. */
export class EnvError extends Error {
  name = "EnvError";

  constructor(line) {
    super(`settings, line ${line}: not a setting`);
    this.line = line;
  }
}

const LINE = new RegExp(
  [
    /^\s*(?:export\s+)?([a-z_]\w*)\s*=\s*/, // name
    /(?:'([^']*)'\s*(?:#.*)?|"((?:[^"\\]|\\[nt"\\])*)"\s*(?:#.*)?|(?!['"])(.*))$/, // value
  ]
    .map((part) => part.source)
    .join(""),
  "i",
);

const PLAIN = { "\\n": "\n", "\\t": "\t", '\\"': '"', "\\\\": "\\" };

/** Reads a settings file (see README) and returns a Map of names and values. */
export function parseEnv(text) {
  const pairs = text.split("\n").flatMap((line, index) => {
    if (/^\s*(#|$)/.test(line)) return [];
    const found = LINE.exec(line.replace(/\r$/, ""));
    if (found === null) throw new EnvError(index + 1);
    const [, name, single, double, bare] = found;
    if (single !== undefined) return [[name, single]];
    if (double !== undefined) return [[name, double.replace(/\\./g, (two) => PLAIN[two])]];
    return [[name, ` ${bare}`.replace(/\s#.*/, "").trim()]];
  });
  return new Map(pairs);
}
