/** What a customer can do wrong. */
export type CartCode = "unknown-article" | "bad-count" | "bad-data";

export class CartError extends Error {
  readonly code: CartCode;

  constructor(code: CartCode, message: string) {
    super(message);
    this.name = "CartError";
    this.code = code;
  }
}
