/** What can be wrong. */
export type CartCode =
  | "unknown-article"
  | "bad-count"
  | "bad-data"
  | "unknown-voucher"
  | "bad-voucher";

export class CartError extends Error {
  readonly code: CartCode;

  constructor(code: CartCode, message: string) {
    super(message);
    this.name = "CartError";
    this.code = code;
  }
}
