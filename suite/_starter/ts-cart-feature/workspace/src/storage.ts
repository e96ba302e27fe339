import { Cart } from "./cart";
import type { Catalogue } from "./catalogue";
import { CartError } from "./errors";

/** The cart as JSON: {"version":1,"lines":[["id",count],...]}. */
export function saveCart(cart: Cart): string {
  const lines = cart.lines.map(({ article, count }) => [article.id, count]);
  return JSON.stringify({ version: 1, lines });
}

/**
 * Reads what saveCart wrote, a while ago perhaps: articles that the catalogue no longer has are
 * left out. A CartError "bad-data" for anything else.
 */
export function loadCart(text: string, catalogue: Catalogue): Cart {
  const cart = new Cart(catalogue);
  for (const line of readLines(text)) {
    if (!Array.isArray(line)) throw new CartError("bad-data", "a line is no list");
    try {
      cart.add(line[0], line[1]);
    } catch (error) {
      if (!(error instanceof CartError)) throw error;
      if (error.code !== "unknown-article") throw new CartError("bad-data", error.message);
    }
  }
  return cart;
}

function readLines(text: string): unknown[] {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new CartError("bad-data", "not JSON");
  }
  const { version, lines } = (data ?? {}) as { version?: unknown; lines?: unknown };
  if (version !== 1 || !Array.isArray(lines)) throw new CartError("bad-data", "not a cart");
  return lines;
}
