import { Cart } from "./cart";
import type { Catalogue } from "./catalogue";
import { type CartCode, CartError } from "./errors";
import type { VoucherBook } from "./vouchers";

/**
 * The cart as JSON: {"version":1,"lines":[["id",count],...]}, and with a voucher
 * {"version":2,"lines":[...],"voucher":"CODE"}.
 */
export function saveCart(cart: Cart): string {
  const lines = cart.lines.map(({ article, count }) => [article.id, count]);
  const voucher = cart.voucher?.code;
  if (voucher === undefined) return JSON.stringify({ version: 1, lines });
  return JSON.stringify({ version: 2, lines, voucher });
}

/**
 * Reads what saveCart wrote, a while ago perhaps: articles and vouchers that the shop no longer
 * has are left out. A CartError "bad-data" for anything else.
 */
export function loadCart(text: string, catalogue: Catalogue, vouchers?: VoucherBook): Cart {
  const cart = new Cart(catalogue, vouchers);
  const { lines, voucher } = read(text);
  for (const line of lines) {
    if (!Array.isArray(line)) throw new CartError("bad-data", "a line is no list");
    unlessGone("unknown-article", () => cart.add(line[0], line[1]));
  }
  if (voucher !== undefined && vouchers?.has(voucher)) cart.applyVoucher(voucher);
  return cart;
}

function unlessGone(gone: CartCode, step: () => void): void {
  try {
    step();
  } catch (error) {
    if (!(error instanceof CartError)) throw error;
    if (error.code !== gone) throw new CartError("bad-data", error.message);
  }
}

function read(text: string): { lines: unknown[]; voucher?: string } {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new CartError("bad-data", "not JSON");
  }
  const { version, lines, voucher } = (data ?? {}) as Record<string, unknown>;
  if (!Array.isArray(lines)) throw new CartError("bad-data", "not a cart");
  if (version === 1) return { lines };
  if (version === 2 && typeof voucher === "string") return { lines, voucher };
  throw new CartError("bad-data", "not a cart");
}
