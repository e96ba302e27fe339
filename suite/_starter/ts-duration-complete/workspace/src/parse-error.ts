/** A text that cannot be read, and where it goes wrong. */
export class ParseError extends Error {
  /** The text that was read. */
  readonly text: string;
  /** Index in text of the first character that cannot stand there; text.length for its end. */
  readonly offset: number;

  constructor(what: string, text: string, offset: number) {
    super(`${what} at ${offset} in ${JSON.stringify(text)}`);
    this.name = "ParseError";
    this.text = text;
    this.offset = offset;
  }
}
