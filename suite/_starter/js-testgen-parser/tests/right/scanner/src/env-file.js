/** Thrown for a settings file that breaks the rules. */
export class EnvError extends Error {
  constructor(what, line) {
    super(what);
    this.line = line;
  }

  get name() {
    return "EnvError";
  }
}

class Scanner {
  constructor(text, line) {
    this.text = text;
    this.line = line;
    this.at = 0;
  }

  get char() {
    return this.text.charAt(this.at);
  }

  fail(what) {
    throw new EnvError(`${what} in column ${this.at + 1}`, this.line);
  }

  take(pattern) {
    let taken = "";
    while (this.char !== "" && pattern.test(this.char)) {
      taken += this.char;
      this.at += 1;
    }
    return taken;
  }

  setting() {
    this.take(/\s/);
    if (this.char === "" || this.char === "#") return null;
    let name = this.take(/\w/);
    if (name === "export" && this.take(/\s/) !== "" && this.char !== "=") name = this.take(/\w/);
    if (name === "" || /^\d/.test(name)) this.fail("no name");
    this.take(/\s/);
    if (this.char !== "=") this.fail("no equals sign");
    this.at += 1;
    this.take(/\s/);
    if (this.char === "'" || this.char === '"') return [name, this.quoted(this.char)];
    return [name, this.bare()];
  }

  quoted(quote) {
    let value = "";
    for (this.at += 1; this.char !== quote; this.at += 1) {
      if (this.char === "") this.fail("open quote");
      if (quote === '"' && this.char === "\\") value += this.escape();
      else value += this.char;
    }
    this.at += 1;
    this.take(/\s/);
    if (this.char !== "" && this.char !== "#") this.fail("text after the quote");
    return value;
  }

  escape() {
    this.at += 1;
    const index = 'nt"\\'.indexOf(this.char);
    if (index < 0 || this.char === "") this.fail("escape");
    return '\n\t"\\'[index];
  }

  bare() {
    let value = "";
    while (this.char !== "" && !(this.char === "#" && /^$|\s$/.test(value))) {
      value += this.char;
      this.at += 1;
    }
    return value.trimEnd();
  }
}

/** Reads a settings file (see README) and returns a Map of names and values. */
export function parseEnv(text) {
  const settings = new Map();
  let number = 0;
  for (const line of text.split(/\r?\n/)) {
    number += 1;
    const setting = new Scanner(line, number).setting();
    if (setting !== null) settings.set(...setting);
  }
  return settings;
}
