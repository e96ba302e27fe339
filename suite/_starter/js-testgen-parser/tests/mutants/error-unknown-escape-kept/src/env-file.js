const ESCAPES = new Map([["n", "\n"], ["t", "\t"], ['"', '"'], ["\\", "\\"]]);

/** A settings file that cannot be read. */
export class EnvError extends Error {
  constructor(message, line) {
    super(`line ${line}: ${message}`);
    this.name = "EnvError";
    this.line = line;
  }
}

/** Reads a settings file (see README) and returns a Map of names and values. */
export function parseEnv(text) {
  const settings = new Map();
  text.split(/\r?\n/).forEach((line, index) => {
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#")) return;
    const [name, value] = parseLine(trimmed, index + 1);
    settings.set(name, value);
  });
  return settings;
}

function parseLine(line, number) {
  const equals = line.indexOf("=");
  if (equals < 0) throw new EnvError('"=" is missing', number);
  const name = line.slice(0, equals).trim().replace(/^export\s+/, "");
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new EnvError(`bad name ${name}`, number);
  return [name, parseValue(line.slice(equals + 1).trim(), number)];
}

function parseValue(text, number) {
  if (text[0] === "'") return parseSingle(text, number);
  if (text[0] === '"') return parseDouble(text, number);
  return text.replace(/(^|\s+)#.*$/, "");
}

function parseSingle(text, number) {
  const end = text.indexOf("'", 1);
  if (end < 0) throw new EnvError("a quote is not closed", number);
  checkRest(text.slice(end + 1), number);
  return text.slice(1, end);
}

function parseDouble(text, number) {
  let value = "";
  for (let at = 1; at < text.length; at += 1) {
    if (text[at] === '"') {
      checkRest(text.slice(at + 1), number);
      return value;
    }
    if (text[at] === "\\") {
      at += 1;
      value += ESCAPES.get(text[at]) ?? `\\${text[at]}`;
    } else {
      value += text[at];
    }
  }
  throw new EnvError("a quote is not closed", number);
}

function checkRest(rest, number) {
  if (!/^\s*(#.*)?$/.test(rest)) throw new EnvError("something follows the value", number);
}
